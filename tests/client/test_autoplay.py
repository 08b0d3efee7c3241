"""What plays when the queue is empty."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import AutoplayEvent, DefaultPlayer, QueueEndEvent, Recommendations, TrackStartEvent
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
        from client.world import as_audio

        player.queue.history.append(as_audio(again))
        found = await Recommendations().next(player, [track("unknown source"), as_audio(seed)])
        assert [song.title for song in found] == ["fresh"]
        assert await Recommendations().next(player, []) == []
