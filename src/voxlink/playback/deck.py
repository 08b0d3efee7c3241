"""The player's end of its frame stream: what is queued, where a new sound may be joined, and the joining itself.

One deck per player, on the event loop. It never renders; a `Rendition` hands it frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from voxlink.audio import FRAME_MS
from voxlink.playback.ledger import Entry, Frame, Ledger
from voxlink.playback.renderer import Batch, History
from voxlink.playback.tape import CONVERGE_FRAMES
from voxlink.voice import ReplaceResult

JOIN_DISTANCE = 2
"""A join begins so many frames after the last one sent (design.md, "Commands are heard at once")."""
JOIN_ATTEMPTS = 3
"""A join is refused at most twice; a machine that is slower still gets it behind the queue."""
JOIN_FRAMES = 6
"""Frames that are rendered before a join is sent off, few to be quick; the rest of the queue follows at once."""
UNSENT_LIMIT_MS = 2000
"""With this much unsent nothing more is rendered, whatever the queue should hold (design.md, "The pipe")."""

Make = Callable[[Entry | None, History], Awaitable[Batch]]
"""Renders what follows a join, given the entry that it replaces (None: the queue ends there) and what was heard."""


class Sending(Protocol):
    """What a deck needs of `voice.FrameStream`, where each is documented."""

    @property
    def next_id(self) -> int:
        """See `FrameStream`."""
        ...

    @property
    def is_paused(self) -> bool:
        """See `FrameStream`."""
        ...

    @property
    def is_attached(self) -> bool:
        """See `FrameStream`."""
        ...

    def queue(self, frames: Sequence[bytes]) -> None:
        """See `FrameStream`."""
        ...

    async def replace(self, first_id: int, frames: Sequence[bytes]) -> ReplaceResult:
        """See `FrameStream`."""
        ...

    def clear(self) -> None:
        """See `FrameStream`."""
        ...

    def finish(self) -> None:
        """See `FrameStream`."""
        ...

    def pause(self) -> None:
        """See `FrameStream`."""
        ...

    def resume(self) -> None:
        """See `FrameStream`."""
        ...


class Deck:
    """A frame stream with its ledger."""

    def __init__(self, stream: Sending, *, queue_ms: int) -> None:
        self._stream = stream
        self._ledger = Ledger()
        self._depth = min(queue_ms, UNSENT_LIMIT_MS) // FRAME_MS
        self._replacing: asyncio.Future[bool] | None = None
        self._clearings = 0
        self._join_s = 0.0
        self._silent_after: int | None = None

    @property
    def room(self) -> int:
        """How many frames the queue lacks."""
        return max(self._depth - self._ledger.queued, 0)

    @property
    def depth(self) -> int:
        """How many frames the queue should hold."""
        return self._depth

    @property
    def queued(self) -> int:
        """How many frames wait to be sent."""
        return self._ledger.queued

    @property
    def last_sent_id(self) -> int:
        """The id that the transmitter reported last."""
        return self._ledger.last_sent_id

    @property
    def last_queued_id(self) -> int:
        """The id at the end of the queue."""
        return self._ledger.next_id - 1

    @property
    def is_still(self) -> bool:
        """Whether nothing is being sent: paused, or no voice connection."""
        return self._stream.is_paused or not self._stream.is_attached

    @property
    def follows_silence(self) -> bool:
        """Whether the listener will have heard silence before the next frame that is queued."""
        return self._silent_after == self.last_queued_id

    def sent(self, last_sent_id: int, *, starved: bool) -> Entry | None:
        """Take a report of the transmitter; return the entry of the last frame sent, if it is news."""
        entry = self._ledger.sent(last_sent_id)
        if starved and not self._ledger.queued:
            self._silent_after = last_sent_id
        return entry

    def queue(self, part: int, frames: Sequence[Frame]) -> None:
        """Put frames at the end of the queue."""
        if frames:
            self._stream.queue([frame.packet for frame in frames])
            self._ledger.queue(part, frames)

    def clear(self) -> None:
        """Throw away what is unsent; the listener hears silence from the next tick on."""
        self._clearings += 1
        self._stream.clear()
        self._ledger.clear(self._stream.next_id)
        self._silent_after = self.last_queued_id

    def pause(self) -> None:
        """Stop sending at the next tick; the queue stays."""
        if not self._stream.is_paused:
            self._stream.pause()

    def resume(self) -> None:
        """Send on at the next tick."""
        if self._stream.is_paused:
            self._silent_after = self.last_sent_id
            self._stream.resume()

    def first_id(self, wanted: Callable[[Entry], bool]) -> int:
        """The first id in the queue whose entry is wanted; the id after the last one if none is."""
        return next(
            (
                frame_id
                for frame_id in range(self._ledger.last_sent_id + 1, self._ledger.next_id)
                if (entry := self._ledger.entry(frame_id)) is not None and wanted(entry)
            ),
            self._ledger.next_id,
        )

    def entry(self, frame_id: int) -> Entry | None:
        """What has this id in the queue, if anything."""
        return self._ledger.entry(frame_id)

    def finish(self) -> None:
        """Nothing follows what is queued: running dry after it is no fault."""
        self._stream.finish()

    async def settled(self) -> None:
        """Wait until no replacement is under way."""
        if self._replacing is not None:
            await asyncio.wait([self._replacing])

    async def splice(self, part: int, make: Make, *, earliest: int = 0, fade_in: bool = False) -> Batch:
        """Replace the queue from two frames after the last one sent (not before id `earliest`) by what `make` renders.

        A refused replacement is rendered again from the id that the transmitter names, further ahead if rendering takes
        long. `fade_in`: the listener hears silence before it. When cancelled, the replacement happens as a whole or not
        at all, and the ledger knows.
        """
        await self.settled()
        for _ in range(JOIN_ATTEMPTS):
            first_id = self._join_id(earliest)
            batch = await self._timed(make, first_id, fade_in=fade_in)
            if first_id == self._ledger.next_id:
                self.queue(part, batch.frames)
                return batch
            if first_id > self.last_sent_id and await self._replace(first_id, part, batch.frames):
                return batch
        batch = await make(None, self._history(self._ledger.next_id, fade_in=fade_in))
        self.queue(part, batch.frames)
        return batch

    async def _timed(self, make: Make, first_id: int, *, fade_in: bool) -> Batch:
        """Render a join, and learn how long that takes at present."""
        clock = asyncio.get_running_loop().time
        began_at = clock()
        batch = await make(self._ledger.entry(first_id), self._history(first_id, fade_in=fade_in))
        self._join_s = clock() - began_at
        return batch

    async def _replace(self, first_id: int, part: int, frames: Sequence[Frame]) -> bool:
        self._replacing = asyncio.ensure_future(self._replace_whole(first_id, part, frames))
        return await asyncio.shield(self._replacing)

    async def _replace_whole(self, first_id: int, part: int, frames: Sequence[Frame]) -> bool:
        clearings = self._clearings
        result = await self._stream.replace(first_id, [frame.packet for frame in frames])
        if clearings != self._clearings:
            return True  # thrown away meanwhile, as everything else was
        if result.applied:
            self._ledger.replace(first_id, part, frames)
        self._ledger.sent(result.last_sent_id)
        return result.applied

    def _join_id(self, earliest: int) -> int:
        """Where a join has a chance to be in time: two frames ahead, or more if the last one took longer than that."""
        distance = 1 if self.is_still else max(JOIN_DISTANCE, int(self._join_s * 1000 / FRAME_MS) + 2)
        return min(max(self.last_sent_id + distance, earliest), self._ledger.next_id)

    def _history(self, first_id: int, *, fade_in: bool) -> History:
        heard_from = first_id - CONVERGE_FRAMES
        if self._silent_after is not None:
            heard_from = max(heard_from, self._silent_after + 1)
        return History(
            before=self._ledger.packets(heard_from, first_id - 1),
            instead=self._ledger.packets(first_id, first_id + 1),
            after_silence=fade_in or heard_from == first_id,
        )
