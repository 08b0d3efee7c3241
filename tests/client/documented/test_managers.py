"""The API document's two managers: how nodes and players are counted, found, made and forgotten."""

from __future__ import annotations

from client.world import GUILD, add, client, join, track, world
from voxlink.client import Client, Node, NodeState, NodeStatsEvent
from voxlink.testing import FakeNode


async def report_load(made: Client, node: Node, fake: FakeNode, playing: int) -> None:
    """The node says that this many players play on it."""
    async with made.stream(NodeStatsEvent) as stats:
        fake.push({"op": "stats", "players": playing, "playingPlayers": playing, "uptime": 1})
        while (await anext(stats)).node is not node:
            pass


async def test_managers_are_counted_and_gone_through() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        assert (len(made.node_manager), list(made.node_manager)) == (0, [])
        nodes = [add(made, one), add(made, two, connect=False)]
        assert (len(made.node_manager), list(made.node_manager), made.node_manager.nodes) == (2, nodes, nodes)
        await nodes[0].wait_ready()
        assert made.node_manager.available_nodes == nodes[:1]
        manager = made.player_manager
        players = {guild: manager.create(guild) for guild in (1, 2, 3)}
        assert (len(manager), dict(iter(manager)), manager.players) == (3, players, players)
        assert list(manager.values()) == list(players.values())


async def test_players_are_found_by_guild_or_by_what_they_are() -> None:
    async with world() as (made, _node, _fake):
        manager = made.player_manager
        players = [manager.create(guild) for guild in (1, 2, 3)]
        assert (manager.get(2), manager.get(4)) == (players[1], None)
        assert manager.find_all(lambda player: player.guild_id != 2) == [players[0], players[2]]
        assert manager.find_all() == players
        manager.remove(2)
        assert (manager.get(2), len(manager)) == (None, 2)


async def test_destroying_forgets_the_player_here_and_on_its_node() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        await made.player_manager.destroy(GUILD)
        assert made.player_manager.get(GUILD) is None
        assert not fake.has_player(GUILD)
        await made.player_manager.destroy(GUILD)


async def test_a_region_has_all_its_nodes_ready_or_not() -> None:
    async with FakeNode() as one, FakeNode() as two, FakeNode() as three, client() as made:
        first, second = add(made, one, "eu"), add(made, two, "eu", connect=False)
        add(made, three, "us", connect=False)
        await first.wait_ready()
        assert made.node_manager.get_nodes_by_region("eu") == [first, second]
        assert made.node_manager.get_nodes_by_region("moon") == []


async def test_the_ideal_node_is_the_least_used_of_its_region() -> None:
    async with FakeNode() as one, FakeNode() as two, FakeNode() as three, client() as made:
        fakes = [one, two, three]
        nodes = [add(made, fake, region) for fake, region in zip(fakes, ("eu", "eu", "us"), strict=True)]
        for node, fake, playing in zip(nodes, fakes, (9, 4, 0), strict=True):
            await node.wait_ready()
            await report_load(made, node, fake, playing)
        find = made.node_manager.find_ideal_node
        assert (find("eu"), find("us"), find(), find("moon")) == (nodes[1], nodes[2], nodes[2], nodes[2])
        assert find("eu", exclude=[nodes[1]]) is nodes[0]
        assert find(exclude=[nodes[2]]) is nodes[1]


async def test_a_player_goes_to_its_node_its_region_or_the_least_used_node() -> None:
    async with FakeNode() as one, FakeNode() as two, FakeNode() as three, client() as made:
        fakes = [one, two, three]
        nodes = [add(made, fake, region) for fake, region in zip(fakes, ("eu", "us", "asia"), strict=True)]
        for node, fake, playing in zip(nodes, fakes, (9, 8, 0), strict=True):
            await node.wait_ready()
            await report_load(made, node, fake, playing)
        create = made.player_manager.create
        assert create(1, node=nodes[0]).node is nodes[0]
        assert create(2, region="us").node is nodes[1]
        assert create(3, endpoint="rotterdam7.discord.media:443").node is nodes[0]
        assert create(4).node is nodes[2]
        assert create(5, region="moon").node is nodes[2]
        assert create(6, endpoint="crater7.discord.media:443").node is nodes[2]
        assert create(6, node=nodes[0]).node is nodes[2]


async def test_a_node_is_removed_under_both_names() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        nodes = [add(made, one), add(made, two)]
        for node in nodes:
            await node.wait_ready()
        for node, remove in zip(nodes, (made.node_manager.remove, made.node_manager.remove_node), strict=True):
            await node.destroy()
            remove(node)
            assert node not in made.nodes
            assert node.state is NodeState.CLOSED
        assert made.nodes == []
