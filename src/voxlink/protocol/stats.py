"""How a node is doing: `GET /v4/stats` and the `stats` message."""

from __future__ import annotations

from voxlink.protocol.value import Int32, Int64, Value

__all__ = ["Cpu", "FrameStats", "Memory", "ServerStats"]


class FrameStats(Value, frozen=True):
    """Frames per minute, averaged over a session's playing players; `deficit` may be negative."""

    sent: Int32
    nulled: Int32
    deficit: Int32


class Memory(Value, frozen=True):
    """Memory in bytes."""

    free: Int64
    used: Int64
    allocated: Int64
    reservable: Int64


class Cpu(Value, frozen=True):
    """Cores, and the load of the machine and of the node, 0 to 1."""

    cores: Int32
    system_load: float
    lavalink_load: float


class ServerStats(Value, frozen=True):
    """Players and load of a node; `uptime` in ms. `frame_stats` is None over REST and while nothing plays."""

    frame_stats: FrameStats | None
    players: Int32
    playing_players: Int32
    uptime: Int64
    memory: Memory
    cpu: Cpu
