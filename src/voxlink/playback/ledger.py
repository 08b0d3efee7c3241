"""Which sound has which frame id: what waits at the transmitter, and the last moments of what was sent. Pure.

Position is what has been sent (design.md): the ledger maps the id that the transmitter reports to a place in the
source. It also keeps the packets around a join, because a listener's decoder remembers what it was sent (filters.md 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from voxlink.audio import FRAME_MS

KEPT_FRAMES = 10
"""Frames kept after they were sent: a join needs the eight before it, and two more may be sent meanwhile."""


class Frame(NamedTuple):
    """20 ms of sound, ready to be sent."""

    packet: bytes
    """Opus."""
    position_ms: float
    """Where it begins in the source."""
    source_index: int
    """The source frame that it was made of, counted from where its part began."""


class Entry(NamedTuple):
    """A frame with the part of the player's story that it belongs to (`PlayerMachine.part`)."""

    part: int
    frame: Frame

    @property
    def end_ms(self) -> float:
        """The place in the source that has been heard when this frame has been sent."""
        return self.frame.position_ms + FRAME_MS


class Ledger:
    """Frame id -> frame, for ids from shortly before the last one sent to the last one queued."""

    def __init__(self) -> None:
        self.next_id = 0
        self.last_sent_id = -1
        self._entries: dict[int, Entry] = {}

    @property
    def queued(self) -> int:
        """How many frames wait to be sent."""
        return self.next_id - self.last_sent_id - 1

    def queue(self, part: int, frames: Sequence[Frame]) -> None:
        """Frames were put at the end of the queue."""
        for frame in frames:
            self._entries[self.next_id] = Entry(part, frame)
            self.next_id += 1

    def replace(self, first_id: int, part: int, frames: Sequence[Frame]) -> None:
        """Everything from `first_id` on was thrown away and these put in its place."""
        for frame_id in range(first_id, self.next_id):
            self._entries.pop(frame_id, None)
        self.next_id = first_id
        self.queue(part, frames)

    def clear(self, next_id: int) -> None:
        """Everything unsent was thrown away; the next frame queued will have the id `next_id`.

        What was sent between the last report and the clearing is counted as thrown away.
        """
        for frame_id in range(self.last_sent_id + 1, self.next_id):
            self._entries.pop(frame_id, None)
        self.next_id = next_id
        self.last_sent_id = next_id - 1

    def sent(self, last_sent_id: int) -> Entry | None:
        """The transmitter reported this id. Returns its entry if it is news."""
        if last_sent_id <= self.last_sent_id:
            return None
        for frame_id in [frame_id for frame_id in self._entries if frame_id <= last_sent_id - KEPT_FRAMES]:
            del self._entries[frame_id]
        self.last_sent_id = last_sent_id
        return self._entries.get(last_sent_id)

    def entry(self, frame_id: int) -> Entry | None:
        """What has this id; None if it was never queued, was replaced or is long gone."""
        return self._entries.get(frame_id)

    def packets(self, first_id: int, last_id: int) -> list[bytes]:
        """The packets of these ids, both included, in order; those that are not kept are left out."""
        entries = (self._entries.get(frame_id) for frame_id in range(first_id, last_id + 1))
        return [entry.frame.packet for entry in entries if entry is not None]
