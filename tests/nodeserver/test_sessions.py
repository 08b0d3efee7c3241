"""A session outlives its socket when its client asked for that, and nothing it had to say is lost."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from support.fake_engine import FakeEngine, a_track, library
from support.node_client import WITHIN_S, Client, Socket, running_node
from voxlink.nodeserver import Timings
from voxlink.nodeserver.sessions import Session
from voxlink.protocol import TrackStuck


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(library(tone=a_track("Tone"), other=a_track("Other")))


async def resumable(node: Client, timeout_s: int = 60) -> Socket:
    socket = await node.connect()
    await node.patch(f"/v4/sessions/{socket.session_id}", {"resuming": True, "timeout": timeout_s})
    return socket


async def play(node: Client, socket: Socket, guild: int, name: str = "tone") -> None:
    answer = await node.patch(f"/v4/sessions/{socket.session_id}/players/{guild}", {"track": {"identifier": name}})
    assert answer.status == 200


async def until_away(node: Client, session_id: str) -> None:
    """Wait until the node has noticed that the socket is gone: no player of the session counts any more."""
    async with asyncio.timeout(WITHIN_S):
        while (await node.get("/v4/stats")).json["players"]:
            assert (await node.get(f"/v4/sessions/{session_id}/players")).status == 200


async def until_gone(node: Client, session_id: str) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (await node.get(f"/v4/sessions/{session_id}/players")).status != 404:
            pass


async def test_ready_comes_first_and_stats_right_behind(node: Client) -> None:
    for _ in range(20):
        socket = await node.connect()
        assert len(socket.session_id) == 16
        assert socket.session_id.isalnum()
        assert socket.session_id.islower() or socket.session_id.isdigit()
        stats = await socket.next()
        assert list(stats) == ["op", "frameStats", "players", "playingPlayers", "uptime", "memory", "cpu"]
        assert stats["frameStats"] is None


async def test_without_resuming_a_lost_socket_ends_the_session(node: Client, engine: FakeEngine) -> None:
    socket = await node.connect()
    await play(node, socket, 5)
    await socket.close()
    await until_gone(node, socket.session_id)
    assert engine.players[5].destroyed.is_set()
    again = await node.connect(socket.session_id)
    assert again.resumed == "false"
    assert again.session_id != socket.session_id


@pytest.mark.parametrize("how", ["close", "vanish"])
async def test_resumes_after_the_socket_is_lost(node: Client, engine: FakeEngine, how: str) -> None:
    socket = await resumable(node)
    await play(node, socket, 5)
    await socket.next("event")
    await (socket.close() if how == "close" else socket.vanish())
    await until_away(node, socket.session_id)
    engine.players[5].say(TrackStuck("5", a_track("Tone"), 10_000))
    again = await node.connect(socket.session_id)
    assert (again.resumed, again.session_id) == ("true", socket.session_id)
    seen = [await again.next() for _ in range(2)]
    if seen[0]["op"] == "stats":
        seen = [seen[1], await again.next()]
    assert [message["op"] for message in seen] == ["event", "playerUpdate"]
    assert seen[0]["type"] == "TrackStuckEvent"
    assert not engine.players[5].destroyed.is_set()


async def test_events_are_replayed_in_order_and_updates_are_not(node: Client, engine: FakeEngine) -> None:
    socket = await resumable(node)
    await play(node, socket, 5)
    await play(node, socket, 6)
    await socket.close()
    await until_away(node, socket.session_id)
    for number in range(50):
        engine.players[5].update()
        engine.players[5 + number % 2].say(TrackStuck(str(5 + number % 2), a_track(str(number)), number))
    again = await node.connect(socket.session_id)
    events: list[dict[str, Any]] = []
    while sum(message["op"] == "playerUpdate" for message in events) < 2:
        events.append(await again.next())
    stuck = [message["thresholdMs"] for message in events if message["op"] == "event"]
    assert stuck == list(range(50))
    last_event = max(index for index, message in enumerate(events) if message["op"] == "event")
    updates = [(index, message["guildId"]) for index, message in enumerate(events) if message["op"] == "playerUpdate"]
    assert [guild for _, guild in updates] == ["5", "6"]
    assert all(index > last_event for index, _ in updates)


async def test_rest_works_while_the_client_is_away(node: Client) -> None:
    socket = await resumable(node)
    await play(node, socket, 5)
    await socket.close()
    await until_away(node, socket.session_id)
    await play(node, socket, 5, "other")
    again = await node.connect(socket.session_id)
    types = [(await again.next("event"))["type"] for _ in range(2)]
    assert types == ["TrackEndEvent", "TrackStartEvent"]


async def test_settings_persist_over_many_resumes(node: Client) -> None:
    socket = await resumable(node, timeout_s=30)
    for _ in range(3):
        await socket.close()
        socket = await node.connect(socket.session_id)
        assert socket.resumed == "true"
    answer = await node.patch(f"/v4/sessions/{socket.session_id}", {})
    assert answer.json == {"resuming": True, "timeout": 30}


@pytest.mark.parametrize("timeout_s", [0, -1, 1])
async def test_a_session_that_is_not_resumed_in_time_ends_with_its_players(
    node: Client, engine: FakeEngine, timeout_s: int
) -> None:
    socket = await resumable(node, timeout_s)
    await play(node, socket, 5)
    await socket.close()
    async with asyncio.timeout(WITHIN_S):
        await engine.players[5].destroyed.wait()
    assert (await node.get(f"/v4/sessions/{socket.session_id}/players")).status == 404
    assert (await node.connect(socket.session_id)).resumed == "false"


async def test_a_timeout_of_ages_is_taken(node: Client) -> None:
    socket = await resumable(node, timeout_s=2**63 - 1)
    await socket.close()
    again = await node.connect(socket.session_id)
    assert again.resumed == "true"


async def test_another_user_may_resume_a_session_whose_client_is_away(node: Client, engine: FakeEngine) -> None:
    socket = await resumable(node)
    await play(node, socket, 5)
    await socket.close()
    await until_away(node, socket.session_id)
    again = await node.connect(socket.session_id, user="2")
    assert again.resumed == "true"
    assert engine.players[5].user_id == 1


async def test_the_same_user_takes_a_half_open_session_over(node: Client, engine: FakeEngine) -> None:
    old = await resumable(node)
    await play(node, old, 5)
    new = await node.connect(old.session_id)
    assert (new.resumed, new.session_id) == ("true", old.session_id)
    assert await old.ended() == 1000
    assert not engine.players[5].destroyed.is_set()
    await play(node, new, 6)
    assert (await new.next("event"))["guildId"] in {"5", "6"}


@pytest.mark.parametrize(("resuming", "user"), [(False, "1"), (True, "2")])
async def test_a_connected_session_is_not_given_to_others(node: Client, resuming: bool, user: str) -> None:
    old = await node.connect()
    await node.patch(f"/v4/sessions/{old.session_id}", {"resuming": resuming})
    new = await node.connect(old.session_id, user=user)
    assert new.resumed == "false"
    assert new.session_id != old.session_id
    assert (await node.get(f"/v4/sessions/{old.session_id}/players")).status == 200


async def test_of_two_that_resume_at_once_at_least_one_gets_the_session(node: Client) -> None:
    for _ in range(10):
        socket = await resumable(node)
        await socket.close()
        pair = await asyncio.gather(node.connect(socket.session_id), node.connect(socket.session_id))
        resumed = [one for one in pair if one.resumed == "true"]
        assert resumed
        assert all(one.session_id == socket.session_id for one in resumed)


async def test_a_refused_handshake_gives_the_session_back(node: Client) -> None:
    socket = await resumable(node)
    await socket.close()
    refused = await node.request(
        "GET", "/v4/websocket", headers={**node.headers, "User-Id": "1", "Session-Id": socket.session_id}
    )
    assert (refused.status, refused.headers["Session-Resumed"]) == (400, "true")
    assert (await node.connect(socket.session_id)).resumed == "true"


async def test_events_that_a_dead_connection_swallowed_are_replayed(engine: FakeEngine) -> None:
    """The client reads nothing and answers no ping, as a machine that lost its network: nothing was confirmed."""
    async with running_node(engine) as node:
        socket = await resumable(node)
        socket._reader.cancel()
        await asyncio.wait({socket._reader})
        await play(node, socket, 5)
        new = await node.connect(socket.session_id)
        assert (await new.next("event"))["type"] == "TrackStartEvent"


async def test_events_that_the_client_had_are_not_replayed(node: Client, engine: FakeEngine) -> None:
    socket = await resumable(node)
    await play(node, socket, 5)
    assert (await socket.next("event"))["type"] == "TrackStartEvent"
    sessions = node.server._sessions
    session: Session = sessions.find(socket.session_id)
    async with asyncio.timeout(WITHIN_S):
        while session.outbox.size_bytes:
            await asyncio.sleep(0)
    new = await node.connect(socket.session_id)
    engine.players[5].say(TrackStuck("5", a_track("Tone"), 7))
    assert (await new.next("event"))["type"] == "TrackStuckEvent"


async def test_an_event_before_a_clean_close_is_not_replayed_after_a_later_loss(
    node: Client, engine: FakeEngine
) -> None:
    socket = await resumable(node)
    await play(node, socket, 5)
    await socket.next("event")
    await socket.close()
    again = await node.connect(socket.session_id)
    await again.vanish()
    await until_away(node, socket.session_id)
    engine.players[5].say(TrackStuck("5", a_track("Tone"), 7))
    last = await node.connect(socket.session_id)
    assert (await last.next("event"))["type"] == "TrackStuckEvent"


async def test_a_client_that_stops_reading_costs_a_limited_amount_of_memory(
    engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_node(engine) as node:
        socket = await resumable(node)
        await play(node, socket, 5)
        socket._reader.cancel()
        await asyncio.wait({socket._reader})
        session = node.server._sessions.find(socket.session_id)
        session.outbox._limit = 1_000_000
        with caplog.at_level(logging.WARNING):
            async with asyncio.timeout(WITHIN_S):
                while session.link is not None:
                    engine.players[5].say(TrackStuck("5", a_track("x" * 10_000), 1))
                    assert session.outbox.size_bytes <= session.outbox._limit
                    await asyncio.sleep(0)
        assert caplog.text.count("does not read its socket") == 1
        again = await node.connect(socket.session_id)
        assert again.resumed == "true"


async def test_stats_are_sent_again_and_again_and_count_connected_sessions_only(engine: FakeEngine) -> None:
    async with running_node(engine, timings=Timings(stats_every_s=0.02)) as node:
        away = await resumable(node)
        await play(node, away, 5)
        await away.close()
        await until_away(node, away.session_id)
        socket = await node.connect()
        await play(node, socket, 6)
        await play(node, socket, 7)
        await node.patch(f"/v4/sessions/{socket.session_id}/players/7", {"paused": True})
        async with asyncio.timeout(WITHIN_S):
            while True:
                stats = await socket.next("stats")
                if (stats["players"], stats["playingPlayers"]) == (2, 1):
                    break


async def test_only_the_newest_stats_wait_for_a_client_that_is_away(engine: FakeEngine) -> None:
    async with running_node(engine, timings=Timings(stats_every_s=0.001)) as node:
        socket = await resumable(node)
        await play(node, socket, 5)
        await socket.close()
        await until_away(node, socket.session_id)
        session = node.server._sessions.find(socket.session_id)
        async with asyncio.timeout(WITHIN_S):
            while len(session.outbox) == 0:
                await asyncio.sleep(0)
        assert len(session.outbox) == 1


async def test_a_session_knows_its_name() -> None:
    session = Session("abc", 7, "x/1", FakeEngine())
    assert repr(session) == "<Session abc away user=7 players=0>"
