"""Nodes: players, penalties, waiting, draining."""

from __future__ import annotations

import pytest

from client.world import GUILD, add, client, join, track, world
from voxlink.client import NodeState
from voxlink.errors import ClientError, RequestError
from voxlink.testing import FakeNode


async def test_a_node_knows_its_players() -> None:
    async with world() as (made, node, _fake):
        player = made.player_manager.create(GUILD)
        assert node.players == [player]
        await player.destroy()
        assert node.players == []


async def test_penalties_count_pending_players_and_unready_nodes() -> None:
    async with world() as (made, node, _fake):
        assert node.penalty == 0
        made.player_manager.create(1)
        assert node.effective_penalty == 1
        await node.destroy()
        assert node.penalty == node.effective_penalty == 9e30


async def test_repr_names_the_node_and_hides_the_password() -> None:
    async with world() as (_, node, fake):
        assert node.name in repr(node)
        assert fake.password not in repr(node)


async def test_a_node_that_never_connected_says_so_at_once() -> None:
    async with FakeNode() as fake, client() as made:
        node = add(made, fake, connect=False)
        assert node.state is NodeState.IDLE
        with pytest.raises(ClientError, match="no session"):
            await node.get_players()
        await node.connect()
        assert await node.get_players() == []


async def test_waiting_has_an_end() -> None:
    async with FakeNode() as fake, client() as made:
        fake.silent_ready = True
        node = add(made, fake)
        with pytest.raises(ClientError, match="not ready within"):
            await node.wait_ready(0.05)


async def test_a_forgotten_session_is_renewed_and_the_request_sent_again() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        await player.play(track("song"))
        old = node.session_id
        fake.forget_sessions()
        await player.set_volume(50)
        assert node.session_id != old
        await fake.wait_until(lambda: fake.has_player(GUILD) and fake.player(GUILD).track is not None)
        assert (fake.player(GUILD).volume, fake.player(GUILD).track.info.title) == (50, "song")  # type: ignore[union-attr]


async def test_a_session_that_is_forgotten_while_the_node_connects_anew_costs_no_third_connection() -> None:
    async with FakeNode() as fake, client() as made:
        node = add(made, fake)
        await node.wait_ready()
        await node.connect(force=True)  # the first session asks to be kept just now, and is gone
        await node.wait_ready()
        await fake.wait_request("PATCH", f"/v4/sessions/{node.session_id}$")
        assert len(fake.connections) == 2


async def test_a_missing_player_is_an_error_of_the_node() -> None:
    async with world() as (_, node, _fake):
        with pytest.raises(RequestError) as caught:
            await node.get_player(5)
        assert (caught.value.status, caught.value.message) == (404, "Player not found")


async def test_draining_moves_every_player_and_takes_no_new_ones() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        first = add(made, one)
        await first.wait_ready()
        players = [await join(made, guild) for guild in range(1, 6)]
        second = add(made, two)
        await second.wait_ready()
        await first.drain()
        assert {player.node for player in players} == {second}
        assert first.state is NodeState.DRAINING
        assert made.player_manager.create(99).node is second


async def test_draining_without_another_node_says_so() -> None:
    async with world() as (made, node, _fake):
        await join(made)
        with pytest.raises(ClientError):
            await node.drain()
