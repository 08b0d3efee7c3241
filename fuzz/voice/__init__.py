"""Voice: packets and messages of recorded sessions, mutated, into a real connection whose davey is in a live group.

`python -m fuzz.voice --cases 10000000 --jobs 2` is the seeded campaign; `python -m fuzz voice` lets libFuzzer choose
the cases by what they reach. Both use the same cases and the same mutator (`case.py`).
"""

from __future__ import annotations

import random

from fuzz.voice.campaign import Runner, save_history
from fuzz.voice.case import MAX_BYTES, Case
from fuzz.voice.kinds import MUTATOR

__all__ = ["MAX_BYTES", "check", "mutate"]

_runner = Runner()


def check(data: bytes) -> None:
    """Run one case, in the world that the cases before it have left."""
    try:
        _runner.run([Case.decode(data)])
    except BaseException:
        print("the way there:", save_history("found", _runner.history))
        raise


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Change one thing about a case: libFuzzer's mutator."""
    chance = random.Random(seed)
    case = Case.decode(data)
    for _ in range(chance.choice((1, 1, 2))):
        case = MUTATOR.change(case, chance)
    return case.encode()[:max_size]
