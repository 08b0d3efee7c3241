"""One track on its way to the frame stream."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from playback.test_deck import ScriptedStream
from support.media import make_media, opus_packets, plucks
from voxlink._util.tasks import Tasks
from voxlink.audio import Media, open_media
from voxlink.errors import LoadFailed, SeekFailed, VoxlinkError
from voxlink.playback import EngineConfig
from voxlink.playback.deck import Deck
from voxlink.playback.rendition import Rendition
from voxlink.playback.workers import Workers

PATIENCE_S = 10.0


@pytest.fixture(scope="module")
def opus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_media(tmp_path_factory.mktemp("music") / "piece.opus", plucks(3.0), "ogg-opus")


class Booth:
    """A deck with a scripted stream, and everything that a rendition tells."""

    def __init__(self, workers: Workers, tasks: Tasks) -> None:
        self.stream = ScriptedStream()
        self.stream.is_attached = False
        self.deck = Deck(self.stream, queue_ms=1000)
        self.workers = workers
        self.tasks = tasks
        self.story: list[object] = []
        self.news = asyncio.Event()

    def sound_begun(self, part: int) -> None:
        self.tell(("begun", part))

    def sound_failed(self, part: int, error: VoxlinkError) -> None:
        self.tell(("failed", part, type(error)))

    def sound_played_out(self, part: int) -> None:
        self.tell(("played out", part))

    def tell(self, what: object) -> None:
        if not self.story or self.story[-1] != what:
            self.story.append(what)
        self.news.set()

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not what():
                await asyncio.sleep(0)

    def render(self, media: Callable[[], Media], *, part: int = 1, end_ms: float | None = None) -> Rendition:
        async def opened() -> Media:
            return media()

        return Rendition(
            opened,
            part=part,
            start_ms=0,
            end_ms=end_ms,
            volume=100,
            config=EngineConfig(),
            deck=self.deck,
            pool=self.workers,
            audience=self,
            tasks=self.tasks,
        )


@asynccontextmanager
async def a_booth() -> AsyncIterator[Booth]:
    workers, tasks = Workers(2), Tasks(logging.getLogger("test"))
    try:
        yield Booth(workers, tasks)
    finally:
        await tasks.close()
        await workers.close()


async def test_the_queue_is_filled_to_its_depth_and_no_further(opus: Path) -> None:
    async with a_booth() as booth:
        booth.render(lambda: open_media(opus))
        await booth.until(lambda: booth.deck.queued == 50)
        assert booth.story == [("begun", 1)]
        assert [booth.stream.frames[n] for n in range(50)] == opus_packets(opus)[:50]


async def test_what_was_sent_makes_room_for_more_until_all_is_played_out(opus: Path) -> None:
    packets = opus_packets(opus)
    async with a_booth() as booth:
        rendition = booth.render(lambda: open_media(opus))
        await booth.until(lambda: booth.deck.queued == 50)
        while booth.deck.last_sent_id < len(packets) - 1:
            booth.deck.sent(booth.deck.last_queued_id, starved=False)
            rendition.progress()
            sent = booth.deck.last_sent_id
            await booth.until(lambda sent=sent: booth.deck.last_queued_id > sent or booth.stream.finished > 0)
        await booth.until(lambda: booth.story == [("begun", 1), ("played out", 1)])
        assert [booth.stream.frames[n] for n in range(len(packets))] == packets


async def test_what_cannot_be_opened_fails_and_is_over() -> None:
    async with a_booth() as booth:

        def refuse() -> Media:
            raise LoadFailed("no")

        booth.render(refuse)
        await booth.until(lambda: booth.story == [("failed", 1, LoadFailed), ("played out", 1)])


async def test_a_seek_puts_a_new_part_in_the_place_of_what_waits(opus: Path) -> None:
    async with a_booth() as booth:
        rendition = booth.render(lambda: open_media(opus))
        await booth.until(lambda: booth.deck.queued == 50)
        booth.deck.sent(9, starved=False)
        rendition.seek(2, 2000)
        await booth.until(lambda: (entry := booth.deck.entry(10)) is not None and entry.part == 2)
        entry = booth.deck.entry(10)
        assert entry is not None
        assert abs(entry.frame.position_ms - 2000) < 20


async def test_only_the_last_of_several_seeks_is_heard(opus: Path) -> None:
    async with a_booth() as booth:
        rendition = booth.render(lambda: open_media(opus))
        await booth.until(lambda: booth.deck.queued == 50)
        for part in range(2, 8):
            rendition.seek(part, part * 100)
        await booth.until(lambda: (entry := booth.deck.entry(0)) is not None and entry.part == 7)
        assert len(booth.stream.asked) == 1


class SeeksNot:
    """A media that plays but cannot be moved."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self.is_passthrough = True
        self.is_closed = threading.Event()

    def packets(self) -> Iterator[object]:
        return self._media.packets()

    def seek(self, position_ms: float) -> None:
        raise SeekFailed("nowhere")

    def close(self) -> None:
        self._media.close()
        self.is_closed.set()


async def test_a_seek_that_fails_fails_the_track(opus: Path) -> None:
    async with a_booth() as booth:
        rendition = booth.render(lambda: SeeksNot(open_media(opus)))  # type: ignore[arg-type, return-value]
        await booth.until(lambda: booth.deck.queued == 50)
        rendition.seek(2, 2000)
        await booth.until(lambda: ("failed", 2, SeekFailed) in booth.story)


async def test_a_dropped_rendition_queues_nothing_more_and_closes_its_media(opus: Path) -> None:
    async with a_booth() as booth:
        media = SeeksNot(open_media(opus))
        rendition = booth.render(lambda: media)  # type: ignore[arg-type, return-value]
        await booth.until(lambda: booth.deck.queued > 0)
        rendition.close()
        queued = booth.deck.queued
        await booth.until(media.is_closed.is_set)
        assert booth.deck.queued == queued
