"""Where a track is: the last report of the node, carried forward by the time passed. Owns no clock."""

from __future__ import annotations

__all__ = ["PositionClock"]


class PositionClock:
    """A track's position in ms. `now` is seconds of one monotonic clock, the same for every call.

    Nodes count what they have sent, whatever the timescale filter's speed (filters.md 1.6); `media_at` is the place
    in the track, by the speeds that it was played at since its start or the last seek.
    """

    __slots__ = ("_at", "_media_from_ms", "_media_ms", "_position_ms", "_running", "_speed")

    def __init__(self) -> None:
        self._position_ms = 0.0
        self._at = 0.0
        self._running = False
        self._speed = 1.0
        self._media_ms = 0.0  # the place in the track where the position was `_media_from_ms`
        self._media_from_ms = 0.0

    @property
    def speed(self) -> float:
        """How much of the track goes by in a second."""
        return self._speed

    @property
    def anchor_ms(self) -> int:
        """The position that was last reported or set."""
        return int(self._position_ms)

    @property
    def anchored_at(self) -> float:
        """When it was."""
        return self._at

    @property
    def is_running(self) -> bool:
        """Whether the position moves on."""
        return self._running

    def at(self, now: float, duration_ms: int | None = None) -> int:
        """The position at `now`, never past `duration_ms`."""
        return _within(self._exactly_at(now), duration_ms)

    def media_at(self, now: float, duration_ms: int | None = None) -> int:
        """The place in the track at `now`, never past `duration_ms`."""
        return _within(self._media_exactly_at(now), duration_ms)

    def set(self, position_ms: float, now: float, *, running: bool) -> None:
        """The track is at `position_ms` at `now`: a start, a seek."""
        self.report(position_ms, now, running=running)
        self._media_ms = self._media_from_ms = self._position_ms

    def report(self, position_ms: float, now: float, *, running: bool) -> None:
        """A node said that the position is `position_ms` at `now`."""
        self._position_ms = max(0.0, position_ms)
        self._at = now
        self._running = running

    def change_speed(self, speed: float, now: float, *, lead_ms: float | None = None) -> None:
        """From `now` on, `speed` of the track goes by in a second; with `lead_ms` its place is that far ahead of the
        position.
        """
        place = self._exactly_at(now)
        self._media_ms = self._media_exactly_at(now) if lead_ms is None else place + lead_ms
        self._media_from_ms = place
        self._speed = speed

    def pause(self, now: float) -> None:
        """Stop where it is at `now`; one that stands still has done so since `anchored_at`."""
        if self._running:
            self.report(self.at(now), now, running=False)

    def resume(self, now: float) -> None:
        """Go on from where it is."""
        self.report(self.at(now), now, running=True)

    def _exactly_at(self, now: float) -> float:
        return self._position_ms + (max(0.0, now - self._at) * 1000 if self._running else 0.0)

    def _media_exactly_at(self, now: float) -> float:
        return max(0.0, self._media_ms + (self._exactly_at(now) - self._media_from_ms) * self._speed)


def _within(position_ms: float, duration_ms: int | None) -> int:
    return int(position_ms if duration_ms is None else min(position_ms, duration_ms))
