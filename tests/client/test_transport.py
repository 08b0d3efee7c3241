"""A node's socket: it comes back, with its session, and ends when it is told to."""

from __future__ import annotations

import asyncio
import gc
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from client.world import USER, add, client, world
from voxlink.client import (
    NodeConnectFailedEvent,
    NodeDisconnectedEvent,
    NodeReadyEvent,
    NodeReconnectingEvent,
    NodeState,
    ReconnectPolicy,
)
from voxlink.errors import ClientError, LavalinkError
from voxlink.testing import FakeNode


async def test_it_says_who_it_is() -> None:
    async with world() as (_, _node, fake):
        headers = fake.connections[0].headers
        assert headers["Authorization"] == fake.password
        assert headers["User-Id"] == str(USER)
        assert headers["Client-Name"].startswith("Voxlink/")
        assert "Session-Id" not in headers


async def test_resumes_after_the_socket_is_lost() -> None:
    async with world() as (made, node, fake):
        await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        session = node.session_id
        waiting = asyncio.ensure_future(made.wait_for(NodeReadyEvent, timeout=10))
        await asyncio.sleep(0)
        await fake.vanish()
        event = await waiting
        assert event.resumed
        assert fake.connections[-1].headers["Session-Id"] == session


@pytest.mark.parametrize("statuses", [(502,), (503, 502, 404, 429, 500)])
async def test_a_proxy_that_answers_in_place_of_the_node_is_outlived(statuses: tuple[int, ...]) -> None:
    async with FakeNode() as fake, client() as made:
        fake.refuse_handshakes(*statuses)
        failures = made.stream(NodeConnectFailedEvent)
        node = add(made, fake)
        await node.wait_ready()
        seen = [await anext(failures) for _ in statuses]
        assert [event.status for event in seen] == list(statuses)
        failures.close()


async def test_a_wrong_password_is_final_and_told() -> None:
    async with FakeNode() as fake, client() as made:
        failures = made.stream(NodeConnectFailedEvent)
        node = made.add_node(fake.host, fake.port, "wrong", "eu")
        event = await anext(failures)
        failures.close()
        assert (event.status, event.is_final) == (401, True)
        with pytest.raises(ClientError):
            await node.wait_ready()
        assert node.state is NodeState.AUTH_FAILED
        node.password = fake.password
        await node.connect()
        await node.wait_ready()


async def test_a_node_that_is_away_is_waited_for() -> None:
    async with FakeNode() as fake, client() as made:
        await fake.stop_listening()
        waits = made.stream(NodeReconnectingEvent)
        node = add(made, fake)
        assert [(await anext(waits)).attempt for _ in range(3)] == [1, 2, 3]
        waits.close()
        await fake.listen()
        await node.wait_ready()


async def test_connect_cuts_a_wait_short_and_does_nothing_when_connected() -> None:
    async with world() as (_, node, _fake):
        assert await node.connect() is None
        task = await node.connect(force=True)
        assert isinstance(task, asyncio.Task)
        await node.wait_ready()


async def test_a_forced_reconnect_keeps_the_session() -> None:
    async with world() as (_, node, fake):
        await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        session = node.session_id
        await node.connect(force=True)
        await node.wait_ready()
        assert node.session_id == session


async def test_destroying_a_node_tells_that_it_is_disconnected_and_ends_its_task() -> None:
    async with world() as (made, node, _fake):
        waiting = asyncio.ensure_future(made.wait_for(NodeDisconnectedEvent, timeout=10))
        await asyncio.sleep(0)
        await node.destroy()
        assert (await waiting).code == 1000
        assert (node.state, node.available) == (NodeState.CLOSED, False)
        assert node._transport.destroyed


async def test_nothing_is_left_after_close() -> None:
    before = asyncio.all_tasks()
    async with world() as (made, _node, _fake):
        await made.close()
        await made.close()
        assert len(made.tasks) == 0
    left = asyncio.all_tasks() - before
    assert not {task.get_name() for task in left if task.get_name().startswith("voxlink")}


@contextmanager
def nothing_unclosed() -> Iterator[None]:
    """What the block leaves for the garbage collector has been closed before."""
    gc.collect()  # what others have left is not ours
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(warning.message) for warning in caught if warning.category is ResourceWarning] == []


async def test_a_close_in_the_middle_of_a_reconnect_has_the_last_word() -> None:
    with nothing_unclosed():
        async with FakeNode() as fake, client() as made:
            node = add(made, fake)
            await node.wait_ready()
            reconnecting = asyncio.ensure_future(node._transport.reconnect())
            await asyncio.sleep(0)  # it waits for the old socket's end
            await node.destroy()
            await reconnecting
            assert node.state is NodeState.CLOSED
            await node._transport.reconnect()
            assert node.state is NodeState.CLOSED
            with pytest.raises(ClientError):
                await node.wait_ready()


async def test_a_cancelled_connection_closes_its_socket() -> None:
    with nothing_unclosed():
        async with world() as (_, node, _fake):
            task = node._transport._task
            assert task is not None
            task.cancel()
            await asyncio.wait([task])
            assert node._transport._line is None


@pytest.mark.parametrize("seed", range(10))
async def test_a_client_closed_at_any_moment_of_reconnecting_leaves_no_connection(seed: int) -> None:
    draw = random.Random(seed)
    with nothing_unclosed():
        async with (
            FakeNode() as fake,
            client(reconnect=ReconnectPolicy(initial_s=0.0001, max_s=0.02, jitter=0)) as made,
        ):
            node = add(made, fake)
            fake.add_track("ytsearch:a song", "A song")
            await node.wait_ready()
            for _ in range(draw.randint(0, 30)):
                await asyncio.sleep(0)
            await fake.vanish()
            if draw.random() < 0.5:
                with suppress(LavalinkError):
                    await made.get_tracks("ytsearch:a song")
            for _ in range(draw.randint(0, 60)):
                await asyncio.sleep(0)
