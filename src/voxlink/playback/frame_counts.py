"""Frames sent and missed per minute and player, and what Lavalink's `frameStats` makes of them (server.md 2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from voxlink.protocol import FrameStats

FRAMES_PER_MINUTE = 3000
BUCKET_S = 60
GAP_S = 0.1
"""A longer pause between two stretches of playing makes the minute unusable."""


class FrameMinute(NamedTuple):
    """One full minute of a player: frames handed to the sender, and slots that had none."""

    sent: int
    nulled: int


class FrameCounter:
    """Counts the frames of one player in buckets of a wall-clock minute; `now` is seconds since the epoch."""

    def __init__(self) -> None:
        self._bucket: int | None = None
        self._sent = self._nulled = 0
        self._last: FrameMinute | None = None
        self._last_bucket = 0
        self._playing_since: float | None = None
        self._stopped_at: float | None = None

    def started(self, now: float) -> None:
        """The player began to play, or went on."""
        if self._playing_since is None or (self._stopped_at is not None and now - self._stopped_at > GAP_S):
            self._playing_since = now
        self._stopped_at = None

    def stopped(self, now: float) -> None:
        """The player was paused, or its track ended."""
        if self._stopped_at is None:
            self._stopped_at = now

    def count(self, now: float, *, sent: int = 0, nulled: int = 0) -> None:
        """Add frames; the first count in a new minute closes the one before."""
        bucket = int(now // BUCKET_S)
        if bucket != self._bucket:
            if self._bucket is not None:
                self._last, self._last_bucket = FrameMinute(self._sent, self._nulled), self._bucket
            self._bucket = bucket
            self._sent = self._nulled = 0
        self._sent += sent
        self._nulled += nulled

    def last_minute(self, now: float) -> FrameMinute | None:
        """The last full minute, or None unless the player played without interruption since before it began."""
        since, last = self._playing_since, self._last
        if since is None or last is None or self._stopped_at is not None:
            return None
        minute = int(now // BUCKET_S) - 1
        return last if self._last_bucket == minute and since <= minute * BUCKET_S else None


def frame_stats(players: Iterable[FrameMinute | None]) -> FrameStats | None:
    """Average over the usable players (those that are not None); None when there is none. `deficit` may be negative."""
    usable = [counts for counts in players if counts is not None]
    if not usable:
        return None
    sent = sum(counts.sent for counts in usable)
    nulled = sum(counts.nulled for counts in usable)
    return FrameStats(
        sent=sent // len(usable),
        nulled=nulled // len(usable),
        deficit=(len(usable) * FRAMES_PER_MINUTE - sent - nulled) // len(usable),
    )
