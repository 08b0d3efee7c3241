"""A real discord.py client on a simulated Discord: joins, moves, kicks and failures, and no guild stays occupied."""

from __future__ import annotations

import asyncio
import types
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest

from integrations.scripted_engine import ScriptedEngine
from voxlink.errors import ClientError
from voxlink.integrations.discordpy import raw_of, voice_protocol
from voxlink.integrations.native_client import NativeClient
from voxlink.protocol import WebSocketClosed
from voxlink.testing import Discord

DEADLINE_S = 10.0


@pytest.fixture
async def bot(simulated_discord: Discord) -> AsyncIterator[discord.Client]:
    bot = discord.Client(intents=discord.Intents.default())
    running = asyncio.create_task(bot.start(simulated_discord.bot.token))
    await simulated_discord.wait_ready()
    await bot.wait_until_ready()
    yield bot
    await bot.close()
    await running
    await simulated_discord.wait_gone()


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def client(simulated_discord: Discord, engine: ScriptedEngine) -> AsyncIterator[NativeClient]:
    async with NativeClient(simulated_discord.bot.id, engine=engine) as client:
        yield client


async def join(bot: discord.Client, simulated: Discord, client: Any, **options: Any) -> Any:
    channel: Any = bot.get_channel(simulated.lounge.id)
    return await channel.connect(cls=voice_protocol(discord.VoiceProtocol, client), timeout=DEADLINE_S, **options)


async def until(found: Any) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not found():
            await asyncio.sleep(0)


async def test_it_joins_plays_follows_a_move_and_a_region_change_and_leaves(
    bot: discord.Client, simulated_discord: Discord, client: NativeClient, engine: ScriptedEngine
) -> None:
    voice: Any = await join(bot, simulated_discord, client, self_deaf=True)
    assert issubclass(type(voice), discord.VoiceProtocol)
    assert voice.is_connected()
    assert simulated_discord.gateway.voice_requests[-1][1].self_deaf
    player = engine.players[simulated_discord.guild.id]
    assert len(player.voices) == 1
    await voice.move_to(bot.get_channel(simulated_discord.stage_left.id))
    await until(lambda: len(player.voices) == 2 and voice.channel.id == simulated_discord.stage_left.id)
    simulated_discord.change_region()
    await until(lambda: len(player.voices) == 3)
    assert len({endpoint for _, endpoint, _ in player.voices}) == 2
    await asyncio.gather(voice.disconnect(), voice.disconnect())
    await simulated_discord.wait_in_voice(None)
    assert player.destroyed
    assert not bot.voice_clients


async def test_it_can_be_left_and_joined_again_at_once(
    bot: discord.Client, simulated_discord: Discord, client: NativeClient
) -> None:
    for _ in range(5):
        voice = await join(bot, simulated_discord, client)
        await voice.disconnect()
    voice = await join(bot, simulated_discord, client)
    await simulated_discord.wait_in_voice(simulated_discord.lounge)
    assert voice.is_connected()
    await voice.disconnect()


async def test_a_voice_session_that_is_gone_is_joined_anew_and_the_player_stays(
    bot: discord.Client, simulated_discord: Discord, client: NativeClient, engine: ScriptedEngine
) -> None:
    voice = await join(bot, simulated_discord, client, self_deaf=True)
    player = engine.players[simulated_discord.guild.id]
    before = player.voices[-1]
    player.on_message(WebSocketClosed(guild_id=str(simulated_discord.guild.id), code=4006, reason="", by_remote=True))
    await until(lambda: player.voices[-1][2] != before[2])
    asked = [request.channel_id for _, request in simulated_discord.gateway.voice_requests]
    assert asked == [simulated_discord.lounge.id, None, simulated_discord.lounge.id]
    assert simulated_discord.gateway.voice_requests[-1][1].self_deaf
    assert voice.is_connected()
    assert not player.destroyed
    assert bot.voice_clients == [voice]


async def test_a_kick_ends_it_and_the_guild_can_be_joined_again(
    bot: discord.Client, simulated_discord: Discord, client: NativeClient
) -> None:
    voice = await join(bot, simulated_discord, client)
    simulated_discord.kick(simulated_discord.bot)
    await until(lambda: not bot.voice_clients)
    assert not voice.is_connected()
    await (await join(bot, simulated_discord, client)).disconnect()


def no_node(*_: Any, **__: Any) -> Any:
    raise ClientError("no node")


async def test_a_failure_while_connecting_leaves_nothing_behind(
    bot: discord.Client, simulated_discord: Discord, client: NativeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel: Any = bot.get_channel(simulated_discord.lounge.id)
    simulated_discord.trouble.lose("VOICE_SERVER_UPDATE")
    with pytest.raises(TimeoutError):
        await channel.connect(cls=voice_protocol(discord.VoiceProtocol, client), timeout=0.05)
    await simulated_discord.wait_in_voice(None)

    with monkeypatch.context() as patch:
        patch.setattr(client.player_manager, "create", no_node)
        with pytest.raises(ClientError, match="no node"):
            await join(bot, simulated_discord, client)
    joining = asyncio.create_task(join(bot, simulated_discord, client))
    await asyncio.sleep(0)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining
    assert not bot.voice_clients
    await (await join(bot, simulated_discord, client)).disconnect()


def test_payloads_are_dictionaries_or_objects_that_keep_one() -> None:
    wrapped = types.SimpleNamespace(_raw_data={"token": "t"})
    assert raw_of(wrapped) == raw_of({"token": "t"}) == {"token": "t"}
