"""A bad network by a seeded pattern: packets are lost, late, out of order or doubled. No clock, no socket."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

__all__ = ["LinkTrouble"]


@dataclass
class LinkTrouble:
    """What happens to each packet of one direction; the same seed makes the same bad day.

    All shares are between 0 and 1.
    """

    seed: int = 0
    lose: float = 0.0
    """Share of packets that never arrive."""
    duplicate: float = 0.0
    """Share of packets that arrive twice."""
    reorder: float = 0.0
    """Share of packets that arrive `reorder_ms` after their turn, behind later ones."""
    reorder_ms: float = 30.0
    delay_ms: float = 0.0
    """Delay of every packet."""
    jitter_ms: float = 0.0
    """Further delay, drawn evenly from 0 to this; beyond 20 ms it changes the order, too."""
    seen: int = field(default=0, init=False)
    """Packets that came to this link."""
    lost: int = field(default=0, init=False)
    """Packets that it lost."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def delays_s(self) -> list[float]:
        """Draw one packet's fate: the delay of each copy that arrives, in seconds; empty when it is lost."""
        self.seen += 1
        draw = self._chance.random
        if draw() < self.lose:
            self.lost += 1
            return []
        copies = 2 if draw() < self.duplicate else 1
        late_ms = self.reorder_ms if draw() < self.reorder else 0.0
        return [(self.delay_ms + late_ms + self.jitter_ms * draw()) / 1000 for _ in range(copies)]
