"""A player kept in step with Discord's voice messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from integrations.scripted_engine import ScriptedEngine
from voxlink.client import Client
from voxlink.errors import ClientError
from voxlink.integrations.native_client import NativeClient
from voxlink.integrations.player_link import PlayerLink


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def client(engine: ScriptedEngine) -> AsyncIterator[Client]:
    async with NativeClient(1, engine=engine) as client:
        yield client


async def test_the_node_is_told_once_both_halves_are_known(client: Client, engine: ScriptedEngine) -> None:
    link = PlayerLink(client, 7)
    assert not await link.state(2, "s")
    await link.server("t", "wss://host:443")
    assert engine.players[7].voices == [("t", "host:443", "s")]
    assert link.player.channel_id == 2


async def test_a_region_change_and_a_null_endpoint_reach_the_node_in_order(
    client: Client, engine: ScriptedEngine
) -> None:
    link = PlayerLink(client, 7)
    await link.state(2, "s")
    await asyncio.gather(link.server("t", "a"), link.server("t2", None), link.server("t3", "b"))
    assert engine.players[7].voices[-1] == ("t3", "b", "s")
    assert ("t2", None, "s") not in engine.players[7].voices


async def test_a_kick_is_told_once(client: Client) -> None:
    link = PlayerLink(client, 7)
    await link.state(2, "s")
    assert await link.state(None, "s")
    assert not await link.state(None, "s")


async def test_waiting_for_a_channel_ends_when_discord_says_so(client: Client) -> None:
    link = PlayerLink(client, 7)
    await link.state(2, "s")
    waiting = asyncio.create_task(link.wait_for_channel(3))
    await asyncio.sleep(0)
    await link.state(2, "s")
    assert not waiting.done()
    await link.state(3, "s")
    await waiting


async def test_news_of_a_moment_ago_count_and_silence_ends_the_wait(client: Client) -> None:
    link = PlayerLink(client, 7)
    assert not await link.has_news(within_s=0.0)
    await link.state(2, "s")
    assert await link.has_news(within_s=5.0)
    link.settle()
    assert not await link.has_news(within_s=0.0)


async def test_closing_destroys_the_player_and_not_its_successor(client: Client, engine: ScriptedEngine) -> None:
    link = PlayerLink(client, 7)
    await link.state(2, "s")
    await link.server("t", "a")
    first = engine.players[7]
    await link.close()
    assert first.destroyed
    successor = PlayerLink(client, 7)
    await link.close()
    assert client.player_manager.get(7) is successor.player


async def test_a_client_without_a_node_cannot_make_a_player() -> None:
    client = Client(1)
    with pytest.raises(ClientError):
        PlayerLink(client, 7)
    await client.close()
