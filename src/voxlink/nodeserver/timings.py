"""The node's own clockwork: how often it says something without being asked."""

from __future__ import annotations

from typing import NamedTuple


class Timings(NamedTuple):
    """Seconds. The defaults are Lavalink's where Lavalink has them (server.md 2.4; it never pings)."""

    stats_every_s: float = 60.0
    ping_every_s: float = 20.0
    dead_after_s: float = 60.0
    """A client that has sent nothing for this long, not even a pong, has lost its connection."""
    body_within_s: float = 30.0
    """How long a request's body may take to arrive."""
