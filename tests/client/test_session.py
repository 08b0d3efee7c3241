"""What a node's messages and its readiness mean."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from client.world import add, client, join, world
from voxlink.client import (
    IncomingWebSocketMessage,
    NodeReadyEvent,
    NodeStatsEvent,
    TrackEndEvent,
    TrackStartEvent,
    UnknownTypeEvent,
)
from voxlink.testing import FakeNode


async def test_resuming_is_asked_for_and_the_node_is_looked_at() -> None:
    async with world(resume_timeout_s=77) as (_, node, fake):
        call = await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        assert call.json == {"resuming": True, "timeout": 77}
        await fake.wait_request("GET", "/v4/info")
        assert node.version == "4.2.2"


async def test_resuming_can_be_left_alone() -> None:
    async with world(resume_timeout_s=0) as (_, _node, fake):
        await fake.wait_request("GET", "/v4/info")
        assert fake.calls("PATCH", r"/v4/sessions/\w+$") == []


async def test_statistics_are_kept_and_told() -> None:
    async with world() as (made, node, fake):
        stream = made.stream(NodeStatsEvent)
        assert node.stats.is_fake
        fake.push_stats()
        event = await anext(stream)
        stream.close()
        assert event.stats is node.stats
        assert node.stats.cpu_cores == 2


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "5",
        '{"op":"surprise"}',
        '{"op":"event"}',
        '{"op":"event","type":"TrackStartEvent","guildId":"x"}',
        '{"op":"playerUpdate"}',
        '{"op":"playerUpdate","guildId":"1","state":null}',
        '{"op":"stats","cpu":null}',
        "{}",
    ],
)
async def test_a_message_that_makes_no_sense_changes_nothing(text: str) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        stream = made.stream(NodeStatsEvent)
        fake.push(text)
        fake.push_stats()
        while (await anext(stream)).stats.cpu_cores != 2:
            pass
        stream.close()
        assert player.node.is_ready


async def test_raw_messages_and_unknown_types_are_given_to_those_who_listen() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        raw, unknown = made.stream(IncomingWebSocketMessage), made.stream(UnknownTypeEvent)
        message = {"op": "event", "type": "SomethingNewEvent", "guildId": str(player.guild_id), "lyrics": {}}
        fake.push(message)
        event = await anext(unknown)
        assert (event.type, event.player, event.data) == ("SomethingNewEvent", player, message)
        while (await anext(raw)).data != message:
            pass
        raw.close()
        unknown.close()


async def test_a_registered_plugin_event_is_built() -> None:
    class Mine(UnknownTypeEvent):
        __slots__ = ()

    async with world() as (made, _node, fake):
        made.register_plugin_event("Mine", lambda player, node, data: Mine(node, player, "Mine", data))
        stream = made.stream(Mine)
        fake.push({"op": "event", "type": "Mine", "guildId": "1"})
        assert (await anext(stream)).player is None
        stream.close()


async def test_an_old_node_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    from client.world import add, client
    from voxlink.testing import FakeNode

    async with FakeNode(version="4.0.8") as fake, client() as made:
        node = add(made, fake)
        await node.wait_ready()
        await fake.wait_request("GET", "/v4/info")
        while node.info is None:
            await node.get_version()
        assert "4.2 or later" in caplog.text


async def test_a_token_in_a_message_does_not_reach_the_debug_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="voxlink")
    async with world() as (made, _node, fake):
        stream = made.stream(TrackStartEvent)
        await join(made)
        fake.push('{"op":"x","token":"very secret"}')
        await made.nodes[0].get_version()
        stream.close()
    assert "very secret" not in caplog.text
    assert "voice-token" not in caplog.text
    assert "youshallnotpass" not in caplog.text


async def test_closing_warns_about_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with world() as (made, _node, _fake):
        await join(made)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_closing_in_the_middle_of_the_handshake_warns_about_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeNode() as fake, fake.stall("GET", "/version"), client() as made:
        add(made, fake)
        await fake.wait_request("GET", "/version")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_events_of_a_resumed_session_wait_until_its_players_are_there() -> None:
    async with world() as (made, node, fake):
        await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        ready = asyncio.ensure_future(made.wait_for(NodeReadyEvent, timeout=10))
        await asyncio.sleep(0)
        await fake.vanish()
        assert (await ready).resumed
        ends = made.stream(TrackEndEvent)
        text = {"op": "event", "type": "TrackEndEvent", "guildId": "5", "reason": "finished", "track": None}
        node.session.message(json.dumps(text))
        assert [data["guildId"] for data in node.session.early_of(5)] == ["5"]
        made.player_manager.create(5, node=node)
        node.session.tell_early()
        assert (await anext(ends)).player.guild_id == 5
        assert (node.session.early_of(5), node.session.keep_early(text)) == ([], False)
        ends.close()


async def test_what_comes_while_the_client_closes_is_left_to_the_next_process() -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        await made.close()
        text = {"op": "playerUpdate", "guildId": str(player.guild_id), "state": {"time": 1, "position": 5}}
        node.session.message(json.dumps(text))
        assert player.position_timestamp == 0
