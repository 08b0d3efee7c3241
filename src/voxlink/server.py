"""Lavalink.py's path of what a node answers."""

from voxlink.protocol import (  # isort: skip
    AudioTrack, EndReason, LoadResult, LoadResultError, LoadType, PlaylistInfo, Plugin, RawCpu, RawFailingAddress,
    RawGit, RawInfo, RawIpBlock, RawMemory, RawPlayer, RawPlayerState, RawPlayerVoiceState, RawPlugin,
    RawRouteplanner, RawRouteplannerDetails, RawSession, RawStats, RawTrack, RawTrackInfo, RawVersion, Severity,
)  # fmt: skip

__all__ = [
    "AudioTrack", "EndReason", "LoadResult", "LoadResultError", "LoadType", "PlaylistInfo", "Plugin", "RawCpu",
    "RawFailingAddress", "RawGit", "RawInfo", "RawIpBlock", "RawMemory", "RawPlayer", "RawPlayerState",
    "RawPlayerVoiceState", "RawPlugin", "RawRouteplanner", "RawRouteplannerDetails", "RawSession", "RawStats",
    "RawTrack", "RawTrackInfo", "RawVersion", "Severity",
]  # fmt: skip
