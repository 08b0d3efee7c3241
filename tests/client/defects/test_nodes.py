"""Defects of Lavalink.py's failover and choice of nodes (N1 to N13): each test runs on both libraries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from client.defects.bench import Library, bench
from client.defects.defect import defect
from client.world import GUILD
from voxlink.testing.fake_player import FakePlayer


def end_of(made: Any, guild_id: int) -> dict[str, Any]:
    """The message that a guild's track has ended, as the first node would send it."""
    track = made.fake.patches(guild_id)[-1]["track"]["encoded"]
    info = {
        "identifier": "x", "isSeekable": True, "author": "a", "length": 1, "isStream": False, "position": 0,
        "title": "t", "uri": "u", "sourceName": "http", "artworkUrl": None, "isrc": None,
    }  # fmt: skip
    raw = {
        "encoded": track,
        "info": info,
        "pluginInfo": {},
        "userData": made.fake.patches(guild_id)[-1]["track"].get("userData", {}),
    }
    return {"op": "event", "type": "TrackEndEvent", "guildId": str(guild_id), "track": raw, "reason": "finished"}


@defect("N1")
async def test_a_manual_move_ends_the_player_on_the_old_node(library: Library) -> None:
    async with bench(library, 2) as made:
        player = await made.join(node=made.nodes[0])
        await made.play(player, "song")
        await player.change_node(made.nodes[1])
        await made.fakes[0].wait_request("DELETE", f"/players/{GUILD}")
        assert not made.fakes[1].calls("DELETE")


@defect("N2")
async def test_a_late_end_from_the_old_node_plays_nothing(library: Library) -> None:
    async with bench(library, 2) as made:
        player = await made.join(node=made.nodes[0])
        song = await made.play(player, "song")
        player.add(library.track("next"))
        late = end_of(made, GUILD)
        await player.change_node(made.nodes[1])
        made.fake.push(late)
        await made.settle()
        await made.settle(made.nodes[1])
        assert [track.title for track in player.queue] == ["next"], "the queue went on though the song still plays"
        assert player.current is song


@defect("N3")
async def test_one_player_that_fails_on_ready_holds_up_nobody(library: Library) -> None:
    async with bench(library) as made:
        for guild_id in (1, 2, 3):
            await made.play(await made.join(guild_id), str(guild_id))
        made.fake.fail_next("PATCH", "/players/1$", status=500, body="<html>", times=None)
        before = len(made.fake.patches(3))
        made.fake.forget_sessions()
        await made.fake.vanish()
        await made.fake.wait_request("PATCH", "/players/3$", count=before + 1)


@defect("N4")
async def test_any_error_of_one_move_leaves_the_others_alone(library: Library) -> None:
    error = {"timestamp": 1, "status": 500, "error": "Internal", "message": "no", "path": "/", "trace": None}
    async with bench(library, 2) as made:
        for guild_id in (1, 2, 3):
            await made.play(await made.join(guild_id, node=made.nodes[0]), str(guild_id))
        made.fakes[1].fail_next("PATCH", "/players/1$", status=500, body=error, times=None)
        await made.fake.stop_listening()
        await made.fakes[1].wait_request("PATCH", "/players/3$")


@defect("N5")
async def test_the_players_of_a_lost_node_spread(library: Library) -> None:
    async with bench(library, 3) as made:
        for guild_id in range(1, 11):
            await made.join(guild_id, node=made.nodes[0])
        await made.fake.stop_listening()
        await made.saw("NodeChangedEvent", 10)
        counts = [len(node.players) for node in made.nodes]
        assert min(counts[1:]) >= 4, f"the players went to {counts}"


@defect("N6")
async def test_players_move_at_the_same_time(library: Library) -> None:
    async with bench(library, 2) as made:
        for guild_id in range(1, 5):
            await made.join(guild_id, node=made.nodes[0])
        async with made.fakes[1].stall("PATCH", "/players/"):
            await made.fake.stop_listening()
            await made.fakes[1].wait_request("PATCH", "/players/", count=4)


@defect("N7")
async def test_nodes_without_statistics_share_the_players(library: Library) -> None:
    async with bench(library, 2) as made:
        for guild_id in range(1, 11):
            made.client.player_manager.create(guild_id)
        assert [len(node.players) for node in made.nodes] == [5, 5]


@defect("N8")
async def test_a_node_that_is_not_ready_is_not_chosen(library: Library) -> None:
    async with bench(library, 2, connect=False) as made:
        made.fakes[0].silent_ready = True
        made.add_node(made.fakes[0])
        await made.saw("NodeConnectedEvent")
        made.add_node(made.fakes[1])
        await made.saw("NodeReadyEvent")
        assert made.client.player_manager.create(GUILD).node is made.nodes[1]


@defect("N9")
async def test_regions_that_discord_has_today_are_known(library: Library) -> None:
    async with bench(library) as made:
        found = {
            name: made.client.node_manager.get_region(f"{name}1234.discord.media")
            for name in ("rotterdam", "frankfurt")
        }
        assert found == {"rotterdam": "eu", "frankfurt": "eu"}


@defect("N10")
async def test_a_move_keeps_the_end_time_and_the_user_data(library: Library) -> None:
    async with bench(library, 2) as made:
        player = await made.join(node=made.nodes[0])
        song = library.track("song")
        song.user_data = {"mine": 1}
        await player.play(song, end_time=90_000)
        await made.saw("TrackStartEvent")
        await player.change_node(made.nodes[1])
        bodies = [body for body in made.fakes[1].patches(GUILD) if "track" in body or "encodedTrack" in body]
        assert [(body.get("endTime"), body["track"]["userData"].get("mine")) for body in bodies] == [(90_000, 1)]


@defect("N11")
async def test_between_the_start_and_the_first_report_the_position_is_the_start(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakePlayer, "report", lambda _self: None)
    async with bench(library) as made:
        player = await made.join()
        await made.play(player, "song")
        assert player.position < 60_000, "it jumped to the end of the track"


@defect("N12")
async def test_the_players_of_a_node_are_found_without_a_look_at_all_others(library: Library) -> None:
    class Watched(dict[int, Any]):
        def values(self) -> Any:
            raise AssertionError("all players were looked at")

        def __iter__(self) -> Iterator[int]:
            raise AssertionError("all players were looked at")

    async with bench(library) as made:
        player = made.client.player_manager.create(GUILD)
        made.client.player_manager.players = Watched(made.client.player_manager.players)
        assert made.node.players == [player]
        made.client.player_manager.players = dict(dict.items(made.client.player_manager.players))


@defect("N13")
async def test_removing_a_node_moves_its_players(library: Library) -> None:
    async with bench(library, 2) as made:
        player = await made.join(node=made.nodes[0])
        made.client.node_manager.remove(made.nodes[0])
        await made.saw("NodeChangedEvent")
        assert player.node is made.nodes[1]
