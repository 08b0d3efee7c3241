"""One connection of ours between a recorded handshake and whatever a case does to it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Protocol

from fuzz.voice.recording import Recording, load
from fuzz.voice.still import NoTransmitter, StillLoop, Watch, Wire
from voxlink.voice.connection import VoiceConnection
from voxlink.voice.dave import Dave
from voxlink.voice.encryption import AES256_GCM, PacketCipher, cipher_for
from voxlink.voice.events import VoiceEvent
from voxlink.voice.gateway_effect import Effect
from voxlink.voice.gateway_message import Numbered
from voxlink.voice.gateway_state import State
from voxlink.voice.login import VoiceLogin
from voxlink.voice.rtp import SILENCE_FRAME
from voxlink.voice.session import Session
from voxlink.voice.stream import FrameStream

US, THEM, THIRD, CHANNEL = 1, 2, 3, 777
LOGIN = VoiceLogin(1, US, CHANNEL, "session", "token", "127.0.0.1:1")
OURS = b"\xfcours"
DAVE_MARKER = b"\xfa\xfa"
QUEUED = 50
"""A second of sound: more than a commit waits for."""
STEPS = 12
"""After so many answers in a row a connection is left alone."""


@cache
def recordings() -> list[Recording]:
    """The recorded sessions, read once."""
    return load()


class Handshake:
    """The start of a recorded session."""

    def __init__(self, recording: Recording, *, dave_version: int, mode: str = AES256_GCM) -> None:
        (self.hello, *_), (ready, *_), (description, *_) = (recording.texts(op) for op in (8, 2, 4))
        self.discovery = recording.datagrams[0]
        self.ready = _with(ready, modes=[mode])
        self.description = _with(description, mode=mode, dave_protocol_version=dave_version)
        self.ssrc = int(json.loads(ready)["d"]["ssrc"])
        self.mode = mode
        self.key = bytes(json.loads(description)["d"]["secret_key"])

    def cipher(self) -> PacketCipher:
        return cipher_for(self.mode, self.key)


def _with(text: bytes, **fields: Any) -> bytes:
    message = json.loads(text)
    message["d"].update(fields)
    return json.dumps(message).encode()


def _read(event: VoiceEvent) -> None:
    """The owner of a connection puts its events into words."""
    str(event)


class Surroundings(Protocol):
    """What a member shares with others."""

    @property
    def loop(self) -> StillLoop: ...

    @property
    def watch(self) -> Watch: ...


class Member:
    """A real `VoiceConnection` and the few answers that keep it alive."""

    def __init__(self, world: Surroundings, handshake: Handshake, *, queued: int = QUEUED) -> None:
        self.loop, self.watch = world.loop, world.watch
        self.handshake = handshake
        self.wire = Wire()
        self.recoveries = 0
        """How often the end-to-end layer wanted to start over."""
        stream = FrameStream(NoTransmitter(), lambda report: None)
        stream.queue([OURS] * queued)
        self.connection = VoiceConnection(LOGIN, stream, on_event=_read)
        self.connection._link = self.wire  # type: ignore[assignment]
        self.gateway = self.connection._gateway
        self._receive = self.gateway.receive
        self.gateway.receive = self._count  # type: ignore[method-assign]
        self.connection._obey(self.gateway.connect(self.loop.now))  # `connect` waits on a loop that turns

    def join(self) -> None:
        """Follow the recorded handshake to its end, and listen."""
        self.serve()
        self.connection.datagram_received(self.handshake.discovery)
        self.text(self.handshake.description)
        self.connection.listen()

    @property
    def is_live(self) -> bool:
        return self.gateway.state is State.LIVE

    @property
    def session(self) -> Session:
        session = self.connection._session
        assert session is not None
        return session

    @property
    def dave(self) -> Dave:
        return self.session.dave

    def keep_the_group(self) -> None:
        """Let failures of davey leave the group alive: a new one would be all that later cases meet."""
        self.dave._recover = self._do_not_recover  # type: ignore[method-assign]

    def next_seq(self) -> int:
        return (self.gateway.seq_ack + 1) & 0xFFFF

    def look(self) -> None:
        """Ask what an owner may ask at any time; and above version 0 nothing but silence leaves unencrypted."""
        connection = self.connection
        (leaves,) = self.dave.encrypt([OURS])
        assert leaves == SILENCE_FRAME or (leaves.endswith(DAVE_MARKER) if self.dave.version else leaves == OURS)
        str((connection, connection.stats(), connection.users, connection.privacy_code))
        self.dave.fingerprints(THEM)

    def text(self, text: bytes) -> None:
        """Hand over a text frame; like aiohttp, only what is UTF-8."""
        self.connection.text_received(text.decode(errors="replace"))

    def binary(self, op: int, body: bytes) -> None:
        self.connection.binary_received(self.next_seq().to_bytes(2, "big") + bytes((op,)) + body)

    def serve(self) -> None:
        """Open what the connection wants open, answer what it asks and do what its timer asks, while there is any."""
        for _ in range(STEPS):
            wire, timer = self.wire, self.connection._timer
            if wire.wants_socket:
                wire.wants_socket = False
                self.connection.socket_opened()
                self.text(self.handshake.hello)
            elif wire.wants_media:
                wire.wants_media = False
                self.connection.media_opened()
            elif timer is not None and not timer.cancelled() and timer.when() <= self.loop.now:
                self.connection._on_time()
            elif any(type(message) is str for message in wire.sent):
                said, wire.sent = wire.sent, []
                for message in said:
                    if isinstance(message, str):
                        self._answer(message)
                    else:
                        wire.sent.append(message)
            else:
                return

    def _answer(self, message: str) -> None:
        if message.startswith('{"op":0,'):
            self.text(self.handshake.ready)
        elif message.startswith('{"op":3,'):
            self.text(b'{"op": 6, "d": {"t": 1}}')
        elif message.startswith('{"op":7,'):
            self.text(b'{"op": 9, "d": null}')

    def _count(self, numbered: Numbered, now: float) -> list[Effect]:
        self.watch.passed += 1
        return self._receive(numbered, now)

    def _do_not_recover(self, transition_id: int) -> None:
        self.recoveries += 1
        self.dave._failures.clear()
