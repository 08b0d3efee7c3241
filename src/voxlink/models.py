"""Lavalink.py's path of the models, as releases before 5 called it."""

from voxlink.client import BasePlayer, DeferredAudioTrack, Filter, Source
from voxlink.protocol import (
    AudioTrack,
    EndReason,
    LoadResult,
    LoadResultError,
    LoadType,
    PlaylistInfo,
    Plugin,
    Severity,
)

__all__ = [
    "AudioTrack", "BasePlayer", "DeferredAudioTrack", "EndReason", "Filter", "LoadResult", "LoadResultError",
    "LoadType", "PlaylistInfo", "Plugin", "Severity", "Source",
]  # fmt: skip
