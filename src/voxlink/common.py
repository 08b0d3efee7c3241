"""Lavalink.py's path of what its modules share."""

from voxlink.client import (
    MISSING,
    VoiceServerUpdateData,
    VoiceServerUpdatePayload,
    VoiceStateUpdateData,
    VoiceStateUpdatePayload,
)

__all__ = [
    "MISSING", "VoiceServerUpdateData", "VoiceServerUpdatePayload", "VoiceStateUpdateData",
    "VoiceStateUpdatePayload",
]  # fmt: skip
