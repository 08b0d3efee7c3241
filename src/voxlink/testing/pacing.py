"""How evenly packets arrived: gaps and jitter at the receiver (voice.md 6.1)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Pacing", "measure_pacing"]

FRAME_S = 0.020
PAUSE_S = 0.100
"""A longer gap after the end of speech is a pause, not a late packet."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """Gaps between the packets of one sender; all zero when fewer than two packets came."""

    packets: int
    """How many packets the figures stand on."""
    median_ms: float
    """The middle gap; 20 is perfect."""
    p99_ms: float
    """99 of 100 gaps are no longer than this."""
    max_gap_ms: float
    """The longest gap."""
    jitter_ms: float
    """RFC 3550, section 6.4.1: interarrival jitter after the last packet."""
    p99_error_ms: float
    """99 of 100 gaps are no further than this from 20 ms."""


def measure_pacing(arrivals_s: Sequence[float], ends_of_speech: frozenset[int] | set[int] = frozenset()) -> Pacing:
    """Measure arrival times in seconds, in order of arrival.

    `ends_of_speech` holds the indexes of packets that ended speech: the pause behind them is not a gap.
    """
    gaps = [
        later - earlier
        for index, (earlier, later) in enumerate(itertools.pairwise(arrivals_s))
        if not (index in ends_of_speech and later - earlier > PAUSE_S)
    ]
    if not gaps:
        return Pacing(len(arrivals_s), 0.0, 0.0, 0.0, 0.0, 0.0)
    jitter = 0.0
    for gap in gaps:
        jitter += (abs(gap - FRAME_S) - jitter) / 16
    errors = sorted(abs(gap - FRAME_S) for gap in gaps)
    gaps.sort()
    return Pacing(
        packets=len(arrivals_s),
        median_ms=1000 * gaps[len(gaps) // 2],
        p99_ms=1000 * gaps[len(gaps) * 99 // 100],
        max_gap_ms=1000 * gaps[-1],
        jitter_ms=1000 * jitter,
        p99_error_ms=1000 * errors[len(errors) * 99 // 100],
    )
