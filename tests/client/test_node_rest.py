"""Every route under Lavalink.py's name."""

from __future__ import annotations

import pytest

from client.world import GUILD, track, world
from voxlink.client import LowPass
from voxlink.errors import BadType, BadValue
from voxlink.protocol import LoadType


async def test_loading_and_decoding() -> None:
    async with world() as (_, node, fake):
        made = fake.add_track("ytsearch:a b+c", "Song")
        found = await node.get_tracks("ytsearch:a b+c")
        assert (found.load_type, found.tracks[0].title) == (LoadType.TRACK, "Song")
        assert (await node.get_tracks("nothing")).load_type == LoadType.EMPTY
        assert (await node.decode_track(made.encoded)).title == "Song"
        assert [song.title for song in await node.decode_tracks([made.encoded] * 2)] == ["Song", "Song"]


async def test_what_a_node_is() -> None:
    async with world() as (_, node, _fake):
        assert await node.get_version() == "4.2.2"
        assert (await node.get_info())["version"]["major"] == 4
        assert (await node.get_stats())["players"] == 0
        assert await node.get_rest_latency() > 0


async def test_latency_is_minus_one_when_the_node_is_away() -> None:
    async with world() as (_, node, fake):
        await fake.stop_listening()
        assert await node.get_rest_latency() == -1


async def test_the_route_planner_that_is_not_there() -> None:
    async with world() as (_, node, _fake):
        assert await node.get_routeplanner_status() is None
        assert await node.routeplanner_free_address("1.1.1.1") is False
        assert await node.routeplanner_free_all_failing() is False


async def test_players_are_changed_read_and_removed() -> None:
    async with world() as (_, node, fake):
        answer = await node.update_player(
            guild_id=str(GUILD), encoded_track=track("x").track, volume=40, filters=[LowPass(5)]
        )
        assert answer is not None
        assert (answer["volume"], answer["filters"]) == (40, {"lowPass": {"smoothing": 5.0}})
        assert (await node.get_player(GUILD))["track"]["info"]["title"] == "x"
        assert len(await node.get_players()) == 1
        assert await node.destroy_player(GUILD) is True
        assert not fake.has_player(GUILD)


async def test_no_replace_is_a_query_parameter() -> None:
    async with world() as (_, node, fake):
        await node.update_player(GUILD, track("x").track, no_replace=True)
        assert fake.calls("PATCH", "/players/")[-1].query["noReplace"] == "true"
        with pytest.raises(BadType):
            await node.update_player(GUILD, "x", no_replace=1)  # type: ignore[arg-type]


async def test_nothing_to_say_is_not_sent() -> None:
    async with world() as (_, node, fake):
        assert await node.update_player(GUILD) is None
        assert await node.update_session() is None
        assert fake.calls("PATCH", "/players/") == []


async def test_bad_arguments_are_refused_before_anything_is_sent() -> None:
    async with world() as (_, node, fake):
        with pytest.raises(BadValue):
            await node.update_player(GUILD, "x", "y")
        assert fake.calls("PATCH", "/players/") == []


async def test_lone_surrogates_do_not_break_a_request() -> None:
    async with world() as (_, node, fake):
        await node.update_player(GUILD, encoded_track=track("x").track, user_data={"a": "\ud800"})
        assert fake.patches(GUILD)[-1]["track"]["userData"] == {"a": "\ud800"}


async def test_sessions_are_configured() -> None:
    async with world() as (_, node, _fake):
        assert await node.update_session(resuming=True, timeout=5) == {"resuming": True, "timeout": 5}
        assert await node.update_session() is None
