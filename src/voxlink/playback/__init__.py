"""A player: from an identifier to frames on a voice connection, with its state and events as protocol values."""

from __future__ import annotations

from voxlink.playback.change import check_change
from voxlink.playback.ears import Ears
from voxlink.playback.engine import Engine, EngineConfig, PlayerHandle
from voxlink.playback.frame_counts import FrameMinute, frame_stats
from voxlink.playback.hearing import HeardPcm
from voxlink.playback.local import LocalEngine
from voxlink.playback.remote.engine import RemoteEngine

__all__ = [
    "Ears",
    "Engine",
    "EngineConfig",
    "FrameMinute",
    "HeardPcm",
    "LocalEngine",
    "PlayerHandle",
    "RemoteEngine",
    "check_change",
    "frame_stats",
]
