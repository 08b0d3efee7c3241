"""How a departure from the recorded answers of Lavalink is written down."""

from __future__ import annotations

from typing import NamedTuple


class Departure(NamedTuple):
    """Cases by pattern, the status that we answer to their first request, why, and where answers may differ."""

    pattern: str
    status: int
    reason: str
    where: str = ".*"


NOT_YET = "no filter is built yet: one that would change the sound is refused by name"
TRACK_400 = "a bad encoded track is the caller's fault: 400 with what is wrong and where, not 500"
