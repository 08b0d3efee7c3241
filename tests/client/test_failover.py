"""Players of a lost node go to the best one that is left, with everything, once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from client.world import GUILD, add, client, join, track
from voxlink.client import (
    Client,
    FailoverPolicy,
    LowPass,
    Node,
    NodeChangedEvent,
    NodeReadyEvent,
    NoNodesAvailableEvent,
    PlayerMigratedEvent,
    PlayerMigrationFailedEvent,
    PlayerRestoredEvent,
    Timescale,
    TrackStartEvent,
    Volume,
)
from voxlink.client.capabilities import read_capabilities
from voxlink.errors import BadValue
from voxlink.testing import FakeNode

AT_ONCE = FailoverPolicy(mode="migrate")


class Fleet:
    """Several nodes and one client."""

    def __init__(self, made: Client, fakes: list[FakeNode], nodes: list[Node]) -> None:
        self.client, self.fakes, self.nodes = made, fakes, nodes

    def of(self, node: Node) -> FakeNode:
        return self.fakes[self.nodes.index(node)]

    def others(self, node: Node) -> list[FakeNode]:
        return [fake for fake in self.fakes if fake is not self.of(node)]


@pytest.fixture
async def stack():
    async with AsyncExitStack() as made:
        yield made


async def fleet(stack: AsyncExitStack, count: int, **options: Any) -> Fleet:
    fakes = [await stack.enter_async_context(FakeNode(seed=number)) for number in range(count)]
    options.setdefault("failover", AT_ONCE)
    made = await stack.enter_async_context(client(**options))
    nodes = [add(made, fake, name=f"n{number}") for number, fake in enumerate(fakes)]
    for node, fake in zip(nodes, fakes, strict=True):
        await node.wait_ready()
        await fake.wait_request("GET", "/v4/info")
    return Fleet(made, fakes, nodes)


async def test_everything_moves_in_one_request_and_nothing_is_told_twice(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2)
    made = ships.client
    player = await join(made)
    song = track("song")
    song.user_data = {"mine": 1}
    await player.set_filter(Timescale(speed=1.5))
    await player.play(song, start_time=20_000, end_time=90_000, volume=70, pause=True, mixer="plugin")
    old = player.node
    (there,) = ships.others(old)
    starts, moved = made.stream(TrackStartEvent), made.stream(PlayerMigratedEvent)
    await anext(starts)
    await ships.of(old).stop_listening()
    event = await anext(moved)
    assert (event.player, event.old_node, event.new_node) == (player, old, player.node)
    (body,) = there.patches(GUILD)
    assert body["track"]["userData"]["mine"] == 1
    assert (body["position"], body["endTime"], body["volume"], body["paused"]) == (20_000, 90_000, 70, True)
    assert body["filters"] == {"timescale": {"speed": 1.5, "pitch": 1.0, "rate": 1.0}}
    assert body["voice"]["channelId"] == "7"
    assert body["mixer"] == "plugin"
    await player.node.get_version()
    assert not starts._events
    assert player.current is song
    starts.close()
    moved.close()


async def test_a_filter_that_the_new_node_lacks_stays_behind_and_comes_back_with_a_node_that_has_it(
    stack: AsyncExitStack,
) -> None:
    ships = await fleet(stack, 2)
    player = await join(ships.client)
    old = player.node
    (there,) = ships.others(old)
    await player.set_filters(Timescale(speed=1.5), LowPass(5))
    await player.play(track("song"))
    new = next(node for node in ships.nodes if node is not old)
    new.capabilities = read_capabilities("4.2.2", {"filters": ["lowPass", "volume"]})
    await player.change_node(new)
    assert there.patches(GUILD)[-1]["filters"] == {"lowPass": {"smoothing": 5.0}}
    await player.set_filter(Volume(0.5))
    assert there.patches(GUILD)[-1]["filters"] == {"lowPass": {"smoothing": 5.0}, "volume": 0.5}
    await player.change_node(old)
    assert set(ships.of(old).patches(GUILD)[-1]["filters"]) == {"timescale", "lowPass", "volume"}


async def test_players_of_one_node_spread_over_the_others(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 3)
    first = ships.nodes[0]
    players = [ships.client.player_manager.create(guild, node=first) for guild in range(1, 21)]
    await ships.of(first).stop_listening()
    moved = ships.client.stream(PlayerMigratedEvent)
    for _ in players:
        await anext(moved)
    moved.close()
    assert [len(node.roster) for node in ships.nodes] == [0, 10, 10]


async def test_no_more_players_move_to_one_node_at_once_than_the_policy_says(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2, failover=FailoverPolicy(mode="migrate", per_target=3))
    first, second = ships.nodes
    made = ships.client
    for guild in range(1, 11):
        await made.player_manager.create(guild, node=first).play(track(str(guild)))
    at_once: list[int] = []
    under_way = 0
    update = second.update_player

    async def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal under_way
        under_way += 1
        at_once.append(under_way)
        try:
            return await update(*args, **kwargs)
        finally:
            under_way -= 1

    second.update_player = counted  # type: ignore[method-assign]
    moved = made.stream(PlayerMigratedEvent)
    await ships.of(first).stop_listening()
    for _ in range(10):
        await anext(moved)
    moved.close()
    assert (len(at_once), max(at_once)) == (10, 3)


async def test_one_player_that_cannot_move_holds_up_nobody(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2)
    first, second = ships.nodes
    made = ships.client
    for guild in range(1, 6):
        made.player_manager.create(guild, node=first)
        player = await join(made, guild)
        await player.play(track(str(guild)))
    ships.of(second).fail_next("PATCH", "/players/3$", status=500, body="<html>", times=None)
    failures = made.stream(PlayerMigrationFailedEvent)
    moved = made.stream(PlayerMigratedEvent)
    await ships.of(first).stop_listening()
    assert (await anext(failures)).player.guild_id == 3
    assert {(await anext(moved)).player.guild_id for _ in range(4)} == {1, 2, 4, 5}
    assert made.node_manager._player_queue == [made.players[3]]
    ships.of(second).heal()
    await ships.of(second).vanish()
    assert (await anext(moved)).player.guild_id == 3
    failures.close()
    moved.close()


async def test_without_a_node_players_wait_and_a_destroyed_one_is_not_brought_back(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 1)
    (node,), (fake,) = ships.nodes, ships.fakes
    made = ships.client
    for guild in (1, 2):
        await (await join(made, guild)).play(track(str(guild)))
    none = asyncio.ensure_future(made.wait_for(NoNodesAvailableEvent, timeout=10))
    await asyncio.sleep(0)
    await fake.stop_listening()
    fake.lavalink.forget_sessions()
    assert sorted((await none).guild_ids) == [1, 2]
    await made.player_manager.destroy(1)
    restored = made.stream(PlayerRestoredEvent)
    await fake.listen()
    assert (await anext(restored)).player.guild_id == 2
    restored.close()
    await node.get_version()
    assert not fake.has_player(1)
    assert fake.has_player(2)


async def test_a_socket_that_comes_back_within_the_grace_moves_nobody(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2, failover=FailoverPolicy())
    made = ships.client
    player = await join(made)
    await player.play(track("a"))
    old = player.node
    before = len(ships.of(old).patches(GUILD))
    ready = asyncio.ensure_future(made.wait_for(NodeReadyEvent, timeout=10))
    await asyncio.sleep(0)
    await ships.of(old).vanish()
    assert (await ready).resumed
    await old.get_version()
    assert (player.node, len(ships.of(old).patches(GUILD))) == (old, before)


async def test_a_node_that_refuses_connections_is_not_waited_for(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2, failover=FailoverPolicy(grace_s=3600))
    player = await join(ships.client)
    old = player.node
    moved = asyncio.ensure_future(ships.client.wait_for(PlayerMigratedEvent, timeout=10))
    await asyncio.sleep(0)
    await ships.of(old).stop_listening()
    assert (await moved).old_node is old


async def test_a_manual_move_ends_the_player_on_the_old_node_and_not_on_the_new_one(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2)
    made = ships.client
    player = await join(made)
    await player.play(track("a"))
    old = player.node
    (target,) = [node for node in ships.nodes if node is not old]
    changed = asyncio.ensure_future(made.wait_for(NodeChangedEvent, timeout=10))
    await asyncio.sleep(0)
    await player.change_node(target)
    event = await changed
    assert (event.old_node, event.new_node) == (old, target)
    assert ships.of(target).calls("DELETE") == []
    assert len(ships.of(old).calls("DELETE", f"/players/{GUILD}$")) == 1
    assert not ships.of(old).has_player(GUILD)


async def test_a_move_that_fails_leaves_the_player_where_it_plays(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2)
    player = await join(ships.client)
    await player.play(track("a"))
    old = player.node
    (target,) = [node for node in ships.nodes if node is not old]
    ships.of(target).fail_next("PATCH", "/players/", status=400, body={"message": "no"})
    with pytest.raises(Exception, match="no"):
        await player.change_node(target)
    assert player.node is old
    assert ships.of(old).calls("DELETE") == []
    await player.set_volume(5)
    assert ships.of(old).player(GUILD).volume == 5


async def test_events_of_a_node_that_the_player_left_are_ignored(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2)
    made = ships.client
    player = await join(made)
    player.queue.extend([track("a"), track("b")])
    await player.play()
    old = player.node
    shown = ships.of(old).player(GUILD).snapshot().track
    (target,) = [node for node in ships.nodes if node is not old]
    await player.change_node(target)
    from json import loads

    from voxlink.protocol import encode

    assert shown is not None
    late = {
        "op": "event",
        "type": "TrackEndEvent",
        "guildId": str(GUILD),
        "track": loads(encode(shown)),
        "reason": "finished",
    }
    ships.of(old).push(late)
    await old.get_version()
    await target.get_version()
    assert player.current is not None
    assert (player.current.title, len(player.queue)) == ("a", 1)


async def test_players_return_when_that_was_asked_for(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2, connect_back=True)
    made = ships.client
    player = await join(made)
    await player.play(track("a"))
    home = player.node
    moved = made.stream(NodeChangedEvent)
    await ships.of(home).stop_listening()
    assert (await anext(moved)).old_node is home
    assert player._original_node is home
    await ships.of(home).listen()
    event = await anext(moved)
    assert (event.new_node, player._original_node) == (home, None)
    moved.close()


async def test_the_policy_may_destroy_the_players(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2, failover=FailoverPolicy(mode="destroy"))
    player = await join(ships.client)
    await ships.of(player.node).vanish()
    while ships.client.player_manager.get(GUILD) is not None:
        await ships.nodes[1].get_version()


async def test_commands_during_an_outage_reach_the_player_at_its_new_node(stack: AsyncExitStack) -> None:
    ships = await fleet(stack, 2, retries=0)
    player = await join(ships.client)
    await player.play(track("a"))
    old = player.node
    await ships.of(old).stop_listening()
    await player.set_volume(33)
    assert player.node is not old
    assert ships.of(player.node).player(GUILD).volume == 33


@pytest.mark.parametrize("bad", [{"concurrency": 0}, {"per_target": 0}, {"refusals": 0}, {"grace_s": -1}])
def test_a_policy_that_makes_no_sense_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(BadValue):
        FailoverPolicy(**bad)  # type: ignore[arg-type]
