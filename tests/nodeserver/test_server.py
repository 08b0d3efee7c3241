"""The node listens where it is told, says plainly why it cannot, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket

import pytest

from support.fake_engine import FakeEngine
from support.node_client import Client, a_config, running_node
from voxlink.errors import ListenFailed
from voxlink.nodeserver import NodeServer


async def test_a_port_in_use_is_named(node: Client) -> None:
    second = NodeServer(a_config(port=node.server.port), FakeEngine())
    with pytest.raises(ListenFailed, match=rf"cannot listen on 127\.0\.0\.1:{node.server.port}: the port is in use"):
        await second.start()
    await second.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("no.such.host.invalid", "there is no such address"),
        ("203.0.113.7", "this machine does not have that address"),
        ("a" * 70 + ".example", ""),
        ("256.1.1.1", "there is no such address"),
    ],
)
async def test_an_address_that_cannot_be_had_is_named(address: str, reason: str) -> None:
    server = NodeServer(a_config(address=address), FakeEngine())
    with pytest.raises(ListenFailed) as refused:
        await server.start()
    assert refused.value.address == address
    assert reason in refused.value.reason


async def test_port_0_takes_a_free_one() -> None:
    async with NodeServer(a_config(), FakeEngine()) as server:
        assert server.port > 0
        assert repr(server) == f"<NodeServer 127.0.0.1:{server.port} listening>"
    assert "closed" in repr(server)


async def test_ipv6_works() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        async with NodeServer(a_config(address="::1"), FakeEngine()) as server:
            _, writer = await asyncio.open_connection("::1", server.port)
            writer.close()
            await writer.wait_closed()
    except ListenFailed:
        pytest.skip("this machine has no IPv6")


async def test_closing_twice_is_closing_once_and_no_task_stays(engine: FakeEngine) -> None:
    before = asyncio.all_tasks()
    async with running_node(engine) as node:
        socket = await node.connect()
        await node.patch(f"/v4/sessions/{socket.session_id}", {"resuming": True})
        await node.patch(f"/v4/sessions/{socket.session_id}/players/1", {})
        await socket.close()
        await node.connect()
        await node.server.close()
        await node.server.close()
    assert engine.players[1].destroyed.is_set()
    assert asyncio.all_tasks() <= before


async def test_garbage_on_the_port_is_answered_and_the_node_goes_on(
    node: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"NONSENSE\r\n\r\n", b"GET /" + b"x" * 100_000):
        reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
        writer.write(garbage + b"\r\n\r\n")
        async with asyncio.timeout(10):
            assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert (await node.get("/version")).status == 200
    assert "Traceback" not in caplog.text
