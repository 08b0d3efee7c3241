"""The heart of the transmitter: which frame of which stream is due now, and with which numbers. No socket, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from voxlink.voice.encryption import COUNTER_BYTES, NONCE, Seal
from voxlink.voice.rtp import (
    FRAME_MS,
    FRAME_SAMPLES,
    HEADER,
    OPUS_PAYLOAD_TYPE,
    SILENCE_FRAME,
    SILENCE_FRAMES,
    VERSION_2,
)

SLOT_S = FRAME_MS / 1000
BUCKETS = 8
"""Streams are spread over the 20 ms in up to this many groups, so that sends do not bunch up."""
BUCKET_STREAMS = 128
"""A further group is opened when those in use have so many each: a wake-up costs as much as dozens of packets, and so
many packets leave within a millisecond.
"""
BUCKET_S = SLOT_S / BUCKETS
ORDER = (0, 4, 2, 6, 1, 5, 3, 7)
"""The groups in the order in which they are opened: far apart as long as there are few."""
CATCH_UP_SLOTS = 3
"""So many slots late are caught up quietly; beyond, slots are skipped and counted (design.md, "Late ticks")."""

AHEAD_SLOTS = 25
"""Packets of a stream that goes on are made for up to so many slots at once."""

Send = Callable[[bytes], object]
"""Sends one datagram; an `OSError` counts as a dropped packet."""


class Outlet:
    """The sending end of one stream on one voice session: a queue of frames and the numbers of the next packet.

    Frames carry consecutive ids. What was never sent was never numbered: whatever changes the order of things takes
    back the packets that were made ahead. Their counters alone are not used again, so that none ever meets two
    payloads. The timestamp is a function of the slot, so that a pause shows up as a gap by itself (RFC 3550, 5.1).

    `has_news` is True when there is more to report than that the next frame was sent. What makes news empties `ready`,
    late and refused packets aside, so that the desk need not look for it while packets are `ready`.
    """

    __slots__ = (
        "_batch", "_counter", "_frames", "_head", "_last_made", "_paused", "_seal", "_sequence_base", "_ssrc",
        "_started_at", "dropped", "finishes_at", "generation", "has_news", "late", "lease_end", "number", "ready",
        "send", "silence", "silence_left", "skipped", "starved", "timestamp_base", "underruns",
    )  # fmt: skip

    def __init__(
        self,
        seal: Seal,
        send: Send,
        *,
        number: int,
        ssrc: int,
        sequence: int,
        last_sent: int,
        lease: tuple[int, int],
    ) -> None:
        self._seal = seal
        self.send = send
        self.number = number
        self._ssrc = ssrc
        self._frames: deque[bytes] = deque()
        self._head = last_sent + 1
        self.ready: deque[bytes] = deque()
        """Packets of the next slots, made ahead; take them from the left, one a slot."""
        self._batch: list[bytes] = []
        """The frames of which the packets in `ready` were made, the last ones the same."""
        self._last_made = last_sent
        self._counter, self.lease_end = lease
        self._started_at = self._counter
        self._sequence_base = sequence - self._counter
        self.timestamp_base = 0
        self.has_news = True
        self.finishes_at: int | None = None
        self.generation = 0
        self._paused = False
        self.starved = False
        self.silence_left = 0
        self.silence = self.underruns = self.skipped = self.late = self.dropped = 0

    @property
    def last_sent(self) -> int:
        """The id of the frame last sent."""
        return self._last_made - len(self.ready)

    @property
    def counter(self) -> int:
        """The counter of the next packet."""
        return self._counter - len(self.ready)

    @property
    def sequence(self) -> int:
        """The sequence number of the next packet."""
        return (self._sequence_base + self.counter) & 0xFFFF

    @property
    def sent(self) -> int:
        """How many frames were sent, silence aside."""
        return self.counter - self._started_at - self.silence

    def packet(self, slot: int) -> bytes | None:
        """Return the packet of a slot, or None if there is nothing to say. Call it once for each slot, in order."""
        if self.ready:
            return self.ready.popleft()
        if self._counter >= self.lease_end:
            return None
        if self._frames and not self._paused:
            if self.silence_left != SILENCE_FRAMES:
                self.silence_left = SILENCE_FRAMES
                self.starved = False
                self.has_news = True
            self._make_ready(slot, 1)
        elif self.silence_left:
            if self.silence_left == SILENCE_FRAMES and not self._paused:
                self._ran_dry()
            self.silence_left -= 1
            self.silence += 1
            self.has_news = True
            self._make([SILENCE_FRAME], slot)
        else:
            return None
        return self.ready.popleft()

    def make_ahead(self, slot: int) -> None:
        """Make the packets of the slots from `slot` on. Call it when `packet` has returned the last one `ready`.

        A batch costs less than its packets one by one, each with cold caches. Where it ends depends on the stream's
        number, so that in each slot about one stream in `AHEAD_SLOTS` has a batch to make.
        """
        if not self._paused:
            left = AHEAD_SLOTS - (slot + self.number) % AHEAD_SLOTS
            count = min(left, len(self._frames), self.lease_end - self._counter)
            if count:
                self._make_ready(slot, count)

    def _make_ready(self, slot: int, count: int) -> None:
        frames = self._frames
        self._batch = [frames.popleft() for _ in range(count)]
        self._head += count
        self._last_made = self._head - 1
        self._make(self._batch, slot)

    def _make(self, payloads: list[bytes], slot: int) -> None:
        seal, ready, ssrc, base, counter = self._seal, self.ready, self._ssrc, self._sequence_base, self._counter
        timestamp = self.timestamp_base + slot * FRAME_SAMPLES
        for payload in payloads:
            sequence = (base + counter) & 0xFFFF
            header = HEADER.pack(VERSION_2, OPUS_PAYLOAD_TYPE, sequence, timestamp & 0xFFFF_FFFF, ssrc)
            nonce = NONCE.pack(counter)
            ready.append(b"".join((header, seal(nonce, payload, header), nonce[:COUNTER_BYTES])))
            counter += 1
            timestamp += FRAME_SAMPLES
        self._counter = counter

    def _take_back(self) -> None:
        """Forget the packets that were made ahead: their frames wait again."""
        count = len(self.ready)
        if count:
            self.ready.clear()
            self._frames.extendleft(reversed(self._batch[-count:]))
            self._head -= count
            self._last_made -= count
            self._sequence_base -= count
            self._started_at += count
            self.has_news = True

    def _ran_dry(self) -> None:
        if self.finishes_at is not None and self.last_sent >= self.finishes_at:
            return
        self.starved = True
        self.underruns += 1

    def run_late(self) -> None:
        """Note that the packet of this slot comes late, if it has a frame."""
        if self.ready or (self._frames and not self._paused and self._counter < self.lease_end):
            self.late += 1
            self.has_news = True

    def skip(self, slots: int) -> None:
        """Leave out slots in mid-speech: the receiver sees them as lost packets, no frame of the track is dropped."""
        self._take_back()
        if (self._frames and not self._paused) or self.silence_left:
            self._sequence_base += slots
            self.skipped += slots
            self.has_news = True

    def pause(self, paused: bool) -> None:
        """Stop taking frames from the queue, or go on."""
        self._take_back()
        self._paused = paused

    def queue(self, generation: int, first_id: int, frames: Sequence[bytes]) -> None:
        """Append frames; those of an older generation than the last replace or clear are dropped."""
        if generation != self.generation:
            return
        if not self._frames:
            self._head = first_id
        self._frames.extend(frames)
        self.finishes_at = None

    def replace(self, generation: int, first_id: int, frames: Sequence[bytes]) -> bool:
        """Drop everything from `first_id` on and queue `frames` instead; False if `first_id` was sent already."""
        if first_id <= self.last_sent:
            return False
        self._take_back()
        self.generation = generation
        self.finishes_at = None
        while self._frames and self._head + len(self._frames) > first_id:
            self._frames.pop()
        self.queue(generation, first_id, frames)
        return True

    def overwrite(self, generation: int, first_id: int, frames: Sequence[bytes]) -> None:
        """Put other payloads in place of waiting frames (the same sound, newly encrypted); what was sent is left."""
        if generation != self.generation:
            return
        if first_id < self._head:
            self._take_back()
        for index, payload in enumerate(frames, first_id - self._head):
            if 0 <= index < len(self._frames):
                self._frames[index] = payload

    def clear(self, generation: int) -> None:
        """Drop all that waits; five silence frames follow. This is no underrun."""
        self._take_back()
        self.generation = generation
        self._frames.clear()
        self.finishes_at = self.last_sent

    def finish(self, last_id: int) -> None:
        """Say that the sound ends with frame `last_id`: running dry there is no underrun."""
        self.finishes_at = last_id

    def lease(self, end: int) -> None:
        """Allow counters up to `end` (exclusive); without allowance nothing is sent."""
        self.lease_end = max(self.lease_end, end)


class Pacer:
    """The 20 ms grid: which streams are due when. Deadlines are added, never measured, so that nothing drifts."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._buckets: list[list[Outlet]] = [[] for _ in range(BUCKETS)]
        self._position: dict[int, int] = {}
        """Of each group that has streams: its next step on the grid (slot * BUCKETS + group)."""
        self._first: int | None = None
        """The earliest of these steps."""

    def add(self, outlet: Outlet, now: float, *, timestamp: int, timestamp_at: float) -> None:
        """Give a stream its place in the 20 ms: the emptiest of the groups in use, first slot after `now`.

        Its RTP clock stands at `timestamp` at the time `timestamp_at` and runs on from there.
        """
        in_use = min(BUCKETS, sum(map(len, self._buckets)) // BUCKET_STREAMS + 1)
        group = min(ORDER[:in_use], key=lambda index: len(self._buckets[index]))
        if group not in self._position:
            steps = int((now - self._start) / BUCKET_S) + 1
            self._position[group] = steps + (group - steps) % BUCKETS
        slot = self._position[group] // BUCKETS
        due = self._start + self._position[group] * BUCKET_S
        passed = round((due - timestamp_at) / SLOT_S) * FRAME_SAMPLES
        outlet.timestamp_base = timestamp + passed - slot * FRAME_SAMPLES
        self._buckets[group].append(outlet)
        self._first = min(self._position.values())

    def remove(self, outlet: Outlet) -> None:
        """Forget a stream; unknown ones are ignored."""
        for group, outlets in enumerate(self._buckets):
            if outlet in outlets:
                outlets.remove(outlet)
                if not outlets:
                    del self._position[group]
                    self._first = min(self._position.values(), default=None)

    def next_due(self) -> float | None:
        """When the next group is due, or None without streams."""
        return None if self._first is None else self._start + self._first * BUCKET_S

    def take(self, now: float) -> tuple[list[Outlet], int, bool]:
        """Return the streams of the group that is due first, its slot, and whether the slot is late; then move on.

        Call it only when `next_due()` has come. A group that is more than three slots late skips what it missed.
        """
        position = self._first
        assert position is not None
        group = position % BUCKETS
        behind = int((now - self._start - position * BUCKET_S) / SLOT_S)
        outlets = self._buckets[group]
        if behind > CATCH_UP_SLOTS:
            for outlet in outlets:
                outlet.skip(behind)
            position += behind * BUCKETS
            behind = 0
        self._position[group] = position + BUCKETS
        self._first = min(self._position.values())
        return outlets, position // BUCKETS, behind > 0
