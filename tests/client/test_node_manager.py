"""The nodes of a client."""

from __future__ import annotations

import pytest

from client.world import add, client, join, track, world
from voxlink.client import MemoryStore, Node, NodeState, NodeStateChangedEvent
from voxlink.errors import ClientError
from voxlink.testing import FakeNode


async def test_nodes_are_counted_and_found_by_region() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        eu, us = add(made, one, "eu"), add(made, two, "us", connect=False)
        manager = made.node_manager
        assert (len(manager), list(manager), manager.get_nodes_by_region("us")) == (2, [eu, us], [us])
        await eu.wait_ready()
        assert manager.available_nodes == [eu]
        assert manager.get_region("us-west1.discord.media") is None
        assert manager.get_region("frankfurt1.discord.media") == "eu"
        assert manager.get_region("") is None
        assert manager.find_ideal_node("us") is eu
        assert manager.find_ideal_node(exclude=[eu]) is None


async def test_assignments_spread_before_the_next_statistics() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        nodes = [add(made, one), add(made, two)]
        for node in nodes:
            await node.wait_ready()
        for guild in range(10):
            made.player_manager.create(guild)
        assert [len(node.roster) for node in nodes] == [5, 5]


async def test_a_node_by_its_uri() -> None:
    async with FakeNode() as fake, client() as made:
        node = made.add_node_uri(fake.uri, tags={"a": 1})
        await node.wait_ready()
        assert (node.region, node.tags) == ("eu", {"a": 1})


async def test_removing_moves_the_players_and_closes_the_node() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        first = add(made, one)
        await first.wait_ready()
        player = await join(made)
        await player.play(track("a"))
        second = add(made, two)
        await second.wait_ready()
        made.node_manager.remove(first)
        await two.wait_until(lambda: two.has_player(player.guild_id))
        while first.state is not NodeState.CLOSED:
            await second.get_version()
        assert (player.node, made.nodes) == (second, [second])
        with pytest.raises(ValueError):
            made.node_manager.remove_node(first)


@pytest.mark.parametrize("choice", ["migrate", "destroy", "keep"])
async def test_removing_lets_one_choose_what_happens_to_the_players(choice: str) -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        first = add(made, one)
        await first.wait_ready()
        player = await join(made)
        second = add(made, two)
        await second.wait_ready()
        await made.remove_node(first, players=choice)
        assert first.state is NodeState.CLOSED
        assert (made.player_manager.get(player.guild_id) is None) == (choice == "destroy")
        await second.get_version()
        assert player.node is (second if choice == "migrate" else first)
        assert one.has_player(player.guild_id) == (choice == "keep")
        with pytest.raises(ValueError):
            await made.remove_node(first)


async def test_a_node_whose_players_have_nowhere_to_go_stays_and_takes_players() -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        await player.play(track("a"))
        with pytest.raises(ClientError):
            await made.remove_node(node)
        assert (made.nodes, node.state, player.node) == ([node], NodeState.READY, node)
        assert made.player_manager.create(2).node is node


async def test_a_drained_node_takes_players_again_once_it_is_connected_anew() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        first, second = add(made, one), add(made, two)
        for node in (first, second):
            await node.wait_ready()
        states = made.stream(NodeStateChangedEvent)
        await first.drain()
        assert (await anext(states)).new is NodeState.DRAINING
        assert made.player_manager.create(1).node is second
        assert await first.connect() is None
        assert (await anext(states)).new is NodeState.READY
        assert made.player_manager.create(2).node is first
        states.close()


async def test_a_word_that_says_nothing_about_players_is_refused() -> None:
    async with world() as (made, node, _fake):
        with pytest.raises(ValueError, match="perhaps"):
            await made.remove_node(node, players="perhaps")
        assert made.nodes == [node]


async def test_bad_addresses_are_refused() -> None:
    async with world() as (made, _node, _fake):
        with pytest.raises(ValueError):
            made.add_node("", 2333, "pw", "eu")
        assert len(made.nodes) == 1


def test_nodes_of_one_name_share_no_keys_of_a_store_and_are_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    made = client()

    def node(name: str | None) -> Node:
        return made.add_node("127.0.0.1", 1, "pw", "eu", name)

    first, other, second, third = node("main"), node(None), node("main"), node("main")
    assert [one.store_key for one in (first, second, third)] == ["main", "main#2", "main#3"]
    assert other.store_key == other.name
    assert "Two nodes are called main" in caplog.text
    assert len(caplog.records) == 2
    made.node_manager.discard(second)
    assert node("main").store_key == "main#2"


async def test_nodes_of_one_name_get_their_own_sessions_back_after_a_restart() -> None:
    store = MemoryStore()
    async with FakeNode() as one, FakeNode() as two:
        before: list[str | None] = []
        for _ in range(2):
            async with client(store=store) as made:
                nodes = [add(made, fake, name="main") for fake in (one, two)]
                for node in nodes:
                    await node.wait_ready()
                found: list[str | None] = [node.session_id for node in nodes]
                for node in nodes:
                    while node.info is None:
                        await node.get_version()
            before = before or found
        assert found == before
