"""What a node says about its load, and the penalty that Lavalink.py computes from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["Penalty", "Stats"]


class Stats:
    """The last statistics of a node. `is_fake` is True until the node has sent some; then every figure is 0.

    Memory in bytes, `uptime` in ms, the two loads from 0 to 1. Missing keys count as 0.
    """

    __slots__ = (
        "_node",
        "cpu_cores",
        "frames_deficit",
        "frames_nulled",
        "frames_sent",
        "is_fake",
        "lavalink_load",
        "memory_allocated",
        "memory_free",
        "memory_reservable",
        "memory_used",
        "penalty",
        "players",
        "playing_players",
        "system_load",
        "uptime",
    )

    def __init__(self, node: Node, data: Mapping[str, Any]) -> None:
        memory: Mapping[str, Any] = data.get("memory") or {}
        cpu: Mapping[str, Any] = data.get("cpu") or {}
        frames: Mapping[str, Any] = data.get("frameStats") or {}
        self._node = node
        self.is_fake: bool = bool(data.get("isFake", False))
        self.uptime: int = data.get("uptime") or 0
        self.players: int = data.get("players") or 0
        self.playing_players: int = data.get("playingPlayers") or 0
        self.memory_free: int = memory.get("free") or 0
        self.memory_used: int = memory.get("used") or 0
        self.memory_allocated: int = memory.get("allocated") or 0
        self.memory_reservable: int = memory.get("reservable") or 0
        self.cpu_cores: int = cpu.get("cores") or 0
        self.system_load: float = cpu.get("systemLoad") or 0.0
        self.lavalink_load: float = cpu.get("lavalinkLoad") or 0.0
        self.frames_sent: int = frames.get("sent") or 0
        self.frames_nulled: int = frames.get("nulled") or 0
        self.frames_deficit: int = frames.get("deficit") or 0
        self.penalty = Penalty(self)

    @classmethod
    def empty(cls, node: Node) -> Stats:
        """The statistics of a node that has not sent any."""
        return cls(node, {"isFake": True})

    def __repr__(self) -> str:
        shown = f"playing={self.playing_players}/{self.players} penalty={self.penalty.total:.1f}"
        return f"<Stats {shown} fake={self.is_fake}>"


class Penalty:
    """Lavalink.py's penalty of a node's statistics: one point a playing player, more for load and for lost frames.

    The numbers are Lavalink.py's (clients.md 1.3), except that lost frames never count less than nothing.
    """

    __slots__ = ("cpu_penalty", "deficit_frame_penalty", "null_frame_penalty", "player_penalty", "total")

    def __init__(self, stats: Stats) -> None:
        self.player_penalty: int = stats.playing_players
        self.cpu_penalty: float = 1.05 ** (100 * stats.system_load) * 10 - 10
        self.null_frame_penalty: float = 2 * _frame_penalty(stats.frames_nulled, 300)
        self.deficit_frame_penalty: float = _frame_penalty(stats.frames_deficit, 600)
        self.total: float = (
            self.player_penalty + self.cpu_penalty + self.null_frame_penalty + self.deficit_frame_penalty
        )


def _frame_penalty(frames: int, weight: int) -> float:
    # 3000 frames are a minute of sound; a node reports once a minute. More than all of them cannot be lost.
    lost = min(max(frames, 0), 3000)
    return 1.03 ** (500 * lost / 3000) * weight - weight
