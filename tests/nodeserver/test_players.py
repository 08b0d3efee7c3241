"""The routes of players: what is refused changes nothing, what is done is answered as it then is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from support.fake_engine import FakeEngine, a_track
from support.node_client import Client, a_config, running_node
from voxlink.errors import EngineClosed, LoadFailed, VoiceTimeout, VoiceUnreachable

NEW_PLAYER = {
    "guildId": "5",
    "track": None,
    "volume": 100,
    "paused": False,
    "state": {"time": 0, "position": 0, "connected": False, "ping": -1},
    "voice": {"token": "", "endpoint": "", "sessionId": "", "channelId": None},
    "filters": {},
}


async def players_of(node: Client) -> str:
    socket = await node.connect()
    return f"/v4/sessions/{socket.session_id}/players"


def timeless(player: dict[str, Any]) -> dict[str, Any]:
    return {**player, "state": {**player["state"], "time": 0}}


async def test_an_empty_change_makes_a_player(node: Client) -> None:
    players = await players_of(node)
    made = await node.patch(f"{players}/5", {})
    assert made.status == 200
    assert timeless(made.json) == NEW_PLAYER
    assert list(made.json) == list(NEW_PLAYER)
    assert timeless((await node.get(f"{players}/5")).json) == NEW_PLAYER
    assert [timeless(player) for player in (await node.get(players)).json] == [NEW_PLAYER]


async def test_a_player_that_was_never_made_is_not_found_but_can_be_destroyed(node: Client) -> None:
    players = await players_of(node)
    assert (await node.get(f"{players}/5")).json["message"] == "Player not found"
    gone = await node.request("DELETE", f"{players}/5")
    assert (gone.status, gone.body) == (204, b"")


async def test_a_destroyed_player_is_gone_and_says_goodbye(node: Client, engine: FakeEngine) -> None:
    socket = await node.connect()
    players = f"/v4/sessions/{socket.session_id}/players"
    await node.patch(f"{players}/5", {"track": {"identifier": "tone"}})
    assert (await node.request("DELETE", f"{players}/5")).status == 204
    assert engine.players[5].destroyed.is_set()
    assert (await node.get(f"{players}/5")).status == 404
    assert (await socket.next("event"))["type"] == "TrackStartEvent"
    assert (await socket.next("event"))["reason"] == "stopped"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"track": {}, "encodedTrack": "x", "endTime": 0}, "Cannot specify both track and encodedTrack/identifier"),
        ({"track": {}, "identifier": "x"}, "Cannot specify both track and encodedTrack/identifier"),
        ({"encodedTrack": None, "identifier": "x"}, "Cannot specify both encodedTrack and identifier"),
        (
            {"track": {"encoded": None, "identifier": "x"}, "filters": {"karaoke": {}}},
            "Cannot specify both encodedTrack and identifier",
        ),
        (
            {"filters": {"timescale": None, "karaoke": {}, "pluginFilters": {"echo": {}}}, "endTime": 0},
            "Following filters are disabled in the config: karaoke, timescale, echo",
        ),
        (
            {"voice": {"token": "t", "endpoint": " ", "sessionId": "s", "channelId": "1"}, "endTime": 0},
            "token, endpoint, sessionId and channelId must be provided in voice state",
        ),
        ({"endTime": 0, "filters": {"tremolo": {"depth": 1}}}, "End time must be greater than 0"),
        ({"filters": {"volume": 0.5, "lowPass": {}}}, "Following filters are not available: volume, lowPass"),
        (
            {"filters": {"equalizer": [{"band": 15, "gain": 0}]}},
            "filters.equalizer: band must be from 0 to 14, got 15",
        ),
        ({"filters": {"equalizer": [{"band": -1, "gain": 0}]}}, "filters.equalizer: band must be from 0 to 14, got -1"),
    ],
)
async def test_rules_are_checked_in_lavalinks_order_and_a_refusal_changes_nothing(
    engine: FakeEngine, body: dict[str, Any], message: str
) -> None:
    config = a_config(disabled_filters=("karaoke", "timescale", "echo"))
    async with running_node(engine, config=config) as node:
        players = await players_of(node)
        refused = await node.patch(f"{players}/5", body)
        assert (refused.status, refused.json["message"]) == (400, message)
        assert (await node.get(players)).json == []
        await node.patch(f"{players}/5", {"volume": 30})
        assert (await node.patch(f"{players}/5", {**body, "volume": 70})).status == 400
        assert (await node.get(f"{players}/5")).json["volume"] == 30


async def test_neutral_filters_are_taken_and_unknown_plugin_filters_dropped(node: Client) -> None:
    players = await players_of(node)
    body = {"filters": {"volume": 1, "timescale": {}, "karaoke": None, "pluginFilters": {"echo": {"delay": 1}}}}
    answer = await node.patch(f"{players}/5", body)
    assert answer.status == 200
    assert answer.json["filters"] == {"volume": 1.0, "timescale": {"speed": 1.0, "pitch": 1.0, "rate": 1.0}}


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("5", '{"volume":"loud"}', 400, ["volume", "integer"]),
        ("5", '{"voice":{"token":"secret-token","endpoint":"e","sessionId":"s","channelId":7}}', 400, ["channelId"]),
        ("5", "{", 400, []),
        ("5", "", 400, []),
        ("abc", "{}", 400, ["guildId: expected a 64-bit integer, got 'abc'"]),
        ("9223372036854775808", "{}", 400, ["guildId"]),
        ("5?noReplace=maybe", "{}", 400, ["noReplace: expected true or false, got 'maybe'"]),
        ("5?noReplace", "{}", 400, ["noReplace"]),
    ],
)
async def test_a_malformed_request_is_told_what_is_wrong(
    node: Client, path: str, body: str, status: int, words: list[str]
) -> None:
    players = await players_of(node)
    answer = await node.patch(f"{players}/{path}", body)
    assert answer.status == status
    assert answer.json["message"] != "Bad Request"
    assert all(word in answer.json["message"] for word in words)
    assert "secret-token" not in answer.body.decode()
    assert (await node.get(players)).json == []


@pytest.mark.parametrize(
    ("spelling", "guild"), [("007", "7"), ("+5", "5"), ("%2310", "16"), ("0x10", "16"), ("-3", "-3"), ("%205", "5")]
)
async def test_guild_ids_are_read_as_java_reads_them(node: Client, spelling: str, guild: str) -> None:
    players = await players_of(node)
    assert (await node.patch(f"{players}/{spelling}", {})).json["guildId"] == guild


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LoadFailed("Unknown file format.", severity="common", cause="UnknownFormat"), 400),
        (VoiceTimeout("hello", 10), 500),
        (VoiceUnreachable("nowhere:1", "refused"), 500),
        (EngineClosed("the player is closed"), 404),
        (RuntimeError("a bug"), 500),
    ],
)
async def test_what_a_player_refuses_is_answered_and_the_node_goes_on(
    node: Client, engine: FakeEngine, error: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    players = await players_of(node)
    await node.patch(f"{players}/5", {})
    engine.players[5].fail_with = error
    answer = await node.patch(f"{players}/5", {"volume": 1})
    assert answer.status == status
    assert answer.json["status"] == status
    if status != 404:
        fallback = "The node failed at this request; its log says why." if type(error) is RuntimeError else str(error)
        expected = getattr(error, "message", fallback)
        assert answer.json["message"] == expected
    assert (await node.patch(f"{players}/5", {"volume": 2})).json["volume"] == 2
    assert ("Traceback" in caplog.text) == (type(error) is RuntimeError)
    caplog.clear()


async def test_two_changes_at_once_make_one_player(node: Client, engine: FakeEngine) -> None:
    players = await players_of(node)
    engine.gate = asyncio.Event()
    first = asyncio.create_task(node.patch(f"{players}/5", {"volume": 1}))
    second = asyncio.create_task(node.patch(f"{players}/5", {"paused": True}))
    engine.gate.set()
    await first
    await second
    assert len(engine.players[5].applied) == 2
    assert len((await node.get(players)).json) == 1


async def test_a_new_player_waits_until_the_old_one_has_left(node: Client, engine: FakeEngine) -> None:
    players = await players_of(node)
    await node.patch(f"{players}/5", {"volume": 1})
    old = engine.players[5]
    engine.leave = asyncio.Event()
    leaving = asyncio.create_task(node.request("DELETE", f"{players}/5"))
    async with asyncio.timeout(10):
        while (await node.get(f"{players}/5")).status != 404:
            pass
    entering = asyncio.create_task(node.patch(f"{players}/5", {"volume": 2}))
    assert (await node.patch(f"{players}/6", {})).status == 200
    assert engine.players[5] is old
    engine.leave.set()
    assert (await leaving).status == 204
    assert (await entering).json["volume"] == 2
    assert engine.players[5] is not old


async def test_a_player_that_is_made_while_its_session_ends_is_not_left_behind(
    node: Client, engine: FakeEngine
) -> None:
    socket = await node.connect()
    engine.gate = asyncio.Event()
    change = asyncio.create_task(node.patch(f"/v4/sessions/{socket.session_id}/players/5", {}))
    await node.patch(f"/v4/sessions/{socket.session_id}", {})
    await socket.close()
    engine.gate.set()
    assert (await change).status in {200, 404}
    async with asyncio.timeout(10):
        await engine.players[5].destroyed.wait()


async def test_no_replace_leaves_the_track_alone(node: Client) -> None:
    players = await players_of(node)
    await node.patch(f"{players}/5", {"track": {"identifier": "tone", "userData": {"b": 1, "a": [1.5]}}})
    answer = await node.patch(f"{players}/5?noReplace=true", {"encodedTrack": None, "volume": 9})
    assert answer.json["volume"] == 9
    assert answer.json["track"]["info"]["title"] == "Tone"
    assert list(answer.json["track"]["userData"].items()) == [("b", 1), ("a", [1.5])]


async def test_an_unknown_session_is_404_before_its_body_is_judged_by_rules(node: Client) -> None:
    answer = await node.patch("/v4/sessions/nope/players/1", {"endTime": 0})
    assert (answer.status, answer.json["message"]) == (404, "Session not found")


async def test_a_track_plays_by_its_encoded_text(node: Client) -> None:
    players = await players_of(node)
    track = a_track("By text")
    answer = await node.patch(f"{players}/5", {"encodedTrack": track.encoded})
    assert answer.json["track"]["encoded"] == track.encoded
    stopped = await node.patch(f"{players}/5", {"track": {"encoded": None}})
    assert stopped.json["track"] is None


async def test_the_voice_token_is_answered_and_never_logged(node: Client, caplog: pytest.LogCaptureFixture) -> None:
    players = await players_of(node)
    voice = {"token": "secret-token", "endpoint": "e", "sessionId": "s", "channelId": "1"}
    with caplog.at_level("DEBUG"):
        answer = await node.patch(f"{players}/5", {"voice": voice})
        await node.patch(f"{players}/5", {"voice": {**voice, "channelId": "x"}})
        await node.patch(f"{players}/5", {"voice": {**voice, "channelId": 7}})
    assert answer.json["voice"] == voice
    assert "secret-token" not in caplog.text
