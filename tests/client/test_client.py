"""The client's own door: life, sources, voice, hooks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from client.world import GUILD, USER, add, client, join, server_update, state_update, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    PlayerErrorEvent,
    Source,
)
from voxlink.errors import ClientError
from voxlink.protocol import LoadResult, LoadType
from voxlink.testing import FakeNode


class Shelf(Source):
    def __init__(self, name: str, answer: Any) -> None:
        super().__init__(name)
        self.answer = answer
        self.asked = 0

    async def load_item(self, client: Client, query: str) -> LoadResult | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_client_needs_no_loop_and_its_nodes_connect_later() -> None:
    made = client()

    async def use() -> None:
        async with FakeNode() as fake, made:
            node = add(made, fake)
            await node.wait_ready()
            assert made.players == {}
            assert made.nodes == [node]

    node = made.add_node("127.0.0.1", 1, "pw", "eu", "too early")
    assert not node.available
    made.node_manager.nodes.remove(node)
    made._unconnected.clear()
    asyncio.run(use())
    assert made.is_closed


def test_a_node_that_was_added_outside_a_loop_connects_with_start() -> None:
    made = client()

    async def use() -> None:
        async with FakeNode() as fake:
            node.move_to(fake.host, fake.port)
            async with made:
                await node.wait_ready()

    node = made.add_node("127.0.0.1", 2333, "youshallnotpass", "eu")
    asyncio.run(use())


async def test_local_sources_come_first_in_their_order() -> None:
    async with world() as (made, _node, fake):
        mine = LoadResult.from_track(track("mine"))
        no, yes, never = Shelf("no", None), Shelf("yes", mine), Shelf("never", LoadResult.empty())
        for source in (no, yes, never, yes):
            made.register_source(source)
        assert made.get_source("yes") is yes
        assert made.get_source("nobody") is None
        assert len(made.sources) == 3
        assert await made.get_tracks("q", check_local=True) is mine
        assert await made.get_local_tracks("q") is mine
        assert (no.asked, yes.asked, never.asked) == (2, 2, 0)
        assert fake.calls("GET", "loadtracks") == []
        assert (await made.get_tracks("q")).load_type == LoadType.EMPTY
        with pytest.raises(TypeError):
            made.register_source("x")  # type: ignore[arg-type]


async def test_a_source_that_raises_gives_an_error_result() -> None:
    async with world() as (made, _node, _fake):
        made.register_source(Shelf("broken", KeyError("x")))
        found = await made.get_tracks("q", check_local=True)
        assert found.load_type == LoadType.ERROR
        assert found.error is not None
        with pytest.raises(KeyError):
            await made.get_local_tracks("q")


async def test_lookups_need_a_node() -> None:
    async with client() as made:
        for call in (made.get_tracks("q"), made.decode_track("x"), made.decode_tracks(["x"])):
            with pytest.raises(ClientError, match="No available nodes"):
                await call


async def test_voice_messages_wait_for_their_player() -> None:
    async with world() as (made, _node, fake):
        await made.voice_update_handler(state_update())
        await made.voice_update_handler(server_update())
        made.player_manager.create(GUILD)
        await fake.wait_until(lambda: fake.has_player(GUILD))
        assert fake.player(GUILD).connected


@pytest.mark.parametrize(
    "data", [None, {}, {"t": "X"}, {"t": "VOICE_STATE_UPDATE", "d": {"guild_id": str(GUILD), "user_id": str(USER)}}]
)
async def test_the_voice_handler_never_raises(data: Any) -> None:
    async with world() as (made, _node, _fake):
        await join(made)
        await made.voice_update_handler(data)


async def test_a_voice_handler_error_becomes_an_event() -> None:
    class Broken(DefaultPlayer):
        async def _voice_server_update(self, data: Any) -> None:
            raise KeyError("mine")

    async with world(player=Broken) as (made, _node, _fake):
        errors = made.stream(PlayerErrorEvent)
        await join(made)
        assert repr((await anext(errors)).original) == "KeyError('mine')"
        errors.close()


async def test_closing_keeps_the_players_on_the_node() -> None:
    async with FakeNode() as fake:
        async with client() as made:
            node = add(made, fake)
            await node.wait_ready()
            await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
            player = await join(made)
            await player.play(track("a"))
        assert fake.player(GUILD).track is not None
        assert len(made.tasks) == 0


def test_a_repr_names_what_is_there() -> None:
    assert repr(client()) == f"<Client user_id={USER} nodes=0 players=0>"
