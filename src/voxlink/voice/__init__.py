"""Discord voice: Opus frames go in, encrypted packets leave on the 20 ms grid, whatever else the process does."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from voxlink._util.extras import explained

if TYPE_CHECKING:
    from voxlink.voice.connection import VoiceConnection
    from voxlink.voice.events import (
        VoiceConnected,
        VoiceDisconnected,
        VoiceEvent,
        VoiceReconnecting,
        VoiceResumed,
        VoiceServerNeeded,
    )
    from voxlink.voice.login import VoiceLogin
    from voxlink.voice.rtp import SILENCE_FRAME
    from voxlink.voice.stream import FrameCounts, FrameStream, ReplaceResult, StreamReport
    from voxlink.voice.transmitter.handle import Transmitter, TransmitterStats

_HOMES: dict[str, str] = {
    "FrameCounts": "stream",
    "FrameStream": "stream",
    "ReplaceResult": "stream",
    "SILENCE_FRAME": "rtp",
    "StreamReport": "stream",
    "Transmitter": "transmitter.handle",
    "TransmitterStats": "transmitter.handle",
    "VoiceConnected": "events",
    "VoiceConnection": "connection",
    "VoiceDisconnected": "events",
    "VoiceEvent": "events",
    "VoiceLogin": "login",
    "VoiceReconnecting": "events",
    "VoiceResumed": "events",
    "VoiceServerNeeded": "events",
}
"""Each public name and its file. Lazy, so that the transmitter's process loads neither asyncio nor aiohttp."""

__all__ = [
    "SILENCE_FRAME",
    "FrameCounts",
    "FrameStream",
    "ReplaceResult",
    "StreamReport",
    "Transmitter",
    "TransmitterStats",
    "VoiceConnected",
    "VoiceConnection",
    "VoiceDisconnected",
    "VoiceEvent",
    "VoiceLogin",
    "VoiceReconnecting",
    "VoiceResumed",
    "VoiceServerNeeded",
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
