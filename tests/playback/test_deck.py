"""The player's end of its frame stream: what is queued, and where new sound is joined."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from voxlink.playback.deck import Deck
from voxlink.playback.ledger import Entry, Frame
from voxlink.playback.renderer import Batch, History
from voxlink.voice import ReplaceResult


class ScriptedStream:
    """A frame stream whose transmitter does what the test says: `refusals` names the ids that it answers with."""

    def __init__(self) -> None:
        self.frames: dict[int, bytes] = {}
        self.next_id = 0
        self.is_paused = False
        self.is_attached = True
        self.refusals: list[int] = []
        self.asked: list[int] = []
        self.last_sent = -1
        self.gate: asyncio.Event | None = None
        self.finished = 0

    def queue(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            self.frames[self.next_id] = frame
            self.next_id += 1

    async def replace(self, first_id: int, frames: Sequence[bytes]) -> ReplaceResult:
        self.asked.append(first_id)
        if self.gate is not None:
            await self.gate.wait()
        if self.refusals:
            return ReplaceResult(applied=False, last_sent_id=self.refusals.pop(0))
        self.frames = {frame_id: frame for frame_id, frame in self.frames.items() if frame_id < first_id}
        self.next_id = first_id
        self.queue(frames)
        return ReplaceResult(applied=True, last_sent_id=self.last_sent)

    def clear(self) -> None:
        self.frames.clear()

    def finish(self) -> None:
        self.finished += 1

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


def frames(count: int, *, start: int = 0, word: bytes = b"old") -> list[Frame]:
    return [Frame(word + b"%d" % n, 20.0 * n, n) for n in range(start, start + count)]


class Making:
    """Renders joins and remembers what it was asked for."""

    def __init__(self, count: int = 3) -> None:
        self.count = count
        self.asked: list[tuple[Entry | None, History]] = []

    async def __call__(self, entry: Entry | None, history: History) -> Batch:
        self.asked.append((entry, history))
        return Batch(frames(self.count, word=b"new"))


def playing(queued: int = 50, sent: int = 20, *, queue_ms: int = 1000) -> tuple[Deck, ScriptedStream]:
    stream = ScriptedStream()
    deck = Deck(stream, queue_ms=queue_ms)
    deck.queue(1, frames(queued))
    deck.sent(sent, starved=False)
    stream.last_sent = sent
    return deck, stream


async def test_a_join_begins_two_frames_after_the_last_one_sent() -> None:
    deck, stream = playing(sent=20)
    making = Making()
    await deck.splice(2, making)
    entry, history = making.asked[0]
    assert entry is not None
    assert (stream.asked, entry.frame.source_index) == ([22], 22)
    assert history.before == [b"old%d" % n for n in range(14, 22)]
    assert history.instead == [b"old22", b"old23"]
    assert not history.after_silence
    assert deck.last_queued_id == 24
    assert stream.frames[22] == b"new0"


async def test_a_refused_join_is_made_again_from_the_id_that_was_named() -> None:
    deck, stream = playing(sent=20)
    stream.refusals = [22, 25]
    making = Making()
    await deck.splice(2, making)
    assert stream.asked == [22, 24, 27]
    assert [entry.frame.source_index for entry, _ in making.asked if entry] == [22, 24, 27]


async def test_a_machine_that_is_always_late_joins_behind_the_queue_at_last() -> None:
    deck, stream = playing(queued=50, sent=20)
    stream.refusals = [22, 24, 26]
    making = Making()
    await deck.splice(2, making)
    assert stream.asked == [22, 24, 26]
    assert making.asked[-1][0] is None
    assert stream.frames[50] == b"new0"


async def test_where_rendering_takes_long_joins_begin_further_ahead() -> None:
    deck, stream = playing(sent=20)
    deck._join_s = 0.050
    await deck.splice(2, Making())
    assert stream.asked == [24]


async def test_while_nothing_is_sent_a_join_takes_the_place_of_all_that_waits() -> None:
    for is_paused, is_attached in ((True, True), (False, False)):
        deck, stream = playing(sent=20)
        stream.is_paused, stream.is_attached = is_paused, is_attached
        await deck.splice(2, Making())
        assert stream.asked == [21]


async def test_a_join_is_not_made_before_the_earliest_id() -> None:
    deck, stream = playing(sent=20)
    await deck.splice(2, Making(), earliest=40)
    assert stream.asked == [40]


async def test_at_the_end_of_the_queue_there_is_nothing_to_replace() -> None:
    deck, stream = playing(queued=21, sent=20)
    making = Making()
    await deck.splice(2, making)
    entry, history = making.asked[0]
    assert entry is None
    assert history.instead == []
    assert stream.asked == []
    assert stream.frames[21] == b"new0"


async def test_what_was_heard_before_a_silence_is_no_history() -> None:
    deck, _ = playing(queued=21, sent=19)
    deck.sent(20, starved=True)
    assert deck.follows_silence
    making = Making()
    await deck.splice(2, making)
    assert making.asked[0][1].after_silence
    deck.queue(2, frames(30))
    deck.sent(23, starved=False)
    await deck.splice(2, making)
    assert making.asked[1][1].before == [b"new0", b"new1", b"new2", b"old0"]


async def test_a_pause_is_a_silence() -> None:
    deck, stream = playing(sent=20)
    deck.pause()
    assert stream.is_paused
    deck.resume()
    making = Making()
    await deck.splice(2, making)
    assert making.asked[0][1].before == [b"old21"]


async def test_after_clearing_the_next_frames_follow_silence() -> None:
    deck, stream = playing(sent=20)
    deck.clear()
    assert (deck.queued, deck.room, stream.frames) == (0, 50, {})
    assert deck.follows_silence


async def test_a_cancelled_join_happens_as_a_whole_and_the_next_one_waits_for_it() -> None:
    deck, stream = playing(sent=20)
    stream.gate = asyncio.Event()
    first = asyncio.create_task(deck.splice(2, Making()))
    while not stream.asked:
        await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(deck.splice(3, Making(count=5)))
    await asyncio.sleep(0)
    assert stream.asked == [22]
    stream.gate.set()
    await second
    assert stream.asked == [22, 22]
    assert deck.last_queued_id == 26
    entry = deck.entry(22)
    assert entry is not None
    assert entry.part == 3
    assert first.cancelled()


async def test_what_was_cleared_while_a_join_was_under_way_stays_cleared() -> None:
    deck, stream = playing(sent=20)
    stream.gate = asyncio.Event()
    joining = asyncio.create_task(deck.splice(2, Making()))
    while not stream.asked:
        await asyncio.sleep(0)
    deck.clear()
    stream.gate.set()
    await joining
    assert deck.queued == 0
    assert deck.entry(22) is None


def test_the_queue_is_never_deeper_than_two_seconds() -> None:
    deck, _ = playing(queued=0, sent=-1, queue_ms=60_000)
    assert deck.room == 100
