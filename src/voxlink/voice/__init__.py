"""Discord voice: Opus frames go in, encrypted packets leave on the 20 ms grid, whatever else the process does."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from voxlink._util.extras import explained

if TYPE_CHECKING:
    from voxlink.voice.call import Playing, VoiceCall, connect
    from voxlink.voice.connection import VoiceConnection, VoiceStats
    from voxlink.voice.events import (
        DaveChanged,
        SpeakingStarted,
        SpeakingStopped,
        VoiceConnected,
        VoiceDisconnected,
        VoiceEvent,
        VoiceReconnecting,
        VoiceResumed,
        VoiceServerNeeded,
    )
    from voxlink.voice.listening import Listening
    from voxlink.voice.login import VoiceLogin
    from voxlink.voice.receiver import HeardOpus, Lost
    from voxlink.voice.rtp import SILENCE_FRAME
    from voxlink.voice.stream import FrameCounts, FrameStream, ReplaceResult, StreamReport
    from voxlink.voice.transmitter.handle import Transmitter, TransmitterStats

_HOMES: dict[str, str] = {
    "DaveChanged": "events",
    "FrameCounts": "stream",
    "FrameStream": "stream",
    "HeardOpus": "receiver",
    "Listening": "listening",
    "Lost": "receiver",
    "Playing": "call",
    "ReplaceResult": "stream",
    "SILENCE_FRAME": "rtp",
    "SpeakingStarted": "events",
    "SpeakingStopped": "events",
    "StreamReport": "stream",
    "Transmitter": "transmitter.handle",
    "TransmitterStats": "transmitter.handle",
    "VoiceCall": "call",
    "VoiceConnected": "events",
    "VoiceConnection": "connection",
    "VoiceDisconnected": "events",
    "VoiceEvent": "events",
    "VoiceLogin": "login",
    "VoiceReconnecting": "events",
    "VoiceResumed": "events",
    "VoiceServerNeeded": "events",
    "VoiceStats": "connection",
    "connect": "call",
}
"""Each public name and its file. Lazy, so that the transmitter's process loads neither asyncio nor aiohttp."""

__all__ = [
    "SILENCE_FRAME",
    "DaveChanged",
    "FrameCounts",
    "FrameStream",
    "HeardOpus",
    "Listening",
    "Lost",
    "Playing",
    "ReplaceResult",
    "SpeakingStarted",
    "SpeakingStopped",
    "StreamReport",
    "Transmitter",
    "TransmitterStats",
    "VoiceCall",
    "VoiceConnected",
    "VoiceConnection",
    "VoiceDisconnected",
    "VoiceEvent",
    "VoiceLogin",
    "VoiceReconnecting",
    "VoiceResumed",
    "VoiceServerNeeded",
    "VoiceStats",
    "connect",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    except ModuleNotFoundError as error:
        raise explained(error, f"{__name__}.{name}") from error
    globals()[name] = value
    return value
