"""A playback engine behind a client's edge: the words of a node, without one."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from integrations.scripted_engine import ScriptedEngine, song
from voxlink.client.edge import Answer, Call
from voxlink.errors import EngineClosed, FilterUnavailable, LoadFailed, NodeUnreachable, VoiceTimeout, VoxlinkError
from voxlink.integrations.engine_edge import EngineEdge
from voxlink.protocol import PlayerState, PlayerUpdate


async def ask(edge: EngineEdge, method: str, path: str, body: object = None, **params: str) -> tuple[int, Any]:
    data = None if body is None else msgspec.json.encode(body)
    answer: Answer = await edge.send(Call(method, f"http://native:1{path}", {}, params, data, 5.0))
    is_json = answer.content_type == "application/json"
    return answer.status, msgspec.json.decode(answer.body) if is_json else answer.body.decode()


PLAYER = "/v4/sessions/native/players/7"


async def test_the_first_line_starts_the_engine_and_begins_with_ready() -> None:
    engine = ScriptedEngine()
    edge = EngineEdge(engine, 1)
    assert engine.started == 0
    line = await edge.open_line("ws://native", {})
    await edge.open_line("ws://native", {})
    assert engine.started == 1
    messages = line.messages()
    assert msgspec.json.decode(await anext(messages))["op"] == "ready"
    await line.close(1000)
    assert [message async for message in messages] == []
    assert line.closed.code == 1000


async def test_a_request_before_the_first_line_starts_the_engine_too() -> None:
    engine = ScriptedEngine()
    edge = EngineEdge(engine, 1)
    await asyncio.gather(*(ask(edge, "GET", "/v4/loadtracks", identifier="x") for _ in range(3)))
    assert engine.started == 1


async def test_an_engine_that_does_not_start_is_a_node_that_cannot_be_reached() -> None:
    with pytest.raises(NodeUnreachable, match="does not start"):
        await EngineEdge(ScriptedEngine(starts=False), 1).open_line("ws://native", {})


async def test_messages_of_players_come_on_the_line_in_order() -> None:
    engine = ScriptedEngine()
    edge = EngineEdge(engine, 1)
    messages = (await edge.open_line("ws://native", {})).messages()
    await anext(messages)
    await ask(edge, "PATCH", PLAYER, {"paused": True})
    for position in range(5):
        state = PlayerState(time=0, position=position, connected=True, ping=-1)
        engine.players[7].on_message(PlayerUpdate(guild_id="7", state=state))
    got = [msgspec.json.decode(await anext(messages)) for _ in range(5)]
    assert [message["state"]["position"] for message in got] == list(range(5))


async def test_players_are_made_changed_shown_and_destroyed() -> None:
    engine = ScriptedEngine()
    edge = EngineEdge(engine, 1)
    assert (await ask(edge, "GET", PLAYER))[0] == 404
    status, player = await ask(edge, "PATCH", PLAYER, {"volume": 50}, noReplace="true")
    assert (status, player["guildId"]) == (200, "7")
    assert engine.players[7].no_replace == [True]
    assert (await ask(edge, "GET", "/v4/sessions/native/players"))[1][0]["guildId"] == "7"
    assert (await ask(edge, "DELETE", PLAYER))[0] == 204
    assert (await ask(edge, "DELETE", PLAYER))[0] == 204
    assert engine.players[7].destroyed
    assert (await ask(edge, "GET", PLAYER))[0] == 404


@pytest.mark.parametrize(
    "error", [FilterUnavailable(["timescale"]), LoadFailed("it is gone"), VoiceTimeout("hello", 10.0)]
)
async def test_what_the_engine_refuses_is_an_answer_with_its_words(error: VoxlinkError) -> None:
    engine = ScriptedEngine()
    edge = EngineEdge(engine, 1)
    await ask(edge, "PATCH", PLAYER, {})
    engine.players[7].refuses = error
    status, body = await ask(edge, "PATCH", PLAYER, {"volume": 50})
    assert status == 400
    assert body["message"] == str(error)


async def test_a_body_that_is_wrong_is_refused_by_name_and_makes_no_player() -> None:
    engine = ScriptedEngine()
    status, body = await ask(EngineEdge(engine, 1), "PATCH", PLAYER, {"volume": "loud"})
    assert status == 400
    assert "volume" in body["message"]
    assert engine.players == {}


async def test_tracks_are_loaded_and_decoded() -> None:
    edge = EngineEdge(ScriptedEngine(), 1)
    assert (await ask(edge, "GET", "/v4/loadtracks", identifier="/song.flac"))[1]["loadType"] == "track"
    assert (await ask(edge, "GET", "/v4/loadtracks", identifier="/other"))[1]["loadType"] == "empty"
    encoded = song().encoded
    assert (await ask(edge, "GET", "/v4/decodetrack", encodedTrack=encoded))[1]["info"]["title"] == "A song"
    assert len((await ask(edge, "POST", "/v4/decodetracks", [encoded, encoded]))[1]) == 2
    assert (await ask(edge, "GET", "/v4/decodetrack", encodedTrack="x"))[0] == 400
    assert await ask(edge, "GET", "/version") == (200, "4.2.2")
    assert (await ask(edge, "GET", "/v4/nowhere"))[0] == 404


async def test_an_engine_that_does_not_answer_is_a_timeout() -> None:
    class Slow(ScriptedEngine):
        async def load(self, identifier: str) -> Any:
            await asyncio.Event().wait()

    call = Call("GET", "http://native:1/v4/loadtracks", {}, {"identifier": "x"}, None, 0.01)
    assert (await EngineEdge(Slow(), 1).send(call)).status == 504


async def test_closing_closes_the_engine() -> None:
    engine = ScriptedEngine()
    edge = EngineEdge(engine, 1)
    await edge.open_line("ws://native", {})
    await edge.close()
    await edge.close()
    assert engine.closed == 2


async def test_listening_needs_a_player() -> None:
    edge = EngineEdge(ScriptedEngine(), 1)
    with pytest.raises(EngineClosed, match="guild 7"):
        edge.listen(7)
    await ask(edge, "PATCH", PLAYER, {})
    with edge.listen(7) as ears:
        assert ears.dropped == 0
