"""Two guilds, two bots, fifty joins and leaves in a seeded order with all kinds of trouble: nothing is left behind."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import hikari
import pytest

from integrations.scripted_engine import ScriptedEngine
from voxlink.errors import NeverHappened
from voxlink.integrations.hikari import NativeClient, NativeVoiceConnection, VoiceComponent
from voxlink.playback import Engine, RemoteEngine
from voxlink.testing import Discord
from voxlink.testing.discord import Account, Channel, Guild

STEPS = 110
DEADLINE_S = 60.0
EVENTS = ["VOICE_STATE_UPDATE", "VOICE_SERVER_UPDATE"]


@asynccontextmanager
async def running(
    discord: Discord, account: Account, engine: Engine | None
) -> AsyncIterator[tuple[hikari.GatewayBot, NativeClient]]:
    bot = hikari.GatewayBot(account.token, banner=None, logs=None, suppress_optimization_warning=True)
    VoiceComponent.install(bot)
    client = NativeClient(account.id, engine=engine)
    await bot.start(check_for_updates=False)
    try:
        yield bot, client
    finally:
        await bot.close()
        await client.close()


def make_trouble(discord: Discord, dice: random.Random) -> None:
    """Perhaps order some trouble for what comes next."""
    trouble = discord.trouble
    trouble.server_update_first = dice.random() < 0.5
    match dice.randrange(8):
        case 0:
            trouble.lose(dice.choice(EVENTS))
        case 1:
            trouble.repeat(dice.choice(EVENTS))
        case 2:
            trouble.delay(dice.choice(EVENTS), dice.uniform(0.0, 0.3))
        case 3:
            trouble.jitter(dice.choice(EVENTS), 0.05, times=3)
        case 4:
            trouble.null_endpoint(then_after_s=dice.choice([0.02, 0.05, None]))
        case _:
            pass


async def step(
    discord: Discord, dice: random.Random, bot: hikari.GatewayBot, client: NativeClient, guild: Guild
) -> str:
    """One thing that a user, a moderator or Discord does; a refusal that hikari's interface names is fine."""
    rooms = [channel for channel in guild.channels.values() if channel.is_voice]
    me = next(account for account in discord.world.accounts if account.id == client.user_id)
    connection = bot.voice.connections.get(hikari.Snowflake(guild.id))
    is_inside = discord.voice_channel_of(me, guild) is not None
    what = dice.choice(["join", "join", "join", "leave", "leave", "cancel", "move", "kick", "region", "null"])
    try:
        if what in {"join", "cancel"}:
            await join(dice, bot, client, guild, dice.choice(rooms), cancels=what == "cancel")
        elif what == "leave" and connection is not None:
            await connection.disconnect()
        elif what == "move" and isinstance(connection, NativeVoiceConnection):
            await connection.move_to(dice.choice(rooms).id, timeout=0.2)  # type: ignore[arg-type]
        elif is_inside:
            {"kick": lambda: discord.kick(me, guild), "region": lambda: discord.change_region(guild)}.get(
                what, lambda: discord.lose_voice_server(guild)
            )()
    except (hikari.VoiceError, hikari.ComponentStateConflictError):
        return what + " refused"
    return what


async def join(
    dice: random.Random,
    bot: hikari.GatewayBot,
    client: NativeClient,
    guild: Guild,
    room: Channel,
    *,
    cancels: bool,
) -> None:
    timeout: Any = dice.choice([0.2, 0.5])
    joining = asyncio.create_task(
        bot.voice.connect_to(guild.id, room.id, NativeVoiceConnection, client=client, timeout=timeout)  # type: ignore[arg-type]
    )
    if cancels:
        for _ in range(dice.randrange(20)):
            await asyncio.sleep(0)
        joining.cancel()
    await asyncio.wait([joining])
    if not joining.cancelled():
        await joining


@pytest.mark.parametrize(("seed", "engine"), [(1, ScriptedEngine), (2026, ScriptedEngine), (8, RemoteEngine)])
async def test_fifty_joins_and_leaves_in_all_trouble_leave_nothing_behind(
    simulated_discord: Discord, seed: int, engine: type[Engine], caplog: pytest.LogCaptureFixture
) -> None:
    discord = simulated_discord
    dice = random.Random(seed)
    second_guild = discord.add_guild("Second", discord.bot)
    for name in ("North", "South"):
        discord.add_voice_channel(second_guild, name)
    second_bot = discord.add_bot("second", discord.guild, second_guild)
    before = asyncio.all_tasks()
    async with (
        asyncio.timeout(DEADLINE_S),
        running(discord, discord.bot, engine()) as first,
        running(discord, second_bot, engine()) as second,
    ):
        done: list[str] = []
        for _ in range(STEPS):
            make_trouble(discord, dice)
            guild = dice.choice([discord.guild, second_guild])
            done.append(await step(discord, dice, *dice.choice([first, second]), guild))
        assert sum(what.startswith(("join", "cancel", "leave")) for what in done) >= 50
        discord.trouble.clear()
        for bot, client in (first, second):
            await bot.voice.disconnect_all()
            assert not bot.voice.connections
            assert not client.players
            for guild in (discord.guild, second_guild):
                me = next(account for account in discord.world.accounts if account.id == client.user_id)
                try:
                    await discord.wait_in_voice(None, me, guild=guild, timeout_s=2)
                except NeverHappened as stuck:
                    raise AssertionError(f"{me.username} is still in voice of {guild.name}") from stuck
            # And both still work.
            room = next(channel for channel in guild.channels.values() if channel.is_voice)
            connection = await bot.voice.connect_to(guild.id, room.id, NativeVoiceConnection, client=client)  # type: ignore[arg-type]
            assert connection.is_alive
        assert sum(len(bot.voice.connections) for bot, _ in (first, second)) == 2
    for bot, _ in (first, second):
        assert not bot.voice.connections
        assert not bot.event_manager.get_listeners(hikari.VoiceEvent)
        assert not bot.voice.is_alive
    await discord.wait_gone()
    await discord.wait_gone(second_bot)
    assert not second_guild.voice_states
    assert not discord.guild.voice_states
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert not left, left
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
