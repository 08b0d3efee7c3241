"""`Discord` as a test holds it: hikari and discord.py bots log in unmodified, users press, moderators move."""

from __future__ import annotations

import asyncio

import hikari
import pytest

from testing.discord.conftest import Client
from voxlink.errors import NeverHappened, UsageError
from voxlink.testing import Discord


@pytest.mark.peer
async def test_a_discordpy_bot_answers_a_command_a_button_and_a_message(
    simulated: Discord, discordpy_client: Client
) -> None:
    answer = await simulated.user_presses("/play", query="a song").shown("now playing a song")
    await simulated.user_clicks(answer, "skip").acknowledged()
    assert [message.content for message in simulated.shown()] == ["Skipped"]
    simulated.user_says("ping")
    assert (await simulated.wait_shown("pong, ada")).text == "pong, ada\nPong"
    assert discordpy_client.user is not None
    assert discordpy_client.user.id == simulated.bot.id


@pytest.mark.peer
async def test_hikari_sees_joins_moves_and_kicks(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    places: asyncio.Queue[tuple[int, int | None]] = asyncio.Queue()

    @hikari_bot.listen()
    async def state(event: hikari.VoiceStateUpdateEvent) -> None:
        await places.put((event.state.user_id, event.state.channel_id))

    simulated.user_joins(simulated.lounge)
    await hikari_bot.update_voice_state(simulated.guild.id, simulated.lounge.id)
    await simulated.wait_in_voice(simulated.lounge)
    simulated.move(simulated.bot, simulated.stage_left)
    simulated.kick(simulated.bot)
    simulated.user_leaves()
    ada, bot = simulated.user.id, simulated.bot.id
    wanted = [
        (ada, simulated.lounge.id),
        (bot, simulated.lounge.id),
        (bot, simulated.stage_left.id),
        (bot, None),
        (ada, None),
    ]
    async with asyncio.timeout(10):
        assert [await places.get() for _ in wanted] == wanted
    assert [body.channel_id for _, body in simulated.gateway.voice_requests] == [simulated.lounge.id]


async def test_a_lost_voice_server_is_told_with_a_null_endpoint(
    simulated: Discord, hikari_bot: hikari.GatewayBot
) -> None:
    await hikari_bot.update_voice_state(simulated.guild.id, simulated.lounge.id)
    await simulated.wait_in_voice(simulated.lounge)
    told = asyncio.ensure_future(hikari_bot.wait_for(hikari.VoiceServerUpdateEvent, timeout=10))
    null = asyncio.ensure_future(
        hikari_bot.wait_for(hikari.VoiceServerUpdateEvent, timeout=10, predicate=lambda e: e.endpoint is None)
    )
    await asyncio.sleep(0)
    simulated.lose_voice_server()
    await null
    told.cancel()


async def test_pressing_what_is_not_there_is_the_tests_fault(simulated: Discord) -> None:
    with pytest.raises(UsageError, match="/play"):
        simulated.user_presses("/play", query="x")
    with pytest.raises(UsageError, match="no button"):
        simulated.user_clicks(simulated.user_says("x"), "skip")


async def test_what_is_never_shown_is_named(simulated: Discord) -> None:
    with pytest.raises(NeverHappened, match="now playing"):
        await simulated.wait_shown("now playing", timeout_s=0)
    with pytest.raises(NeverHappened, match="dj in Lounge"):
        await simulated.wait_in_voice(simulated.lounge, timeout_s=0)
    with pytest.raises(NeverHappened, match="command /play"):
        await simulated.wait_command("/play", timeout_s=0)


async def test_closing_twice_is_harmless(simulated: Discord) -> None:
    await simulated.close()
    await simulated.close()


async def test_only_somebody_in_voice_can_be_seated(simulated: Discord) -> None:
    with pytest.raises(UsageError, match="ada is in no voice channel"):
        simulated.seat()
    simulated.user_joins(simulated.lounge)
    with pytest.raises(UsageError, match="without voice servers"):
        simulated.seat()
    with pytest.raises(UsageError, match="without voice servers"):
        simulated.heard()
