"""What the API document says in passing, and no other test is about."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

import pytest

from client.world import GUILD, add, client, join, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    DeferredAudioTrack,
    FailoverPolicy,
    Node,
    NodeChangedEvent,
    TrackStartEvent,
)
from voxlink.errors import RequestError
from voxlink.testing import FakeNode, make_track

AT_ONCE = FailoverPolicy(mode="migrate")


async def moved_away(
    stack: AsyncExitStack, player_class: type[DefaultPlayer]
) -> tuple[Client, DefaultPlayer, FakeNode]:
    """Three nodes, and a player that failover has moved away from the first, whose fake is given too."""
    fakes = [await stack.enter_async_context(FakeNode()) for _ in range(3)]
    made = await stack.enter_async_context(client(player=player_class, connect_back=True, failover=AT_ONCE))
    nodes = [add(made, fake) for fake in fakes]
    for node in nodes:
        await node.wait_ready()
    made.player_manager.create(GUILD, node=nodes[0])
    player = await join(made)
    await player.play(track("a"))
    moved = asyncio.ensure_future(made.wait_for(NodeChangedEvent, timeout=10))
    await asyncio.sleep(0)
    await fakes[0].stop_listening()
    await moved
    return made, player, fakes[0]


async def test_a_player_returns_also_after_a_manual_move() -> None:
    async with AsyncExitStack() as stack:
        made, player, first = await moved_away(stack, DefaultPlayer)
        await player.change_node(next(node for node in made.nodes[1:] if node is not player.node))
        back = asyncio.ensure_future(made.wait_for(NodeChangedEvent, timeout=10))
        await asyncio.sleep(0)
        await first.listen()
        assert (await back).new_node is made.nodes[0]


async def test_a_player_of_the_bots_own_may_decide_to_stay() -> None:
    class Mine(DefaultPlayer):
        async def change_node(self, node: Node) -> None:
            await super().change_node(node)
            self._original_node = None

    async with AsyncExitStack() as stack:
        made, player, first = await moved_away(stack, Mine)
        away = next(node for node in made.nodes[1:] if node is not player.node)
        await player.change_node(away)
        handshakes = len(first.calls("GET", "/v4/info"))
        await first.listen()
        await made.nodes[0].wait_ready()
        await first.wait_request("GET", "/v4/info", count=handshakes + 1)  # the last request of its handshake
        assert player.node is away


async def test_a_session_id_is_asked_for_at_the_first_connection() -> None:
    async with FakeNode() as fake, client() as made:
        await add(made, fake, session_id="of-the-last-run").wait_ready()
        assert fake.connections[0].headers["Session-Id"] == "of-the-last-run"


async def test_without_a_node_any_of_them_is_asked() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        for fake in (one, two):
            await add(made, fake).wait_ready()
        for _ in range(40):
            await made.get_tracks("x")
        counts = [len(fake.calls("GET", "loadtracks")) for fake in (one, two)]
        assert sum(counts) == 40
        assert min(counts) > 0


async def test_an_identifier_is_played_if_it_is_one_track() -> None:
    async with world() as (_, node, fake):
        fake.add_track("https://example.org/a.mp3", "A")
        fake.add_search("ytsearch:x", make_track("B"))
        answer = await node.update_player(GUILD, identifier="https://example.org/a.mp3")
        assert answer is not None
        assert answer["track"]["info"]["title"] == "A"
        for identifier in ("ytsearch:x", "nothing"):
            with pytest.raises(RequestError):
                await node.update_player(GUILD, identifier=identifier)


async def test_a_player_that_is_there_is_given_whatever_class_is_asked_for() -> None:
    class Mine(DefaultPlayer):
        pass

    async with world() as (made, _node, _fake):
        first = made.player_manager.create(GUILD, cls=Mine)
        assert made.player_manager.create(GUILD, cls=DefaultPlayer) is first


async def test_play_track_leaves_queue_and_loop_alone() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        player.add(track("b"))
        player.set_loop(player.LOOP_QUEUE)
        await player.play(track("a"))
        queue = list(player.queue)
        await player.play_track(track("c"))
        assert player.queue == queue


async def test_a_deferred_track_that_keeps_its_text_is_looked_up_once() -> None:
    class Later(DeferredAudioTrack):
        lookups = 0

        async def load(self, client: Client) -> str | None:
            self.lookups += 1
            self.track = track("found").track
            return self.track

    async with world() as (made, _node, fake):
        player = await join(made)
        later = Later(track("later").raw["info"])
        player.set_loop(player.LOOP_SINGLE)
        starts = made.stream(TrackStartEvent)
        await player.play(later)
        await anext(starts)
        fake.finish(GUILD)
        assert (await anext(starts)).track is later
        assert later.lookups == 1
        starts.close()


async def test_a_node_without_a_websocket_still_answers_requests() -> None:
    async with FakeNode() as fake, client() as made:
        node = add(made, fake, connect=False)
        assert await node.get_version() == "4.2.2"
        assert not node.available
        assert fake.connections == []


async def test_latency_is_the_time_of_get_version() -> None:
    async with world() as (_, node, fake):
        fake.latency_s = 0.02
        before = len(fake.calls("GET", "/version"))
        assert await node.get_rest_latency() >= 20
        assert len(fake.calls("GET", "/version")) == before + 1


async def test_a_nodes_name_shows_in_its_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "voxlink")
    async with FakeNode() as fake, client() as made:
        await add(made, fake, name="the cellar").wait_ready()
        assert "the cellar" in caplog.text


async def test_regions_are_asia_eu_and_us_or_those_that_are_given() -> None:
    async with FakeNode() as fake, client() as usual, client(regions={"moon": ["crater"]}) as own:
        assert list(usual.node_manager.regions) == ["asia", "eu", "us"]
        await add(own, fake, "moon").wait_ready()
        assert own.node_manager.get_region("crater7.discord.media:443") == "moon"
        assert own.node_manager.get_region("frankfurt1.discord.media:443") is None


async def test_a_traceback_is_there_if_it_was_asked_for() -> None:
    async with world() as (made, node, _fake):
        for wanted in (False, True):
            made.set_request_tracebacks(wanted)
            with pytest.raises(RequestError) as caught:
                await node.get_player(GUILD)
            error = caught.value
            assert (error.status, error.path) == (404, f"/v4/sessions/{node.session_id}/players/{GUILD}")
            assert error.timestamp > 0
            assert error.error == "Not Found"
            assert (error.trace is not None) == wanted == ("trace" in error.params)
