"""The API document's client and nodes: addresses, lookups, requests, life."""

from __future__ import annotations

import json
from typing import Any

import pytest

from client.world import GUILD, add, client, join, track, world
from voxlink.client import Client, DefaultPlayer, DeferredAudioTrack, LowPass, NodeStatsEvent, Source
from voxlink.errors import RequestError
from voxlink.protocol import LoadResult
from voxlink.testing import FakeNode


async def test_a_node_is_added_where_and_as_it_was_said() -> None:
    async with FakeNode(password="of this node") as fake, client() as made:
        node = made.add_node(fake.host, fake.port, "of this node", "moon", "the cellar")
        assert (made.nodes, list(made.node_manager), node.client) == ([node], [node], made)
        await node.wait_ready()
        await node.get_info()
        assert (node.region, node.name) == ("moon", "the cellar")
        assert fake.connections[0].headers["Authorization"] == "of this node"
        assert {call.headers["Authorization"] for call in fake.requests} == {"of this node"}
        second = made.node_manager.add_node(fake.host, fake.port, "of this node", "moon", connect=False)
        assert made.nodes == [node, second]
        assert await second.get_version()
        assert (second.available, len(fake.connections)) == (False, 1)


def test_ssl_means_https_and_wss_and_is_off_by_default() -> None:
    made = client()
    secure = made.add_node("node.example.org", 443, "pw", "eu", ssl=True, connect=False)
    plain = made.add_node("node.example.org", 80, "pw", "eu", connect=False)
    assert secure.address.http_url("/v4") == "https://node.example.org:443/v4"
    assert secure.address.ws_url("/v4") == "wss://node.example.org:443/v4"
    assert plain.address.http_url("/v4") == "http://node.example.org:80/v4"
    assert plain.address.ws_url("/v4") == "ws://node.example.org:80/v4"


async def test_the_clients_shortcuts_are_those_of_its_managers() -> None:
    class Mine(Source):
        async def load_item(self, client: Client, query: str) -> LoadResult | None:
            return None

    async with world() as (made, node, _fake):
        player, source = await join(made), Mine("mine")
        assert made.nodes is made.node_manager.nodes
        assert made.players is made.player_manager.players
        assert (made.nodes, made.players) == ([node], {GUILD: player})
        made.register_source(source)
        assert list(made.sources) == [source]
        assert source in made.sources


async def test_closing_ends_every_connection() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        nodes = [add(made, one), add(made, two)]
        for node in nodes:
            await node.wait_ready()
        await nodes[0].get_info()
        session = made._session
        assert not session.closed
        await made.close()
        assert session.closed
        assert [node.available for node in nodes] == [False, False]


async def test_the_node_that_is_given_is_the_one_that_is_asked() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        nodes = [add(made, one), add(made, two)]
        for node in nodes:
            await node.wait_ready()
        song = two.add_track("x", "On two")
        for _ in range(5):
            assert (await made.get_tracks("x", node=nodes[1])).tracks[0].title == "On two"
            assert (await made.decode_track(song.encoded, node=nodes[1])).title == "On two"
            found = await made.decode_tracks([song.encoded, song.encoded], node=nodes[1])
            assert [one.title for one in found] == ["On two", "On two"]
        assert one.calls("*", "loadtracks|decodetrack") == []


async def test_a_node_knows_its_session_and_socket() -> None:
    async with FakeNode() as fake, client() as made:
        node = add(made, fake, name="mine", connect=False)
        assert (node.name, node.session_id, node.available, node.stats.is_fake) == ("mine", None, False, True)
        await node.connect()
        await node.wait_ready()
        assert node.session_id in fake.lavalink.sessions
        assert node.available
        await node.destroy()
        assert not node.available


async def test_statistics_are_a_guess_until_the_node_sends_some() -> None:
    async with world() as (made, node, fake):
        assert node.stats.is_fake
        async with made.stream(NodeStatsEvent) as stats:
            fake.push_stats()
            await anext(stats)
        assert not node.stats.is_fake
        assert node.penalty == node.stats.penalty.total


async def test_connect_opens_a_socket_once_and_again_only_by_force() -> None:
    async with FakeNode() as fake, client() as made:
        node = add(made, fake, connect=False)
        task = await node.connect()
        assert task is not None
        await node.wait_ready()
        await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        assert await node.connect() is None
        assert len(fake.connections) == 1
        assert await node.connect(force=True) is not None
        await node.wait_ready()
        assert len(fake.connections) == 2


async def test_the_route_planner_of_a_node_that_has_one() -> None:
    async with world() as (_, node, fake):
        status = {"class": "RotatingIpRoutePlanner", "details": {"ipIndex": "1", "failingAddresses": []}}
        fake.fail_next("GET", "/v4/routeplanner/status", status=200, body=status)
        assert await node.get_routeplanner_status() == status
        fake.fail_next("POST", "/v4/routeplanner/free/", status=204, times=2)
        assert await node.routeplanner_free_address("1.0.0.1") is True
        assert fake.requests[-1].json == {"address": "1.0.0.1"}
        assert await node.routeplanner_free_all_failing() is True
        assert fake.requests[-1].path == "/v4/routeplanner/free/all"
        fake.fail_next("POST", "/v4/routeplanner/free/", status=500, times=2)
        assert await node.routeplanner_free_address("1.0.0.1") is False
        assert await node.routeplanner_free_all_failing() is False


async def test_a_player_of_a_node_is_changed_by_its_guilds_number_or_text() -> None:
    async with world() as (_, node, fake):
        await node.update_player(guild_id=str(GUILD), encoded_track=track("x").track)
        there = fake.player(GUILD)
        await node.update_player(guild_id=GUILD, position=5000, end_time=60_000, volume=30, paused=True)
        assert (there.position, there.end_time, there.volume, there.paused) == (5000, 60_000, 30, True)
        voice = {"token": "t", "endpoint": "e.discord.media", "sessionId": "s", "channelId": "7"}
        await node.update_player(guild_id=GUILD, voice_state=voice)
        assert there.connected
        for nothing in (None, []):
            await node.update_player(guild_id=GUILD, filters=[LowPass(5)])
            assert (await node.get_player(GUILD))["filters"] == {"lowPass": {"smoothing": 5.0}}
            await node.update_player(guild_id=GUILD, filters=nothing)
            assert (await node.get_player(GUILD))["filters"] == {}
        await node.update_player(guild_id=GUILD, encoded_track=None)
        assert there.track is None


async def test_no_replace_and_user_data_are_about_a_track() -> None:
    async with world() as (_, node, fake):
        assert await node.update_player(guild_id=GUILD, no_replace=True) is None
        assert fake.patches(GUILD) == []
        await node.update_player(guild_id=GUILD, encoded_track=track("a").track, user_data={"mine": 1})
        assert (await node.get_player(GUILD))["track"]["userData"] == {"mine": 1}
        await node.update_player(guild_id=GUILD, encoded_track=track("b").track, no_replace=True)
        assert fake.player(GUILD).track.info.title == "a"  # type: ignore[union-attr]
        await node.update_player(guild_id=GUILD, volume=30, no_replace=True)
        assert fake.player(GUILD).volume == 30
        await node.update_player(guild_id=GUILD, encoded_track=track("c").track, no_replace=False)
        assert fake.player(GUILD).track.info.title == "c"  # type: ignore[union-attr]


class Answer:
    """What a plugin's route answers."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @classmethod
    def from_dict(cls, value: Any) -> Answer:
        return cls(value)


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2]])
async def test_an_answer_becomes_text_a_class_or_json(value: Any) -> None:
    async with world() as (_, node, fake):
        text = json.dumps(value)
        for _ in range(3):
            fake.fail_next("GET", "/v4/plugin", status=200, body=text, content_type="application/json")
        found = await node.request("GET", "plugin", to=Answer)
        assert isinstance(found, Answer)
        assert found.value == value
        assert await node.request("GET", "plugin", to=str) == text
        assert await node.request("GET", "plugin") == value


async def test_a_request_has_its_method_path_query_body_and_trace() -> None:
    async with world() as (_, node, fake):
        fake.fail_next("PUT", "/v4/plugin/x", status=204)
        assert await node.request("put", "plugin/x", json={"a": [1]}, params={"b": 2}, headers={"X-Mine": "3"}) is True
        call = fake.requests[-1]
        assert (call.method, call.path, call.json, dict(call.query)) == ("PUT", "/v4/plugin/x", {"a": [1]}, {"b": "2"})
        assert call.headers["X-Mine"] == "3"
        fake.fail_next("GET", "^/plugin", status=204)
        assert await node.request("GET", "plugin", versioned=False) is True
        assert fake.requests[-1].path == "/plugin"
        for trace in (True, False):
            with pytest.raises(RequestError) as caught:
                await node.request("GET", f"sessions/{node.session_id}/players/{GUILD}", trace=trace)
            assert (caught.value.trace is not None) == trace


async def test_a_request_error_says_what_went_wrong() -> None:
    async with world() as (_, node, fake):
        body = {"timestamp": 1_700_000_000_000, "status": 400, "error": "Bad Request", "message": "no", "path": "/v4/x",
                "trace": "at lavalink"}  # fmt: skip
        fake.fail_next("GET", "/v4/x", status=400, body=body)
        with pytest.raises(RequestError) as caught:
            await node.request("GET", "x", params={"trace": "true"})
        error = caught.value
        assert (error.status, error.timestamp, error.error) == (400, 1_700_000_000_000, "Bad Request")
        assert (error.message, error.path, error.trace, error.params) == (
            "no",
            "/v4/x",
            "at lavalink",
            {"trace": "true"},
        )


async def test_players_are_default_players_unless_the_bot_says_otherwise() -> None:
    class Mine(DefaultPlayer):
        pass

    class Other(DefaultPlayer):
        pass

    async with world() as (usual, _node, _fake), world(player=Mine) as (own, _other, _there):
        for made, kind in ((usual, DefaultPlayer), (own, Mine)):
            player = made.player_manager.create(GUILD)
            assert type(player) is kind
            assert made.player_manager.get(GUILD) is player
            assert made.player_manager.find_all() == [player]
            assert type(made.player_manager.create(GUILD + 1, cls=Other)) is Other


async def test_a_track_needs_no_text_before_it_is_loaded() -> None:
    class Later(DeferredAudioTrack):
        async def load(self, client: Client) -> str | None:
            return track("found").track

    async with world() as (made, _node, fake):
        later = Later(track("later").raw["info"], requester=5, mood="good")
        assert (later.track, later.title, later.requester, later.extra["mood"]) == (None, "later", 5, "good")
        await (await join(made)).play(later)
        assert later.track is None
        assert fake.player(GUILD).track.info.title == "found"  # type: ignore[union-attr]
