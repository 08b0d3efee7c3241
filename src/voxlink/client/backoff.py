"""How long to wait before the next attempt: the reconnect policy, and Lavalink.py's `ExponentialBackoff`."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from voxlink.errors import BadValue

__all__ = ["ExponentialBackoff", "ReconnectPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPolicy:
    """When a lost node is tried again. Times in seconds.

    The delay before attempt n (from 1) is `initial_s * factor ** (n - 1)`, at most `max_s`, spread by `jitter` (0.3
    means 70 to 130 %). The count starts again once a connection was ready for `reset_after_s`. `max_attempts` None
    means for ever; only a refused password stops earlier.
    """

    initial_s: float = 0.5
    factor: float = 2.0
    max_s: float = 30.0
    jitter: float = 0.3
    reset_after_s: float = 30.0
    max_attempts: int | None = None

    def __post_init__(self) -> None:
        if self.initial_s <= 0 or self.factor < 1 or self.max_s < self.initial_s or not 0 <= self.jitter < 1:
            raise BadValue("a reconnect policy needs initial_s > 0, factor >= 1, max_s >= initial_s, 0 <= jitter < 1")

    def delay_s(self, attempt: int, rand: Callable[[], float] = random.random) -> float:
        """The wait before attempt `attempt` (1 is the first); `rand` draws from 0..1."""
        # The exponent is bounded: a float overflows near 2 ** 1024, and the cap is reached long before.
        plain = min(self.max_s, self.initial_s * self.factor ** min(attempt - 1, 64))
        return plain * (1 - self.jitter + 2 * self.jitter * rand())


class ExponentialBackoff:
    """Lavalink.py's doubling delay: `next()` gives the current one and doubles it up to `max`, `reset()` starts
    again.
    """

    __slots__ = ("_current", "base", "max")

    def __init__(self, base: float = 1.0, max: float = 30.0) -> None:  # noqa: A002 - Lavalink.py's name
        self.base = base
        self.max = max
        self._current = base

    @property
    def current(self) -> float:
        """The delay that `next()` will give, in seconds."""
        return self._current

    def next(self) -> float:
        """Give the current delay and double it for the next call."""
        delay = self._current
        self._current = min(self.max, delay * 2)
        return delay

    def reset(self) -> None:
        """Start again at `base`."""
        self._current = self.base
