"""Both connections on a simulated Discord, under hikari's component and ours: what is heard, how it ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import hikari
import numpy as np
import pytest

import voxlink.integrations.hikari.connection as connection_module
from voxlink.audio import OpusEncoder
from voxlink.client import Client, TrackEndEvent
from voxlink.errors import BadType, NoMatches
from voxlink.integrations.hikari import LavalinkVoiceConnection, NativeClient, NativeVoiceConnection
from voxlink.protocol import EndReason
from voxlink.testing import Discord

DEADLINE_S = 30.0
FRAMES_A_SECOND = 50
IN_FLIGHT = 5

Joined = tuple[Any, Client]


@pytest.fixture(params=["native", "lavalink"])
async def client(request: pytest.FixtureRequest, simulated_discord: Discord) -> AsyncIterator[Client]:
    """A client of each kind; the embedded node trusts the simulated voice servers, for the fixture came first."""
    if request.param == "native":
        client: Client = NativeClient(simulated_discord.bot.id)
    else:
        client = Client(simulated_discord.bot.id)
        await client.start_embedded_node(local_files=True)
    yield client
    await client.close()


@pytest.fixture
async def native(simulated_discord: Discord) -> AsyncIterator[NativeClient]:
    """A native client alone, for what is the same code with both."""
    async with NativeClient(simulated_discord.bot.id) as client:
        yield client


def kind_of(client: Client) -> type[LavalinkVoiceConnection | NativeVoiceConnection]:
    return NativeVoiceConnection if isinstance(client, NativeClient) else LavalinkVoiceConnection


async def join(bot: hikari.GatewayBot, discord: Discord, client: Client, **options: Any) -> Any:
    return await bot.voice.connect_to(
        discord.guild.id, discord.lounge.id, kind_of(client), client=client, deaf=True, **options
    )


async def begin(connection: Any, client: Client, file: Path) -> asyncio.Future[TrackEndEvent]:
    """Play a file; gives the future of its end."""
    found = await client.get_tracks(str(file))
    ended = asyncio.ensure_future(client.wait_for(TrackEndEvent, timeout=DEADLINE_S))
    await asyncio.sleep(0)
    await connection.player.play(found.tracks[0])
    return ended


async def test_the_whole_song_is_heard_over_a_move_a_region_change_and_a_gateway_resume(
    bot: hikari.GatewayBot, client: Client, simulated_discord: Discord, song: Callable[[float], Path]
) -> None:
    discord = simulated_discord
    connection = await join(bot, discord, client)
    ended = await begin(connection, client, song(5))
    first = discord.heard()
    await first.wait_frames(40, DEADLINE_S)
    resumed = asyncio.ensure_future(bot.wait_for(hikari.ShardResumedEvent, timeout=DEADLINE_S))
    await discord.reconnect()
    await resumed
    await connection.move_to(discord.stage_left.id)
    assert connection.channel_id == discord.stage_left.id == bot.voice.connections[connection.guild_id].channel_id
    discord.change_region()
    second = discord.heard()
    await second.wait_frames(20, DEADLINE_S)
    assert (await ended).reason is EndReason.FINISHED
    await client.player_manager.destroy(connection.guild_id)
    # A frame that is under way to a server at the moment when Discord closes it there is heard by nobody.
    played = len(first.music_frames) + len(second.music_frames)
    assert 5 * FRAMES_A_SECOND - IN_FLIGHT <= played <= 5 * FRAMES_A_SECOND + 2
    assert first.faults + second.faults == []
    await connection.disconnect()
    await discord.wait_in_voice(None)
    assert not bot.voice.connections


async def test_a_kick_ends_the_connection_and_one_can_join_again(
    bot: hikari.GatewayBot, client: Client, simulated_discord: Discord, song: Callable[[float], Path]
) -> None:
    connection = await join(bot, simulated_discord, client)
    await begin(connection, client, song(20))
    await simulated_discord.heard().wait_frames(10, DEADLINE_S)
    simulated_discord.kick(simulated_discord.bot)
    async with asyncio.timeout(DEADLINE_S):
        await connection.join()
    assert not connection.is_alive
    assert not bot.voice.connections
    assert not client.players
    again = await join(bot, simulated_discord, client)
    assert again.is_alive
    await again.disconnect()


async def test_a_null_endpoint_is_a_pause_and_the_music_goes_on_at_the_next_server(
    bot: hikari.GatewayBot, native: NativeClient, simulated_discord: Discord, song: Callable[[float], Path]
) -> None:
    connection = await join(bot, simulated_discord, native)
    ended = await begin(connection, native, song(3))
    await simulated_discord.heard().wait_frames(10, DEADLINE_S)
    simulated_discord.lose_voice_server()
    simulated_discord.change_region()
    await simulated_discord.heard().wait_frames(20, DEADLINE_S)
    assert connection.is_alive
    assert (await ended).reason is EndReason.FINISHED
    await connection.disconnect()


async def test_a_gateway_session_that_is_over_is_followed_by_a_new_join(
    bot: hikari.GatewayBot,
    native: NativeClient,
    simulated_discord: Discord,
    song: Callable[[float], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "NEWS_TIMEOUT_S", 0.5)
    connection = await join(bot, simulated_discord, native)
    ended = await begin(connection, native, song(10))
    heard = simulated_discord.heard()
    await heard.wait_frames(10, DEADLINE_S)
    await simulated_discord.invalidate_session()
    await simulated_discord.wait_in_voice(None)
    before = len(heard.frames)
    await simulated_discord.wait_in_voice(simulated_discord.lounge, timeout_s=DEADLINE_S)
    await heard.wait_frames(before + 20, DEADLINE_S)
    assert connection.is_alive
    assert not ended.done()
    await connection.disconnect()
    ended.cancel()


async def test_disconnecting_is_idempotent_and_wakes_those_who_wait(
    bot: hikari.GatewayBot, client: Client, simulated_discord: Discord
) -> None:
    connection = await join(bot, simulated_discord, client)
    waiting = asyncio.create_task(connection.join())
    await asyncio.gather(*(connection.disconnect() for _ in range(3)))
    await connection.disconnect()
    await waiting
    assert not bot.voice.connections
    await simulated_discord.wait_in_voice(None)
    left = [body for _, body in simulated_discord.gateway.voice_requests if body.channel_id is None]
    assert len(left) == 1
    with pytest.raises(hikari.VoiceError):
        await connection.move_to(simulated_discord.stage_left.id)


async def test_a_move_that_discord_refuses_is_an_error_and_changes_nothing(
    bot: hikari.GatewayBot, native: NativeClient, simulated_discord: Discord
) -> None:
    full = simulated_discord.add_voice_channel(simulated_discord.guild, "Full", user_limit=1)
    simulated_discord.user_joins(full)
    connection = await join(bot, simulated_discord, native)
    with pytest.raises(hikari.VoiceError):
        await connection.move_to(full.id, timeout=0.1)
    assert connection.is_alive
    assert connection.channel_id == simulated_discord.lounge.id
    state = simulated_discord.gateway.voice_requests[-1][1]
    assert state.self_deaf, "a move does not undeafen"


async def test_keywords_that_nobody_knows_are_refused_and_the_channel_is_left(
    bot: hikari.GatewayBot, native: NativeClient, simulated_discord: Discord
) -> None:
    with pytest.raises(BadType, match="client="):
        await join(bot, simulated_discord, native, volume=3)
    await simulated_discord.wait_in_voice(None)


async def test_native_plays_names_and_iterators_of_pcm_and_opus(
    bot: hikari.GatewayBot, simulated_discord: Discord, song: Callable[[float], Path]
) -> None:
    connection = await bot.voice.connect_to(
        simulated_discord.guild.id, simulated_discord.lounge.id, NativeVoiceConnection
    )
    heard = simulated_discord.heard()
    with pytest.raises(NoMatches):
        await connection.play("no such thing at all")
    client = connection.client

    async def played(source: Any, **options: Any) -> list[bytes]:
        """Play something to its end; gives the frames of music that were heard of it."""
        before = len(heard.music_frames)
        ended = asyncio.ensure_future(client.wait_for(TrackEndEvent, timeout=DEADLINE_S))
        await asyncio.sleep(0)
        track = await connection.play(source, **options)
        assert track.title in {"A tune", "Again", ""}
        assert (await ended).reason is EndReason.FINISHED
        await heard.wait_frames(len(heard.frames) + 1, DEADLINE_S)  # the silence after it
        return [frame.opus for frame in heard.music_frames[before:]]

    opus = await played(song(1))
    assert len(opus) == FRAMES_A_SECOND

    async def packets() -> AsyncIterator[bytes]:
        for packet in opus:
            yield packet

    assert await played(packets(), sound="opus", title="Again") == opus
    assert len(await played((bytes(3840) for _ in range(50)), sound="pcm")) == FRAMES_A_SECOND
    with pytest.raises(BadType, match="sound="):
        await connection.play(iter([b""]))
    await connection.disconnect()
    assert client.is_closed, "a connection without a client of the user's closes its own"


async def test_native_hears_the_others_in_the_channel(bot: hikari.GatewayBot, simulated_discord: Discord) -> None:
    connection = await bot.voice.connect_to(
        simulated_discord.guild.id, simulated_discord.lounge.id, NativeVoiceConnection
    )
    simulated_discord.user_joins(simulated_discord.lounge)
    seat = simulated_discord.seat()
    tone = (np.sin(np.arange(960) * (440 * 2 * np.pi / 48_000)) * 0.4).astype(np.float32)
    packet = OpusEncoder().encode(np.stack([tone, tone], axis=1))
    with connection.listen() as ears:
        speaking = asyncio.create_task(seat.speak([packet] * 25))
        async with asyncio.timeout(DEADLINE_S):
            heard = await anext(ears)
        assert heard.user_id == simulated_discord.user.id
        await speaking
    await connection.disconnect()


def test_without_its_packages_native_says_what_to_install_and_lavalink_works() -> None:
    code = """
import asyncio, sys
sys.modules["av"] = None
from voxlink.errors import MissingExtra
from voxlink.hikari import LavalinkVoiceConnection, NativeVoiceConnection, VoiceComponent
import voxlink.hikari
hook = dict.fromkeys(
    ["channel_id", "endpoint", "guild_id", "on_close", "owner", "session_id", "shard_id", "token", "user_id"]
)
try:
    asyncio.run(NativeVoiceConnection.initialize(**hook | {"user_id": 1}))
except MissingExtra as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert 'pip install "voxlink[' in done.stdout, done.stderr
