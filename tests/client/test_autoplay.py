"""What plays when the queue is empty."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from client.world import GUILD, as_audio, join, track, world
from voxlink.client import (
    AutoplayEvent,
    AutoplayMode,
    DefaultPlayer,
    QueueEndEvent,
    Recommendations,
    TrackEndEvent,
    TrackStartEvent,
)
from voxlink.client.snapshot import decode_snapshot
from voxlink.protocol import AudioTrack
from voxlink.testing import make_track


class More:
    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.seeds: list[str] = []

    async def next(self, player: DefaultPlayer, seeds: Sequence[AudioTrack]) -> Sequence[AudioTrack]:
        self.seeds = [seed.title for seed in seeds]
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]


async def test_an_empty_queue_is_filled_from_what_was_played() -> None:
    provider = More([track("b"), track("c")])
    async with world(autoplay=provider) as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        stream, starts = made.stream(AutoplayEvent), made.stream(TrackStartEvent)
        fake.finish(GUILD)
        assert [song.title for song in (await anext(stream)).tracks] == ["b", "c"]
        while (await anext(starts)).track.title != "b":
            pass
        assert provider.seeds == ["a"]
        assert [song.title for song in player.queue] == ["c"]
        stream.close()
        starts.close()


async def test_a_flag_of_the_bots_own_under_that_name_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        player.autoplay = True  # type: ignore[assignment]
        await player.play(track("a"))
        ending = asyncio.ensure_future(made.wait_for(QueueEndEvent, timeout=10))
        await asyncio.sleep(0)
        fake.finish(GUILD)
        assert (await ending).player is player
        assert not caplog.records


async def test_a_provider_that_fails_ends_the_queue() -> None:
    async with world(autoplay=More(RuntimeError("no"), [])) as (made, _node, fake):
        player = await join(made)
        for _ in range(2):
            await player.play(track("a"))
            ending = asyncio.ensure_future(made.wait_for(QueueEndEvent, timeout=10))
            await asyncio.sleep(0)
            fake.finish(GUILD)
            assert (await ending).player is player


async def test_recommendations_ask_the_source_and_leave_out_what_was_played() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        seed, again, fresh = (make_track(name, source="deezer") for name in ("seed", "again", "fresh"))
        fake.add_search(f"dzrec:{seed.info.identifier}", again, fresh)
        player.queue.history.append(as_audio(again))
        found = await Recommendations().next(player, [track("unknown source"), as_audio(seed)])
        assert [song.title for song in found] == ["fresh"]
        assert await Recommendations().next(player, []) == []


async def test_off_rests_after_every_track_and_play_goes_on() -> None:
    provider = More([track("more")])
    async with world(autoplay=provider) as (made, node, fake):
        player = await join(made)
        player.autoplay = AutoplayMode.OFF
        player.queue.extend([track("a"), track("b")])
        for title, left in (("a", ["b"]), ("b", [])):
            await player.play()
            assert player.current is not None
            assert player.current.title == title
            ending = asyncio.ensure_future(made.wait_for(TrackEndEvent, timeout=10))
            await asyncio.sleep(0)
            fake.finish(GUILD)
            await ending
            while player.current is not None:
                await node.get_version()
            assert [song.title for song in player.queue] == left
        await player.play()
        assert (player.current, provider.seeds) == (None, [])
        assert [song.title for song in player.queue.history] == ["a", "b"]


async def test_partial_plays_the_queue_and_asks_nobody_for_more() -> None:
    provider = More([track("more")])
    async with world(autoplay=provider) as (made, _node, fake):
        player = await join(made)
        player.autoplay = AutoplayMode.PARTIAL
        player.queue.extend([track("a"), track("b")])
        starts = made.stream(TrackStartEvent)
        await player.play()
        await anext(starts)
        fake.finish(GUILD)
        assert (await anext(starts)).track.title == "b"
        ending = asyncio.ensure_future(made.wait_for(QueueEndEvent, timeout=10))
        await asyncio.sleep(0)
        fake.finish(GUILD)
        await ending
        assert provider.answers
        starts.close()


async def test_on_without_a_provider_asks_the_source_of_the_last_track() -> None:
    async with world(autoplay=AutoplayMode.ON) as (made, _node, fake):
        player = await join(made)
        seed, fresh = make_track("seed", source="deezer"), make_track("fresh", source="deezer")
        fake.add_search(f"dzrec:{seed.info.identifier}", fresh)
        await player.play(as_audio(seed))
        starts = made.stream(TrackStartEvent)
        fake.finish(GUILD)
        while (await anext(starts)).track.title != "fresh":
            pass
        starts.close()


async def test_the_mode_is_kept_with_the_player() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        for mode in (None, AutoplayMode.OFF):
            player.autoplay = mode
            snapshot = decode_snapshot(player.snapshot().encode())
            await player.destroy()
            player = await made.restore(snapshot)
            assert player.autoplay is mode
        snapshot.autoplay_mode = "of a later release"
        await player.destroy()
        assert (await made.restore(snapshot)).autoplay is None
