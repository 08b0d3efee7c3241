"""How much failure a player puts up with before it stops trying the same thing. Owns no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voxlink.errors import BadValue

__all__ = ["ErrorBudget", "ErrorPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPolicy:
    """What happens when tracks fail (load failures, exceptions, stuck tracks).

    More than `max_errors` within `window_s` exceed the budget: the failing track is then no longer repeated by a loop,
    and `action` follows: `skip` goes on with the queue, `stop` stops, `destroy` destroys the player. Before that, the
    second failure and the later ones wait `first_delay_s`, doubled each time up to `max_delay_s`.
    """

    max_errors: int = 3
    window_s: float = 35.0
    action: Literal["skip", "stop", "destroy"] = "skip"
    first_delay_s: float = 0.5
    max_delay_s: float = 8.0

    def __post_init__(self) -> None:
        if self.max_errors < 1 or self.window_s <= 0 or self.first_delay_s < 0:
            raise BadValue("an error policy needs max_errors >= 1, window_s > 0 and first_delay_s >= 0")


class ErrorBudget:
    """The recent failures of one player."""

    __slots__ = ("_at", "policy")

    def __init__(self, policy: ErrorPolicy) -> None:
        self.policy = policy
        self._at: list[float] = []

    def record(self, now: float) -> bool:
        """Count a failure at `now`; True when it exceeds the budget."""
        self._at.append(now)
        self._at = [at for at in self._at if now - at <= self.policy.window_s]
        return len(self._at) > self.policy.max_errors

    @property
    def count(self) -> int:
        """The failures inside the window."""
        return len(self._at)

    def delay_s(self) -> float:
        """How long to wait before the next attempt."""
        repeats = len(self._at) - 1
        if repeats <= 0:
            return 0.0
        return min(self.policy.max_delay_s, self.policy.first_delay_s * 2 ** min(repeats - 1, 32))

    def clear(self) -> None:
        """A track played well: forget the failures."""
        self._at.clear()
