"""The sending queue of one player: it outlives voice connections and transmitter processes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from socket import socket
from typing import NamedTuple, Protocol

import msgspec

from voxlink._util.wrapping import U16
from voxlink.errors import BadValue
from voxlink.voice.route import LEASE_PACKETS, Route
from voxlink.voice.rtp import FRAME_MS
from voxlink.voice.transmitter.pipe import (
    ClearFrames,
    CloseStream,
    ExtendLease,
    FinishStream,
    OpenStream,
    OverwriteFrames,
    PauseStream,
    QueueFrames,
    Replaced,
    ReplaceFrames,
    StreamState,
    ToTransmitter,
)

SEQUENCE_GAP = 64
"""After a crash the sequence goes on this far after the last one reported."""
BATCH_FRAMES = 64
"""At most so many frames travel in one message, so that no stream holds up the others."""
MAX_FRAME_BYTES = 4096
"""Far above the 1,275 bytes of the longest Opus frame; a longer one is a mistake of the caller."""


class StreamReport(msgspec.Struct, frozen=True, gc=False):
    """Where a stream stood at the transmitter's last tick.

    `last_sent_id` is -1 before the first frame, `at` a time of `time.monotonic()`, `queued` the number of unsent
    frames, `starved` whether it ran dry without `finish()`, `skipped` the number of slots left out so far.
    """

    last_sent_id: int
    at: float
    queued: int
    starved: bool
    skipped: int


class ReplaceResult(NamedTuple):
    """What became of a replace: applied, or refused because the stream was at `last_sent_id` already."""

    applied: bool
    last_sent_id: int


class FrameCounts(NamedTuple):
    """Counts since the stream was opened.

    Frames and silence frames sent, times it ran dry, slots left out, frames sent a slot or more late, and packets that
    the network stack refused.
    """

    sent: int = 0
    silence: int = 0
    underruns: int = 0
    skipped: int = 0
    late: int = 0
    dropped: int = 0

    def plus(self, other: FrameCounts) -> FrameCounts:
        """Add field by field."""
        return FrameCounts(*map(int.__add__, self, other))


@dataclass(slots=True)
class _PendingReplace:
    """A replace that is on its way, and what to go back to if it is refused."""

    first_id: int
    generation: int
    generation_before: int
    tail_before: list[bytes] | None
    transferred_before: int
    answer: asyncio.Future[ReplaceResult]


@dataclass(slots=True)
class _Leaving:
    """A session that was left and has yet to say which frame was its last; `then` is the session that follows."""

    number: int
    generation: int
    last_sent: int
    """As far as its reports say."""
    then: Route | None = None


class Courier(Protocol):
    """What a stream needs of the transmitter's handle."""

    def post(self, message: ToTransmitter, sock: socket | None = None) -> None:
        """Send a message ahead of all queued frames; dropped while no child runs."""
        ...

    def pull(self, stream: FrameStream) -> None:
        """Fetch the stream's frames with `take_batch` as soon as the pipe has room."""
        ...

    def enlist(self, stream: FrameStream) -> int:
        """Give the stream a new number for one session."""
        ...

    def dismiss(self, number: int) -> None:
        """Forget a number."""
        ...


class FrameStream:
    """The frames of one player on their way out. Made by `Transmitter.open_stream`.

    Frames are plain 20 ms Opus packets with consecutive ids from 0. While no voice connection is attached they wait;
    they survive reconnects, new connections and a killed transmitter. All methods belong to the event loop's thread.
    """

    __slots__ = (
        "_ask_at", "_counts_before", "_courier", "_finish_at", "_frames", "_generation", "_head", "_last_sent",
        "_leaving", "_newest_generation", "_number", "_on_report", "_paused", "_pending", "_route", "_sent_since",
        "_skipped", "_stale", "_state_here", "_transferred",
    )  # fmt: skip

    def __init__(self, courier: Courier, on_report: Callable[[StreamReport], None]) -> None:
        self._courier = courier
        self._on_report = on_report
        self._frames: deque[bytes] = deque()
        self._head = 0
        self._transferred = 0
        self._last_sent = -1
        self._generation = 0
        self._newest_generation = 0
        self._paused = False
        self._stale = False
        self._finish_at: int | None = None
        self._pending: _PendingReplace | None = None
        self._route: Route | None = None
        self._number = 0
        self._leaving: _Leaving | None = None
        self._counts_before = FrameCounts()
        self._state_here: StreamState | None = None
        self._sent_since = 0
        """Frames that were reported sent since that state, one by one."""
        self._skipped = 0
        self._ask_at = 0
        """When `_sent_since` comes here it is time to lease more counters."""

    def __repr__(self) -> str:
        attached = "attached" if self.is_attached else "detached"
        return f"<FrameStream {attached} sent={self._last_sent} queued={len(self._frames)}>"

    @property
    def next_id(self) -> int:
        """The id that the next queued frame will have."""
        return self._head + len(self._frames)

    @property
    def last_sent_id(self) -> int:
        """The id of the frame last sent, as far as reported; -1 for none."""
        return self._last_sent

    @property
    def queued(self) -> int:
        """How many frames are not sent yet. Stop rendering at your depth; nothing here blocks or bounds it."""
        return len(self._frames)

    @property
    def is_paused(self) -> bool:
        """Whether `pause()` was called last."""
        return self._paused

    @property
    def is_attached(self) -> bool:
        """Whether a voice connection takes the frames."""
        return self._route is not None or (self._leaving is not None and self._leaving.then is not None)

    @property
    def counts(self) -> FrameCounts:
        """What was sent and what went wrong, over all connections."""
        state = self._state_here
        if state is None:
            return self._counts_before
        sent = state.sent + self._sent_since
        here = FrameCounts(sent, state.silence, state.underruns, state.skipped, state.late, state.dropped)
        return self._counts_before.plus(here)

    def queue(self, frames: Sequence[bytes]) -> None:
        """Append plain 20 ms Opus frames. Raises `BadValue` for one that cannot be Opus; then none is queued."""
        _check(frames)
        self._frames.extend(frames)
        self._finish_at = None
        if self._route is not None:
            self._courier.pull(self)

    def finish(self) -> None:
        """Say that the sound ends with what is queued, so that running dry there does not count as an underrun."""
        self._finish_at = self.next_id - 1
        if self._route is not None and self._transferred == self.next_id:
            self._courier.post(FinishStream(self._number, self._finish_at))

    async def replace(self, first_id: int, frames: Sequence[bytes]) -> ReplaceResult:
        """Drop everything from `first_id` on and queue these frames in its place, in one step.

        Refused, with nothing changed, if `first_id` was sent already. Frames queued while the answer is awaited follow
        the new ones and share their fate. Raises `BadValue` if `first_id` was never queued. Cancelling the wait does
        not undo the replace.
        """
        _check(frames)
        while self._pending is not None:
            await asyncio.shield(self._pending.answer)
        if not 0 <= first_id <= self.next_id:
            raise BadValue(f"frame {first_id} was never queued; the next id is {self.next_id}")
        if first_id < self._head:
            return ReplaceResult(applied=False, last_sent_id=self._last_sent)
        tail_before = list(islice(self._frames, first_id - self._head, None))
        before, transferred_before = self._generation, self._transferred
        self._truncate(first_id)
        self._frames.extend(frames)
        self._finish_at = None
        if self._route is None or first_id >= transferred_before:
            if self._route is not None:
                self._courier.pull(self)
            return ReplaceResult(applied=True, last_sent_id=self._last_sent)
        self._bump_generation()
        batch = self._route.encrypt(frames[:BATCH_FRAMES])
        self._transferred = first_id + len(batch)
        answer = asyncio.get_running_loop().create_future()
        self._pending = _PendingReplace(first_id, self._generation, before, tail_before, transferred_before, answer)
        self._courier.post(ReplaceFrames(self._number, self._generation, first_id, batch))
        self._courier.pull(self)
        return await asyncio.shield(answer)

    def clear(self) -> None:
        """Drop all that is unsent at the next tick; five silence frames follow if sound was leaving."""
        self._head = self.next_id
        self._frames.clear()
        self._transferred = self._head
        self._finish_at = None
        self._bump_generation()
        if self._pending is not None:
            self._pending.tail_before = None
        if self._route is not None:
            self._courier.post(ClearFrames(self._number, self._generation))

    def pause(self) -> None:
        """Stop at the next tick, with five silence frames; nothing that waits is lost."""
        self._set_paused(paused=True)

    def resume(self) -> None:
        """Go on where `pause` stopped."""
        if self._stale:
            self._stale = False
            self._overwrite(self._head)
        self._set_paused(paused=False)

    def close(self) -> None:
        """Drop everything and leave the transmitter. Safe to call twice."""
        self.clear()
        self.detach()

    # What the connection calls.

    def attach(self, route: Route) -> None:
        """Let a voice session take the frames from now on, the unsent ones first.

        A session of before says first which frame was its last, so that none is heard twice.
        """
        self.detach()
        if self._leaving is None:
            self._enter(route)
        else:
            self._leaving.then = route

    def detach(self) -> None:
        """Leave the voice session: frames wait from now on."""
        if self._leaving is not None:
            self._leaving.then = None
        if self._route is None:
            return
        self._bump_generation()
        self._leaving = _Leaving(self._number, self._generation, self._last_sent)
        self._courier.post(ClearFrames(self._number, self._generation))
        self._courier.post(ReplaceFrames(self._number, self._generation, self.next_id, []))  # for its answer alone
        self._courier.post(CloseStream(self._number))
        self._settle_state(self._route)
        self._route = None
        self._settle_replace()

    def encrypt_again(self, *, ahead_ms: int = 0) -> None:
        """Encrypt anew what lies further ahead than this, after the end-to-end key changed."""
        if self._paused:
            self._stale = True  # old keys die while we wait; `resume` sees to it
            return
        self._overwrite(self._head + -(-ahead_ms // FRAME_MS))

    @property
    def queued_ms(self) -> int:
        """How much sound is on its way out; 0 while paused or detached, when none of it moves."""
        return 0 if self._paused or self._route is None else len(self._frames) * FRAME_MS

    # What the transmitter's handle calls.

    def reopen(self) -> None:
        """Start again in a new transmitter process: new counters, a gap in the sequence, the unsent frames."""
        if self._leaving is not None:
            self._left(self._leaving, self._leaving.last_sent)
            return
        if self._route is None:
            return
        self._settle_state(self._route)
        self._route.sequence = (self._route.sequence + SEQUENCE_GAP) % U16
        self._settle_replace()
        self._open()

    @property
    def has_more(self) -> bool:
        """Whether there are frames that the child does not have."""
        return self._transferred < self.next_id

    def take_batch(self) -> QueueFrames | None:
        """Return the next frames that the child does not have, encrypted; None if it has all."""
        route = self._route
        if route is None or not self.has_more:
            return None
        first = self._transferred
        frames = route.encrypt(self._waiting(first, first + BATCH_FRAMES))
        self._transferred += len(frames)
        if self._finish_at is not None and self._transferred == self.next_id:
            self._courier.post(FinishStream(self._number, self._finish_at))
        return QueueFrames(self._number, self._generation, first, frames)

    def take_state(self, state: StreamState, at: float) -> None:
        """Learn from a report how far the transmitter is; `at` is its time on the monotonic clock."""
        leaving, route = self._leaving, self._route
        if leaving is not None and state.stream == leaving.number:
            leaving.last_sent = state.last_sent
        if route is None or state.stream != self._number:
            return
        self._state_here = state
        self._sent_since = 0
        self._skipped = self._counts_before.skipped + state.skipped
        self._forget_sent(state.last_sent)
        self._lease(route, state)
        self._on_report(StreamReport(self._last_sent, at, len(self._frames), state.starved, self._skipped))

    def take_sent(self, number: int, at: float) -> None:
        """Learn from a report that the frame behind the last one reported was sent, and nothing else happened.

        This is what comes of each stream fifty times a second, so it touches as little as it can.
        """
        if number != self._number or self._state_here is None:
            if self._leaving is not None and number == self._leaving.number:
                self._leaving.last_sent += 1
            return
        self._sent_since = since = self._sent_since + 1
        self._last_sent = sent = self._last_sent + 1
        frames = self._frames
        if self._head == sent:
            frames.popleft()
            self._head = sent + 1
        if since >= self._ask_at and self._route is not None:
            self._lease(self._route, self._state_here)
        self._on_report(StreamReport(sent, at, len(frames), False, self._skipped))

    def _lease(self, route: Route, state: StreamState) -> None:
        """Lease more counters when half a range is left."""
        left = route.lease_end - state.counter - self._sent_since
        if left < LEASE_PACKETS // 2 and not route.is_used_up:
            route.lease()
            self._courier.post(ExtendLease(self._number, route.lease_end))
        self._ask_at = route.lease_end - state.counter - LEASE_PACKETS // 2 + 1

    def take_answer(self, answer: Replaced) -> None:
        """Settle a replace: keep it, or go back to what was queued before."""
        leaving = self._leaving
        if leaving is not None:
            if (answer.stream, answer.generation) == (leaving.number, leaving.generation):
                self._left(leaving, answer.last_sent)
            return
        pending = self._pending
        if pending is None or pending.generation != answer.generation:
            return
        self._pending = None
        if not answer.applied and pending.tail_before is not None:
            self._truncate(pending.first_id)
            gone = max(0, self._head - pending.first_id)
            self._frames.extend(pending.tail_before[gone:])
            self._generation = pending.generation_before
            self._transferred = max(pending.transferred_before, self._head)
            self._forget_sent(answer.last_sent)
            self._overwrite(self._head)
        if not pending.answer.done():
            pending.answer.set_result(ReplaceResult(answer.applied, max(answer.last_sent, self._last_sent)))

    def _left(self, leaving: _Leaving, last_sent: int) -> None:
        """Take leave of a session for good: what it sent last is known, the next one begins behind that."""
        self._leaving = None
        self._courier.dismiss(leaving.number)
        unreported = max(0, last_sent - self._last_sent)
        self._forget_sent(last_sent)
        if leaving.then is not None:
            self._enter(leaving.then)
        if unreported:
            self._counts_before = self._counts_before.plus(FrameCounts(sent=unreported))
            skipped = self._counts_before.skipped
            self._on_report(StreamReport(last_sent, time.monotonic(), self.queued, starved=False, skipped=skipped))

    def _enter(self, route: Route) -> None:
        self._route = route
        self._number = self._courier.enlist(self)
        self._open()

    def _open(self) -> None:
        route = self._route
        assert route is not None
        self._transferred = self._head
        self._stale = False
        start, end = route.lease()
        self._courier.post(
            OpenStream(
                self._number, route.mode, route.key, route.ssrc, route.sequence, route.timestamp, route.timestamp_at,
                start, end, self._last_sent, self._generation, self._paused,
            ),
            route.sock,
        )  # fmt: skip
        self._courier.pull(self)

    def _set_paused(self, *, paused: bool) -> None:
        self._paused = paused
        if self._route is not None:
            self._courier.post(PauseStream(self._number, paused))

    def _overwrite(self, first_id: int) -> None:
        route = self._route
        if route is None:
            return
        for start in range(max(first_id, self._head), self._transferred, BATCH_FRAMES):
            end = min(start + BATCH_FRAMES, self._transferred)
            frames = route.encrypt(self._waiting(start, end))
            self._courier.post(OverwriteFrames(self._number, self._generation, start, frames))

    def _waiting(self, first_id: int, end_id: int) -> list[bytes]:
        return list(islice(self._frames, first_id - self._head, end_id - self._head))

    def _truncate(self, first_id: int) -> None:
        while self._frames and self.next_id > first_id:
            self._frames.pop()
        self._transferred = min(self._transferred, max(first_id, self._head))

    def _forget_sent(self, last_sent: int) -> None:
        # Called for each stream at each tick, hence no `max()`.
        if last_sent > self._last_sent:
            self._last_sent = last_sent
        frames, head = self._frames, self._head
        while frames and head <= last_sent:
            frames.popleft()
            head += 1
        self._head = head
        if self._transferred < head:
            self._transferred = head

    def _bump_generation(self) -> None:
        self._newest_generation += 1
        self._generation = self._newest_generation

    def _settle_state(self, route: Route) -> None:
        """Take leave of a state: what was counted and numbered there is kept."""
        if self._state_here is not None:
            route.sequence = (self._state_here.sequence + self._sent_since) % U16
        self._counts_before = self.counts
        self._state_here = None
        self._sent_since = 0

    def _settle_replace(self) -> None:
        """Without a child the queue here is the only one: what a replace asked for is what it holds."""
        pending, self._pending = self._pending, None
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(ReplaceResult(applied=True, last_sent_id=self._last_sent))


def _check(frames: Sequence[bytes]) -> None:
    for frame in frames:
        if not 0 < len(frame) <= MAX_FRAME_BYTES:
            raise BadValue(f"an Opus frame of {len(frame)} bytes; 1 to {MAX_FRAME_BYTES} are possible")
