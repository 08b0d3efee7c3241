"""Where a track is: the last report of the node, carried forward by the time passed. Owns no clock."""

from __future__ import annotations

__all__ = ["PositionClock"]


class PositionClock:
    """A track's position in ms. `now` is seconds of one monotonic clock, the same for every call."""

    __slots__ = ("_at", "_position_ms", "_running")

    def __init__(self) -> None:
        self._position_ms = 0.0
        self._at = 0.0
        self._running = False

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
        position = self._position_ms + (max(0.0, now - self._at) * 1000 if self._running else 0.0)
        return int(position if duration_ms is None else min(position, duration_ms))

    def set(self, position_ms: float, now: float, *, running: bool) -> None:
        """The position is `position_ms` at `now`: a start, a seek, a report."""
        self._position_ms = max(0.0, position_ms)
        self._at = now
        self._running = running

    def pause(self, now: float) -> None:
        """Stop where it is at `now`; one that stands still has done so since `anchored_at`."""
        if self._running:
            self.set(self.at(now), now, running=False)

    def resume(self, now: float) -> None:
        """Go on from where it is."""
        self.set(self.at(now), now, running=True)
