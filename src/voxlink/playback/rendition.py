"""One track on its way to the frame stream: opened, rendered ahead, changed while it sounds, dropped as a whole.

A task of its own per track; everything that blocks runs in the pool. Commands only say what is wanted now; the task
brings about the newest wish, so a volume slider costs one join at a time and superseded wishes are never rendered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

from voxlink._util.tasks import Tasks
from voxlink.audio import OpusEncoder
from voxlink.errors import LoadFailed, MediaError, VoxlinkError
from voxlink.playback.deck import JOIN_FRAMES, Deck
from voxlink.playback.engine import EngineConfig
from voxlink.playback.ledger import KEPT_FRAMES, Entry
from voxlink.playback.renderer import Batch, History, Renderer
from voxlink.playback.tape import Sound

FILL_FRAMES = 10
"""The queue is topped up when it lacks so many frames, so many at a time: a wish never waits for more than these."""

_log = logging.getLogger("voxlink.playback")

P = ParamSpec("P")
T = TypeVar("T")


class Audience(Protocol):
    """Who is told how a rendition goes; called on the event loop."""

    def sound_begun(self, part: int) -> None:
        """The first frame was made."""
        ...

    def sound_failed(self, part: int, error: VoxlinkError) -> None:
        """The track cannot be opened, or breaks off; what was made of it is still sent."""
        ...

    def sound_played_out(self, part: int) -> None:
        """All that was, and ever will be, made of the track has been sent."""
        ...


class Rendition:
    """A track being played from a deck, from when it is made until `close` or until the owner closes `tasks`."""

    def __init__(
        self,
        open_media: Callable[[], Awaitable[Sound]],
        *,
        part: int,
        start_ms: float,
        end_ms: float | None,
        volume: int,
        config: EngineConfig,
        deck: Deck,
        pool: Executor,
        audience: Audience,
        tasks: Tasks,
        interrupt: Callable[[], object] | None = None,
    ) -> None:
        self._open_media = open_media
        self._part = self._sounding = part
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._volume = volume
        self._make_encoder = partial(OpusEncoder, config.opus_bitrate_bps, complexity=config.opus_complexity)
        self._deck = deck
        self._pool = pool
        self._audience = audience
        self._interrupt = interrupt
        self._wake = asyncio.Event()
        self._seek_ms: float | None = None
        self._is_volume_new = False
        self._old_end_ms: float | None = None
        self._is_end_new = False
        self._is_fade_in_wanted = False
        self._end_id: int | None = None
        self._has_sound = False
        self._working: Future[Any] | None = None
        self._task = tasks.spawn(self._run(), f"rendition-{part}")

    def set_volume(self, volume: int) -> None:
        """Heard as soon as a join can be made."""
        self._is_volume_new |= volume != self._volume
        self._volume = volume
        self._wake.set()

    def set_end(self, end_ms: float | None) -> None:
        """Let the sound end elsewhere; what is queued beyond is taken back."""
        if not self._is_end_new:
            self._old_end_ms = self._end_ms
        self._end_ms = end_ms
        self._is_end_new = True
        self._wake.set()

    def seek(self, part: int, position_ms: float) -> None:
        """Go on from another place, as a new part; the old sound stays until the new one has frames."""
        self._part = part
        self._seek_ms = position_ms
        self._end_id = None
        self._wake.set()

    def fade_in(self) -> None:
        """The listener hears silence now: what is queued gets a beginning that fits."""
        self._is_fade_in_wanted = True
        self._wake.set()

    def progress(self) -> None:
        """Frames were sent: look whether there is room for more, or whether the track was played out."""
        if self._end_id is not None and self._deck.last_sent_id >= self._end_id:
            self._audience.sound_played_out(self._part)
        elif self._deck.room >= FILL_FRAMES:
            self._wake.set()

    def close(self) -> None:
        """Stop rendering; what is queued stays queued. The media is closed as soon as no thread uses it.

        `interrupt` is called to make a thread return that waits in it.
        """
        self._task.cancel()
        if self._interrupt is not None:
            self._interrupt()

    # ------------------------------------------------------------------ the task

    async def _run(self) -> None:
        try:
            media = await self._open_media()
        except (LoadFailed, MediaError) as error:
            self._fail(error)
            return
        except Exception as error:  # noqa: BLE001 (a source may be anybody's)
            self._fail_unexpectedly(error)
            return
        self._is_volume_new = self._is_end_new = False
        renderer = Renderer(
            media,
            start_ms=self._start_ms,
            end_ms=self._end_ms,
            volume=self._volume,
            make_encoder=self._make_encoder,
        )
        try:
            await self._play(renderer)
        except Exception as error:  # noqa: BLE001 (a track that goes on for ever without sound is worse)
            self._fail_unexpectedly(error)
        finally:
            self._close_when_idle(renderer)

    async def _play(self, renderer: Renderer) -> None:
        await self._deck.settled()
        if self._seek_ms is None:
            await self._begin(renderer)
        while True:
            self._wake.clear()
            if self._seek_ms is not None:
                await self._seek(renderer)
            elif self._is_end_new:
                await self._move_end(renderer)
            elif self._is_volume_new:
                await self._change_volume(renderer)
            elif self._is_fade_in_wanted:
                await self._fade_in(renderer)
            elif self._end_id is None and self._deck.room:
                await self._fill(renderer)
            else:
                await self._wake.wait()

    async def _begin(self, renderer: Renderer) -> None:
        """The first frames: after silence as they are, else joined to what is still queued of the track before."""
        if not self._deck.queued:
            await self._fill(renderer)
        else:
            await self._splice_part(renderer, renderer.open)

    async def _seek(self, renderer: Renderer) -> None:
        position_ms, self._seek_ms = self._seek_ms or 0.0, None
        self._sounding = self._part
        self._take_wishes(renderer)
        await self._splice_part(renderer, partial(renderer.seek, position_ms))

    async def _splice_part(self, renderer: Renderer, go_there: Callable[[], object]) -> None:
        """Let a new part take the place of what is queued, as soon as its beginning can be read."""
        part = self._part
        try:
            await self._work(go_there)
        except (LoadFailed, MediaError) as error:
            if part == self._part:
                self._fail(error)
            return
        await self._splice(renderer, is_new_part=True)

    async def _change_volume(self, renderer: Renderer) -> None:
        self._take_wishes(renderer)
        await self._splice(renderer, earliest=self._first_id())

    async def _move_end(self, renderer: Renderer) -> None:
        """Take back what is queued from the nearer of the two ends on, and render from there to the new one."""
        nearer = min((end for end in (self._old_end_ms, self._end_ms) if end is not None), default=None)
        self._take_wishes(renderer)
        if nearer is None:
            return
        first_id = self._deck.first_id(lambda entry: entry.part == self._sounding and entry.end_ms > nearer - 1)
        if first_id <= self._deck.last_queued_id or self._end_id is not None:
            await self._splice(renderer, earliest=first_id, is_same_sound=True)

    async def _fade_in(self, renderer: Renderer) -> None:
        self._is_fade_in_wanted = False
        if renderer.encodes and self._deck.is_still:
            await self._splice(renderer, earliest=self._first_id(), fade_in=True)

    async def _fill(self, renderer: Renderer) -> None:
        count = min(self._deck.room, FILL_FRAMES)
        if self._deck.follows_silence and renderer.encodes:
            batch = await self._work(renderer.join, renderer.next_index, History(after_silence=True), count)
        else:
            batch = await self._work(renderer.render, count)
        self._deck.queue(self._sounding, batch.frames)
        self._rendered(batch)
        entry = self._deck.entry(self._first_id())
        if entry is not None:
            renderer.forget(entry.frame.source_index - KEPT_FRAMES)

    async def _splice(
        self,
        renderer: Renderer,
        *,
        is_new_part: bool = False,
        earliest: int = 0,
        fade_in: bool = False,
        is_same_sound: bool = False,
    ) -> None:
        """Replace what is queued by a new part, or by what stands in its place now."""
        after_queue = renderer.next_index

        async def make(replaced: Entry | None, history: History) -> Batch:
            index = after_queue if replaced is None or is_new_part else replaced.frame.source_index
            if is_same_sound and not renderer.encodes:
                return await self._work(renderer.resume, index, JOIN_FRAMES)
            return await self._work(renderer.join, index, history, JOIN_FRAMES)

        self._end_id = None
        self._rendered(await self._deck.splice(self._sounding, make, earliest=earliest, fade_in=fade_in))

    def _first_id(self) -> int:
        """The first id in the queue that belongs to what sounds now, or the one after the queue."""
        return self._deck.first_id(lambda entry: entry.part == self._sounding)

    def _take_wishes(self, renderer: Renderer) -> None:
        renderer.set_volume(self._volume)
        renderer.set_end(self._end_ms)
        self._is_volume_new = self._is_end_new = False

    def _rendered(self, batch: Batch) -> None:
        if batch.frames and not self._has_sound:
            self._has_sound = True
            self._audience.sound_begun(self._sounding)
        if not batch.ended or self._seek_ms is not None:
            return
        if batch.error is not None:
            self._fail(batch.error)
        else:
            self._ended()

    def _fail(self, error: VoxlinkError) -> None:
        self._audience.sound_failed(self._part, error)
        self._ended()

    def _fail_unexpectedly(self, error: Exception) -> None:
        _log.error("a track broke off by a defect", exc_info=error)
        self._fail(VoxlinkError(f"{type(error).__name__}: {error}"))

    def _ended(self) -> None:
        """Nothing more will be rendered: the track is over when what is queued of it has been sent."""
        self._end_id = self._deck.last_queued_id if self._has_sound else self._deck.last_sent_id
        self._deck.finish()
        self.progress()

    async def _work(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._pool.submit(call, *args, **kwargs)
        self._working = future
        return await asyncio.wrap_future(future)

    def _close_when_idle(self, renderer: Renderer) -> None:
        """Close the media in the thread that still uses it, if one does (filters.md 3.5)."""
        if self._working is None or self._working.done():
            self._pool.submit(renderer.close)
        else:
            self._working.add_done_callback(lambda _: renderer.close())
