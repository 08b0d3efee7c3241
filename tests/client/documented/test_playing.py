"""The API document's player: playing, loops, state, moves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from client.world import GUILD, add, client, join, state_update, track, world
from voxlink.client import (
    BasePlayer,
    Client,
    DefaultPlayer,
    DeferredAudioTrack,
    FailoverPolicy,
    Node,
    NodeChangedEvent,
    Source,
    TrackEndEvent,
    TrackStartEvent,
    VolumeChangedEvent,
)
from voxlink.protocol import EndReason, LoadResult
from voxlink.testing import FakeNode

NOTHING: dict[str, Any] = {}
NONES = dict.fromkeys(("start_time", "end_time", "no_replace", "volume", "pause"))


async def test_a_player_knows_its_client_guild_node_channel_and_track() -> None:
    async with world() as (made, node, _fake):
        player = made.player_manager.create(GUILD)
        assert issubclass(type(player), BasePlayer)
        assert (player.client, player.guild_id, player.node) == (made, GUILD, node)
        assert (player.channel_id, player.current, player.is_connected, player.is_playing) == (None, None, False, False)
        song = track("a")
        await join(made)
        await player.play(song)
        assert (player.channel_id, player.current, player.is_connected, player.is_playing) == (7, song, True, True)
        await made.voice_update_handler(state_update(channel_id=None))
        assert (player.channel_id, player.is_connected, player.is_playing) == (None, False, False)


@pytest.mark.parametrize("method", ["play", "play_track"])
@pytest.mark.parametrize("given", [NOTHING, NONES], ids=["left out", "None"])
async def test_what_is_left_out_or_none_keeps_the_default(method: str, given: dict[str, Any]) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.set_volume(40)
        await player.play(track("a"), start_time=9000, end_time=50_000)
        async with made.stream(TrackStartEvent) as starts:
            await getattr(player, method)(track("b"), **given)
            await anext(starts)
        call = fake.calls("PATCH", "/players/")[-1]
        assert (set(call.json), call.query.get("noReplace", "false")) == ({"track"}, "false")
        there = fake.player(GUILD)
        assert there.track is not None
        assert (there.track.info.title, there.end_time, there.volume, there.paused) == ("b", None, 40, False)
        assert (player.volume, player.paused) == (40, False)
        assert there.position < 9000


@pytest.mark.parametrize("method", ["play", "play_track"])
async def test_all_that_is_given_reaches_the_node(method: str) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        given = {"start_time": 1000, "end_time": 60_000, "volume": 30, "pause": True, "mixer": {"of a": "plugin"}}
        await getattr(player, method)(track("a"), **given)
        there = fake.player(GUILD)
        assert there.track is not None
        assert (there.track.info.title, there.position, there.end_time) == ("a", 1000, 60_000)
        assert (there.volume, there.paused) == (30, True)
        assert (player.volume, player.paused) == (30, True)
        assert fake.patches(GUILD)[-1]["mixer"] == {"of a": "plugin"}


async def test_pause_and_volume_of_a_play_track_go_along_to_another_node() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        old, new = add(made, one), add(made, two)
        for node in (old, new):
            await node.wait_ready()
        made.player_manager.create(GUILD, node=old)
        player = await join(made)
        async with made.stream(TrackStartEvent) as starts, made.stream(VolumeChangedEvent) as volumes:
            await player.play_track(track("a"), volume=30, pause=True)
            await anext(starts)
            event = await anext(volumes)
        assert (event.old, event.new) == (100, 30)
        await player.change_node(new)
        assert (two.player(GUILD).volume, two.player(GUILD).paused) == (30, True)


@pytest.mark.parametrize("method", ["play", "play_track"])
@pytest.mark.parametrize("paused", [False, True])
async def test_a_second_play_replaces_the_first_unless_it_is_told_not_to(method: str, paused: bool) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        first = track("a")
        await player.play(first, pause=paused)
        await getattr(player, method)(track("b"), no_replace=True)
        assert (player.current, player.paused) == (first, paused)
        assert fake.player(GUILD).track.info.title == "a"  # type: ignore[union-attr]
        async with made.stream(TrackEndEvent) as ends:
            await getattr(player, method)(track("c"))
            event = await anext(ends)
        assert (event.track.title, event.reason) == ("a", EndReason.REPLACED)  # type: ignore[union-attr]
        assert fake.player(GUILD).track.info.title == "c"  # type: ignore[union-attr]


async def test_a_play_gives_the_nodes_player_and_none_if_nothing_was_asked() -> None:
    class Nothing(DeferredAudioTrack):
        async def load(self, client: Client) -> str | None:
            return None

    async with world() as (made, _node, fake):
        player = await join(made)
        answer = await player.play_track(track("a"), volume=30)
        assert answer is not None
        assert (answer["guildId"], answer["volume"], answer["track"]["info"]["title"]) == (str(GUILD), 30, "a")
        before = len(fake.patches(GUILD))
        assert await player.play_track(Nothing(track("b").raw["info"])) is None
        assert len(fake.patches(GUILD)) == before


async def test_destroying_a_player_is_the_managers_destroy() -> None:
    async with world() as (made, _node, fake):
        for destroy in (lambda player: player.destroy(), lambda player: made.player_manager.destroy(player.guild_id)):
            player = await join(made)
            await player.play(track("a"))
            await destroy(player)
            assert made.player_manager.get(GUILD) is None
            assert not fake.has_player(GUILD)


async def test_a_deferred_track_and_a_source_are_given_the_client() -> None:
    asked: list[Any] = []

    class Later(DeferredAudioTrack):
        async def load(self, client: Client) -> str | None:
            asked.append(client)
            return (await client.get_tracks("twin")).tracks[0].track

    class Mine(Source):
        async def load_item(self, client: Client, query: str) -> LoadResult | None:
            asked.append((client, query))
            return LoadResult.from_track(Later(track("later").raw["info"]))

    async with world() as (made, _node, fake):
        fake.add_track("twin", "The twin")
        made.register_source(Mine("mine"))
        found = (await made.get_tracks("words", check_local=True)).tracks[0]
        assert found.track is None
        await (await join(made)).play(found)
        assert asked == [(made, "words"), made]
        assert fake.player(GUILD).track.info.title == "The twin"  # type: ignore[union-attr]


@pytest.mark.parametrize(("loop", "title", "left"), [(0, "b", []), (1, "a", ["b"]), (2, "b", ["a"])])
async def test_what_follows_an_end_is_the_loops_choice(loop: int, title: str, left: list[str]) -> None:
    assert (DefaultPlayer.LOOP_NONE, DefaultPlayer.LOOP_SINGLE, DefaultPlayer.LOOP_QUEUE) == (0, 1, 2)
    async with world() as (made, _node, fake):
        player = await join(made)
        assert player.loop == 0
        player.set_loop(loop)
        assert player.loop == loop
        player.queue.extend([track("a"), track("b")])
        async with made.stream(TrackStartEvent) as starts:
            await player.play()
            await anext(starts)
            fake.finish(GUILD)
            assert (await anext(starts)).track.title == title
        assert [song.title for song in player.queue] == left


async def test_pause_volume_and_place_are_set_on_the_node_and_known_here() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        there = fake.player(GUILD)
        await player.set_pause(True)
        assert (player.paused, there.paused) == (True, True)
        await player.seek(5000)
        assert (player.position, there.position) == (5000, 5000)
        await player.set_volume(70)
        assert (player.volume, there.volume) == (70, 70)
        await player.set_volume(1001)
        assert (player.volume, there.volume) == (1000, 1000)
        await player.set_pause(False)
        assert (player.paused, there.paused) == (False, False)
        await player.stop()
        assert (player.current, there.track) == (None, None)


async def test_a_shuffled_player_says_so() -> None:
    async with world() as (made, _node, _fake):
        player = made.player_manager.create(GUILD)
        assert player.shuffle is False
        player.set_shuffle(True)
        assert player.shuffle is True


async def test_a_track_goes_to_the_end_of_the_queue_or_to_its_index_with_its_requester() -> None:
    async with world() as (made, _node, _fake):
        player = made.player_manager.create(GUILD)
        for title, index in (("a", None), ("b", None), ("c", 1), ("d", 0)):
            player.add(track(title), requester=5, index=index)
        assert isinstance(player.queue, list)
        assert [song.title for song in player.queue] == ["d", "a", "c", "b"]
        assert {song.requester for song in player.queue} == {5}


async def test_a_player_is_told_of_the_loss_of_its_node_and_then_of_the_new_one() -> None:
    told: list[Any] = []

    class Mine(DefaultPlayer):
        async def node_unavailable(self) -> None:
            told.append("unavailable")
            await super().node_unavailable()

        async def change_node(self, node: Node) -> None:
            told.append(node)
            await super().change_node(node)

    async with (
        FakeNode() as one,
        FakeNode() as two,
        client(player=Mine, failover=FailoverPolicy(mode="migrate")) as made,
    ):
        old, new = add(made, one), add(made, two)
        for node in (old, new):
            await node.wait_ready()
        made.player_manager.create(GUILD, node=old)
        player = await join(made)
        moved = asyncio.ensure_future(made.wait_for(NodeChangedEvent, timeout=10))
        await asyncio.sleep(0)
        await one.stop_listening()
        await moved
        assert told == ["unavailable", new]
        assert player.node is new
