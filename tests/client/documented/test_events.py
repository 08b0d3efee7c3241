"""The API document's events: when each is told, and what it carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from client.world import GUILD, add, client, join, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    DeferredAudioTrack,
    ErrorPolicy,
    Event,
    IncomingWebSocketMessage,
    NodeChangedEvent,
    NodeConnectedEvent,
    NodeDisconnectedEvent,
    NodeReadyEvent,
    PlayerErrorEvent,
    PlayerUpdateEvent,
    QueueEndEvent,
    TrackEndEvent,
    TrackExceptionEvent,
    TrackLoadFailedEvent,
    TrackStartEvent,
    TrackStuckEvent,
    WebSocketClosedEvent,
    events,
)
from voxlink.errors import LoadError
from voxlink.protocol import EndReason, Severity
from voxlink.testing import FakeNode

QUICK = ErrorPolicy(first_delay_s=0.0)


def test_every_event_is_an_event() -> None:
    assert len(events.__all__) > 20
    assert all(issubclass(getattr(events, name), Event) for name in events.__all__)


async def test_a_start_names_player_and_track() -> None:
    async with world() as (made, _node, _fake):
        player, song = await join(made), track("a")
        async with made.stream(TrackStartEvent) as starts:
            await player.play(song)
            event = await anext(starts)
        assert (event.player, event.track) == (player, song)


async def test_a_stuck_track_is_told_with_its_threshold() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player, song = await join(made), track("a")
        async with made.stream(TrackStuckEvent) as stuck:
            await player.play(song)
            fake.stick(GUILD, threshold_ms=7000)
            event = await anext(stuck)
        assert (event.player, event.track, event.threshold) == (player, song, 7000)


async def test_an_exception_is_told_with_message_severity_and_cause() -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player, song = await join(made), track("a")
        async with made.stream(TrackExceptionEvent) as failures:
            await player.play(song)
            fake.fail_track(GUILD, "It broke")
            event = await anext(failures)
        assert (event.player, event.track) == (player, song)
        assert (event.message, event.severity) == ("It broke", Severity.COMMON)
        assert event.cause == "java.lang.RuntimeException: It broke"


async def test_an_end_names_player_track_and_reason() -> None:
    async with world() as (made, _node, fake):
        player, song = await join(made), track("a")
        async with made.stream(TrackEndEvent) as ends:
            await player.play(song)
            fake.finish(GUILD)
            event = await anext(ends)
        assert (event.player, event.track, event.reason) == (player, song, EndReason.FINISHED)


@pytest.mark.parametrize("trouble", [FakeNode.stick, FakeNode.fail_track, FakeNode.finish])
async def test_the_next_track_starts_by_itself(trouble: Callable[[FakeNode, int], None]) -> None:
    async with world(errors=QUICK) as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("a"), track("b")])
        async with made.stream(TrackStartEvent) as starts:
            await player.play()
            await anext(starts)
            trouble(fake, GUILD)
            assert (await anext(starts)).track.title == "b"


class Broken(DeferredAudioTrack):
    async def load(self, client: Client) -> str | None:
        raise LoadError("gone")


async def test_a_failed_load_names_player_track_and_error() -> None:
    async with world() as (made, _node, _fake):
        player, song = await join(made), Broken(track("gone").raw["info"])
        async with made.stream(TrackLoadFailedEvent) as failures:
            await player.play(song)
            event = await anext(failures)
        assert (event.player, event.track, str(event.original)) == (player, song, "gone")


async def test_after_a_failed_load_a_bot_that_listens_decides() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        told = asyncio.Event()
        made.add_event_hook(lambda event: told.set(), event=TrackLoadFailedEvent)
        player.queue.extend([track("a"), Broken(track("gone").raw["info"]), track("c")])
        await player.play()
        plays = len(fake.patches(GUILD))
        fake.finish(GUILD)
        async with asyncio.timeout(10):
            await told.wait()
        await player.node.get_version()
        assert len(fake.patches(GUILD)) == plays
        assert (player.current, [song.title for song in player.queue]) == (None, ["c"])


async def test_the_end_of_the_queue_names_the_player() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        async with made.stream(QueueEndEvent) as ends:
            await player.play(track("last"))
            fake.finish(GUILD)
            assert (await anext(ends)).player is player


async def test_progress_is_told_as_the_node_reports_it() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        state = {"time": 1_700_000_000_000, "position": 4321, "connected": True, "ping": 17}
        async with made.stream(PlayerUpdateEvent) as updates:
            fake.push({"op": "playerUpdate", "guildId": str(GUILD), "state": state})
            while (event := await anext(updates)).ping != 17:
                pass
        assert (event.player, event.position, event.connected) == (player, 4321, True)
        assert event.timestamp == 1_700_000_000_000


async def test_a_node_is_connected_then_ready_with_a_new_session_and_resumed_after_a_lost_socket() -> None:
    async with (
        FakeNode() as fake,
        client() as made,
        made.stream(NodeConnectedEvent) as connected,
        made.stream(NodeReadyEvent) as ready,
    ):
        node = add(made, fake)
        assert (await anext(connected)).node is node
        event = await anext(ready)
        assert (event.node, event.session_id, event.resumed) == (node, node.session_id, False)
        await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        await fake.vanish()
        assert (await anext(connected)).node is node
        event = await anext(ready)
        assert (event.node, event.session_id, event.resumed) == (node, node.session_id, True)


async def test_a_dropped_connection_is_told_with_its_node_code_and_reason() -> None:
    async with world() as (made, node, fake):
        async with made.stream(NodeDisconnectedEvent) as lost:
            await fake.close_sockets(4000, "go away")
            event = await anext(lost)
        assert (event.node, event.code, event.reason) == (node, 4000, "go away")


async def test_a_change_of_node_names_the_player_and_both_nodes() -> None:
    async with FakeNode() as one, FakeNode() as two, client() as made:
        old, new = add(made, one), add(made, two)
        for node in (old, new):
            await node.wait_ready()
        made.player_manager.create(GUILD, node=old)
        player = await join(made)
        async with made.stream(NodeChangedEvent) as changes:
            await player.change_node(new)
            event = await anext(changes)
        assert (event.player, event.old_node, event.new_node) == (player, old, new)


@pytest.mark.parametrize("by_remote", [True, False])
async def test_a_closed_voice_connection_is_told_with_code_and_reason(by_remote: bool) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        async with made.stream(WebSocketClosedEvent) as closed:
            fake.close_voice(GUILD, 4014, "Disconnected.", by_remote=by_remote)
            event = await anext(closed)
        assert (event.player, event.code, event.reason) == (player, 4014, "Disconnected.")
        assert event.by_remote is by_remote


async def test_every_message_of_a_node_is_told_as_it_came() -> None:
    async with world() as (made, node, fake):
        async with made.stream(IncomingWebSocketMessage) as messages:
            fake.push({"op": "lyrics", "lines": ["la", {"la": 1}]})
            while (event := await anext(messages)).data.get("op") != "lyrics":  # type: ignore[union-attr]
                pass
        assert (event.data, event.node) == ({"op": "lyrics", "lines": ["la", {"la": 1}]}, node)


async def test_an_error_inside_a_player_is_told_with_the_player() -> None:
    class Mine(DefaultPlayer):
        async def handle_event(self, event: Any) -> None:
            raise KeyError("mine")

    async with world(player=Mine) as (made, _node, fake):
        player = await join(made)
        async with made.stream(PlayerErrorEvent) as errors:
            await player.play(track("a"))
            fake.finish(GUILD)
            event = await anext(errors)
        assert (event.player, repr(event.original)) == (player, "KeyError('mine')")
