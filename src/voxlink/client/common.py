"""Lavalink.py's `common`: the "not given" mark and the shapes of Discord's two voice messages."""

from __future__ import annotations

from types import EllipsisType
from typing import Any, Literal, TypedDict

__all__ = [
    "MISSING",
    "VoiceServerUpdateData",
    "VoiceServerUpdatePayload",
    "VoiceStateUpdateData",
    "VoiceStateUpdatePayload",
]

MISSING: Any = ...
"""An argument that was not given, where None has a meaning of its own."""

Missing = EllipsisType


class VoiceStateUpdateData(TypedDict):
    """The `d` of a VOICE_STATE_UPDATE, as far as it is read."""

    guild_id: str
    channel_id: str | None
    user_id: str
    session_id: str


class VoiceServerUpdateData(TypedDict):
    """The `d` of a VOICE_SERVER_UPDATE."""

    guild_id: str
    endpoint: str | None
    token: str


class VoiceStateUpdatePayload(TypedDict):
    """A VOICE_STATE_UPDATE as the gateway sends it."""

    t: Literal["VOICE_STATE_UPDATE"]
    d: VoiceStateUpdateData


class VoiceServerUpdatePayload(TypedDict):
    """A VOICE_SERVER_UPDATE as the gateway sends it."""

    t: Literal["VOICE_SERVER_UPDATE"]
    d: VoiceServerUpdateData
