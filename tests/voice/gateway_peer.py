"""A scripted voice server for the gateway machine: plays the usual answers, without sockets."""

from __future__ import annotations

import json
import struct
from typing import Any, TypeVar

from voxlink.voice import gateway_message as words
from voxlink.voice.gateway import VoiceGateway
from voxlink.voice.gateway_effect import Effect, Emit, SendText
from voxlink.voice.login import VoiceLogin

LOGIN = VoiceLogin(1, 2, 3, "session", "token", "host:443")
OTHER_LOGIN = VoiceLogin(1, 2, 4, "session", "token-2", "other:443")
SSRC = 77
BOTH_MODES = ["aead_xchacha20_poly1305_rtpsize", "aead_aes256_gcm_rtpsize"]
ANSWER = struct.pack("!HHI64sH", 2, 70, SSRC, b"203.0.113.5", 4000)

T = TypeVar("T")


def of_kind(effects: list[Effect], kind: type[T]) -> list[T]:
    return [effect for effect in effects if isinstance(effect, kind)]


def events(effects: list[Effect]) -> list[Any]:
    return [effect.event for effect in of_kind(effects, Emit)]


def said(effects: list[Effect]) -> list[tuple[int, Any]]:
    """What was sent as text: opcode and payload."""
    return [(text["op"], text["d"]) for text in (json.loads(effect.text) for effect in of_kind(effects, SendText))]


def numbered(message: words.ServerMessage, seq: int | None = None) -> words.Numbered:
    return words.Numbered(message, seq)


READY = words.Ready(SSRC, "127.0.0.1", 5000, BOTH_MODES)


def description(mode: str = "aead_aes256_gcm_rtpsize", dave_version: int = 0) -> words.SessionDescription:
    return words.SessionDescription(mode, list(range(32)), dave_version)


def hello(gateway: VoiceGateway, now: float) -> list[Effect]:
    return gateway.receive(numbered(words.Hello(13_750)), now)


def join(gateway: VoiceGateway, now: float = 0.0) -> list[Effect]:
    """Take a gateway that has opened its socket to LIVE; return every effect on the way."""
    effects = gateway.opened(now)
    effects += hello(gateway, now)
    effects += gateway.receive(numbered(READY), now)
    effects += gateway.media_opened(now)
    effects += gateway.receive_datagram(ANSWER, now)
    effects += gateway.receive(numbered(description(gateway._mode)), now)
    return effects


def live_gateway(now: float = 0.0, **options: Any) -> VoiceGateway:
    gateway = VoiceGateway(LOGIN, rand=lambda: 1.0, **options)
    gateway.connect(now)
    join(gateway, now)
    return gateway
