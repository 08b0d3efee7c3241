"""The main gateway over a real socket: what it refuses, and what hikari's shards make of its trouble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import hikari
import pytest

from voxlink.testing import Discord

DEADLINE_S = 10.0


@pytest.fixture
async def socket(simulated: Discord) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(simulated.gateway_url + "?v=10&encoding=json") as here,
    ):
        assert (await here.receive_json(timeout=DEADLINE_S))["op"] == 10
        yield here


def identify(simulated: Discord, **changes: object) -> dict[str, object]:
    return {"op": 2, "d": {"token": simulated.bot.token, "intents": 1 << 7, "properties": {}, **changes}}


async def code_after(socket: aiohttp.ClientWebSocketResponse, frame: object) -> int | None:
    await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
    while not socket.closed:
        await socket.receive(timeout=DEADLINE_S)
    return socket.close_code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4002),
        ({"op": "x"}, 4002),
        ({"op": 99}, 4001),
        ({"op": 4, "d": {"guild_id": "1", "channel_id": None}}, 4003),
        ({"op": 2, "d": {"token": "wrong", "intents": 0}}, 4004),
        ({"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}, 4004),
        ({"op": 2, "d": 3}, 4002),
    ],
)
async def test_a_frame_that_discord_would_not_take_closes_with_its_code(
    socket: aiohttp.ClientWebSocketResponse, frame: object, code: int
) -> None:
    assert await code_after(socket, frame) == code


@pytest.mark.parametrize(("changes", "code"), [({"shard": [2, 2]}, 4010), ({"intents": 1 << 40}, 4013)])
async def test_a_bad_identify_closes_with_its_code(
    simulated: Discord, socket: aiohttp.ClientWebSocketResponse, changes: dict[str, object], code: int
) -> None:
    assert await code_after(socket, identify(simulated, **changes)) == code


async def test_a_second_identify_is_refused(simulated: Discord, socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_json(identify(simulated))
    assert await code_after(socket, identify(simulated)) == 4005


async def test_an_unknown_version_of_the_api_is_refused(simulated: Discord) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(simulated.gateway_url + "?v=3") as here:
        await here.receive(timeout=DEADLINE_S)
        assert here.close_code == 4012


async def test_a_bot_that_floods_the_gateway_is_closed(
    simulated: Discord, socket: aiohttp.ClientWebSocketResponse
) -> None:
    for _ in range(120):
        await socket.send_json({"op": 1, "d": None})
    assert await code_after(socket, {"op": 1, "d": None}) == 4008


async def test_a_session_that_nobody_knows_is_invalid(
    simulated: Discord, socket: aiohttp.ClientWebSocketResponse
) -> None:
    await socket.send_json({"op": 6, "d": {"token": simulated.bot.token, "session_id": "x", "seq": 1}})
    assert await socket.receive_json(timeout=DEADLINE_S) == {"op": 9, "d": False}


async def test_intents_that_are_missing_hide_voice_states(
    simulated: Discord, socket: aiohttp.ClientWebSocketResponse
) -> None:
    await socket.send_json(identify(simulated, intents=0))
    assert (await socket.receive_json(timeout=DEADLINE_S))["t"] == "READY"
    simulated.user_joins(simulated.lounge)
    await socket.send_json(
        {"op": 4, "d": {"guild_id": str(simulated.guild.id), "channel_id": str(simulated.lounge.id)}}
    )
    assert (await socket.receive_json(timeout=DEADLINE_S))["t"] == "VOICE_SERVER_UPDATE"


async def test_members_are_sent_on_request(simulated: Discord, socket: aiohttp.ClientWebSocketResponse) -> None:
    await socket.send_json(identify(simulated))
    await socket.receive_json(timeout=DEADLINE_S)
    await socket.send_json({"op": 8, "d": {"guild_id": str(simulated.guild.id), "nonce": "n", "query": "", "limit": 0}})
    chunk = await socket.receive_json(timeout=DEADLINE_S)
    assert chunk["d"]["nonce"] == "n"
    assert len(chunk["d"]["members"]) == 2


@pytest.mark.parametrize("how", ["op 7", "op 9", "drop"])
async def test_hikari_resumes_and_gets_what_it_missed_once(
    simulated: Discord, hikari_bot: hikari.GatewayBot, how: str
) -> None:
    said: list[str | None] = []

    @hikari_bot.listen()
    async def heard(event: hikari.GuildMessageCreateEvent) -> None:
        said.append(event.content)

    before = simulated.gateway.resumes
    if how == "op 7":
        await simulated.reconnect()
    elif how == "op 9":
        await simulated.invalidate_session(resumable=True)
    else:
        simulated.drop_gateway()
    await simulated.wait_gone()
    arrived = asyncio.ensure_future(hikari_bot.wait_for(hikari.GuildMessageCreateEvent, timeout=DEADLINE_S))
    simulated.user_says("while you were away")
    await simulated.wait_resumed(after=before)
    await arrived
    assert said == ["while you were away"]
    assert simulated.gateway.identifies == 1


async def test_a_session_that_is_over_leaves_voice_and_hikari_identifies_anew(
    simulated: Discord, hikari_bot: hikari.GatewayBot
) -> None:
    await hikari_bot.update_voice_state(simulated.guild.id, simulated.lounge.id)
    await simulated.wait_in_voice(simulated.lounge)
    await simulated.invalidate_session()
    await simulated.wait_in_voice(None)
    await simulated.wait_gone()
    await simulated.wait_ready()
    assert simulated.gateway.identifies == 2


async def test_shards_have_the_guilds_that_are_theirs(simulated: Discord) -> None:
    guilds = [simulated.guild, *(simulated.add_guild(name, simulated.bot) for name in "ab")]
    bot = hikari.GatewayBot(
        simulated.bot.token, rest_url=simulated.rest_url, banner=None, logs=None, suppress_optimization_warning=True
    )
    seen: dict[int, set[int]] = {0: set(), 1: set()}
    all_seen = asyncio.Event()

    @bot.listen()
    async def available(event: hikari.GuildAvailableEvent) -> None:
        seen[event.shard.id].add(event.guild_id)
        if sum(map(len, seen.values())) == len(guilds):
            all_seen.set()

    await bot.start(check_for_updates=False, shard_count=2, shard_ids=[0, 1])
    async with asyncio.timeout(DEADLINE_S):
        await all_seen.wait()
    assert seen == {shard: {g.id for g in guilds if (g.id >> 22) % 2 == shard} for shard in (0, 1)}
    await bot.close()
    await simulated.wait_gone()
