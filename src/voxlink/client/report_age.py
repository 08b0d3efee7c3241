"""How old a node's reports are when they arrive: a line that was held up brings them late. Owns no clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["ReportAge"]

WINDOW_S = 60.0
OLDEST_S = 60.0


class ReportAge:
    """Compares the node's clock with ours by the quickest reports of the last one to two minutes.

    Those count as new, so that clocks need not agree; only one that jumps is believed for up to two minutes.
    """

    __slots__ = ("_before", "_least", "_since")

    def __init__(self) -> None:
        self._least: float | None = None
        self._before: float | None = None
        self._since = 0.0

    def age_s(self, time_ms: int, now: float) -> float:
        """How long ago the node wrote `time_ms` (its wall clock); `now` is seconds of our monotonic one."""
        if time_ms <= 0:
            return 0.0
        lag = now - time_ms / 1000
        if now - self._since >= WINDOW_S:
            self._before, self._least, self._since = self._least, None, now
        self._least = lag if self._least is None else min(self._least, lag)
        quickest = self._least if self._before is None else min(self._least, self._before)
        if lag - quickest > OLDEST_S:  # nothing is held up that long: the node's clock was set
            self._before, self._least = None, lag
            return 0.0
        return lag - quickest

    def learn(self, player: Mapping[str, Any] | None, now: float) -> None:
        """A request was answered with this player object: its state is as new as can be."""
        state: object = (player or {}).get("state")
        time_ms = cast("dict[str, Any]", state).get("time") if isinstance(state, dict) else None
        if isinstance(time_ms, int):
            self.age_s(time_ms, now)
