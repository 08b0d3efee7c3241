"""The socket of a session: pings, frames that clients should not send, and its end."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from support.fake_engine import FakeEngine
from support.node_client import WITHIN_S, Client, running_node
from voxlink.nodeserver import Timings


async def raw_socket(node: Client) -> aiohttp.ClientWebSocketResponse:
    headers = {**node.headers, "User-Id": "1"}
    socket = await node.http.ws_connect(f"{node.base}/v4/websocket", headers=headers, autoping=False)
    await socket.receive()
    return socket


async def next_of(socket: aiohttp.ClientWebSocketResponse, kind: aiohttp.WSMsgType) -> Any:
    async with asyncio.timeout(WITHIN_S):
        while (message := await socket.receive()).type is not kind:
            assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING}, message
    return message.data


async def test_a_ping_is_answered_with_its_own_words(node: Client) -> None:
    socket = await raw_socket(node)
    await socket.ping(b"hello")
    assert await next_of(socket, aiohttp.WSMsgType.PONG) == b"hello"
    await socket.close()


async def test_text_is_ignored_with_a_hint(node: Client, caplog: pytest.LogCaptureFixture) -> None:
    socket = await node.connect()
    await socket.socket.send_str('{"op":"play","guildId":"1"}')
    await socket.socket.ping(b"")
    assert (await node.get(f"/v4/sessions/{socket.session_id}/players")).json == []
    await socket.close()
    assert "use the REST API" in caplog.text


async def test_bytes_close_the_socket(node: Client) -> None:
    socket = await node.connect()
    await socket.socket.send_bytes(b"\x01\x02")
    assert await socket.ended() == 1003


async def test_a_text_without_end_closes_the_socket(node: Client) -> None:
    socket = await node.connect()
    await socket.socket.send_str("x" * 300_000)
    assert await socket.ended() == 1009


async def test_the_node_pings_an_idle_client(engine: FakeEngine) -> None:
    async with running_node(engine, timings=Timings(ping_every_s=0.01)) as node:
        socket = await raw_socket(node)
        await next_of(socket, aiohttp.WSMsgType.PING)
        await socket.close()


async def test_a_client_that_answers_no_ping_is_given_up(engine: FakeEngine) -> None:
    async with running_node(engine, timings=Timings(ping_every_s=0.01, dead_after_s=0.05)) as node:
        socket = await raw_socket(node)
        await next_of(socket, aiohttp.WSMsgType.CLOSE)
        assert socket.close_code == 1000
        await socket.close()


async def test_a_client_that_answers_pings_is_kept(engine: FakeEngine) -> None:
    async with running_node(engine, timings=Timings(ping_every_s=0.01, dead_after_s=0.5)) as node:
        socket = await raw_socket(node)
        for _ in range(30):
            data = await next_of(socket, aiohttp.WSMsgType.PING)
            await socket.pong(data)
        await socket.close()


async def test_shutdown_closes_with_going_away(engine: FakeEngine) -> None:
    async with running_node(engine) as node:
        socket = await node.connect()
        await node.patch(f"/v4/sessions/{socket.session_id}/players/5", {"track": {"identifier": "tone"}})
        await node.server.close()
        assert await socket.ended() == 1001
        assert engine.players[5].destroyed.is_set()


async def test_no_extension_and_no_subprotocol_is_taken_up(node: Client) -> None:
    offers = {"Sec-WebSocket-Extensions": "permessage-deflate", "Sec-WebSocket-Protocol": "lavalink"}
    socket = await node.http.ws_connect(
        f"{node.base}/v4/websocket", headers={**node.headers, "User-Id": "1", **offers}, compress=0
    )
    assert "Sec-WebSocket-Extensions" not in socket._response.headers
    assert "Sec-WebSocket-Protocol" not in socket._response.headers
    await socket.close()
