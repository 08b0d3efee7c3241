"""Puts one speaker's packets into order again and says which ones are lost. No clock: the time is an argument."""

from __future__ import annotations

from typing import NamedTuple

from voxlink._util.wrapping import U16, U32, distance_u16
from voxlink.voice.rtp import FRAME_SAMPLES

HOLD_S = 0.06
"""How long a hole may keep later packets waiting: three frames."""
HOLD_PACKETS = 8
"""More packets than this never wait behind a hole."""
MAX_STEP = 64
"""A jump beyond this, in either direction, is a new beginning and no loss (songbird's limit, too)."""


class Packet(NamedTuple):
    """One packet in its place; `payload` None marks one that was lost."""

    sequence: int
    timestamp: int
    payload: bytes | None


class Reorder:
    """The reordering buffer of one ssrc: what comes in order passes at once, a hole is waited for a little."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._last_timestamp = 0
        self._waiting: dict[int, tuple[Packet, float]] = {}
        """Packets behind a hole, with their times of arrival."""
        self._since: float | None = None
        self.late = 0
        """Packets that came after their place was given up, or twice."""

    def push(self, packet: Packet, now: float) -> list[Packet]:
        """Take a packet; return what can be played now, in order, losses marked."""
        if self._next is None:
            self._next = packet.sequence
        step = distance_u16(packet.sequence, self._next)
        if abs(step) > MAX_STEP:
            out = self._give_up_all()
            self._next = packet.sequence
            return [*out, *self._take(packet)]
        if step < 0 or packet.sequence in self._waiting:
            self.late += 1
            return []
        if step == 0:
            out = self._take(packet)
        else:
            self._waiting[packet.sequence] = (packet, now)
            if self._since is None:
                self._since = now
            out = []
        if len(self._waiting) > HOLD_PACKETS:
            out += self._skip_hole()
        return out

    def next_deadline(self) -> float | None:
        """When to call `tick`, None for never."""
        return None if self._since is None else self._since + HOLD_S

    def tick(self, now: float) -> list[Packet]:
        """Give up holes that were waited for long enough; return what follows them."""
        out: list[Packet] = []
        while self._since is not None and now >= self._since + HOLD_S:
            out += self._skip_hole()
        return out

    def _take(self, packet: Packet) -> list[Packet]:
        """Pass a packet in its turn, and those that waited for it."""
        out = [packet]
        following = (packet.sequence + 1) % U16
        while following in self._waiting:
            out.append(self._waiting.pop(following)[0])
            following = (following + 1) % U16
        self._next = following
        self._last_timestamp = out[-1].timestamp
        self._since = min((arrived for _, arrived in self._waiting.values()), default=None)
        return out

    def _skip_hole(self) -> list[Packet]:
        assert self._next is not None
        start = self._next
        first = min(self._waiting, key=lambda sequence: distance_u16(sequence, start))
        lost = [
            Packet((start + index) % U16, (self._last_timestamp + (index + 1) * FRAME_SAMPLES) % U32, None)
            for index in range(distance_u16(first, start))
        ]
        return [*lost, *self._take(self._waiting.pop(first)[0])]

    def _give_up_all(self) -> list[Packet]:
        out: list[Packet] = []
        while self._waiting:
            out += self._skip_hole()
        return out
