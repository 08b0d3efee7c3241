"""The node's stats: players of all connected sessions, load, and a session's frames (server.md 2.4)."""

from __future__ import annotations

from collections.abc import Iterable

from voxlink.nodeserver.load import Machine
from voxlink.nodeserver.sessions import Session
from voxlink.playback import frame_stats
from voxlink.protocol import FrameStats, ServerStats, StatsMessage


def server_stats(sessions: Iterable[Session], machine: Machine, *, frame_stats: FrameStats | None) -> ServerStats:
    """Count and measure. Sessions whose client is away do not count; a player plays with a track, un-paused."""
    players = [player.snapshot() for session in sessions if session.link is not None for player in session.players]
    return ServerStats(
        frame_stats=frame_stats,
        players=len(players),
        playing_players=sum(player.track is not None and not player.paused for player in players),
        uptime=machine.uptime_ms(),
        memory=machine.memory(),
        cpu=machine.cpu(),
    )


def stats_message(sessions: Iterable[Session], session: Session, machine: Machine) -> StatsMessage:
    """Make the message for one session: the node's stats with the session's own frames."""
    frames = frame_stats(player.frame_counts for player in session.players)
    stats = server_stats(sessions, machine, frame_stats=frames)
    return StatsMessage(**{name: getattr(stats, name) for name in ServerStats.__struct_fields__})
