"""The real edge: pools, sessions that are lent, closes with code and reason."""

from __future__ import annotations

import aiohttp
import pytest

from client.world import add, client
from voxlink.client import AiohttpEdge, NodeDisconnectedEvent
from voxlink.client.edge import Call, HandshakeRefused, LineClosed
from voxlink.errors import BadValue, NodeUnreachable
from voxlink.testing import FakeNode


async def test_a_session_that_was_lent_is_used_and_stays_open() -> None:
    async with FakeNode() as fake, aiohttp.ClientSession(headers={"X-Mine": "1"}) as session:
        async with client(session=session) as made:
            node = add(made, fake)
            await node.wait_ready()
            await node.get_info()
        assert not session.closed
        assert fake.calls("GET", "/v4/info")[0].headers["X-Mine"] == "1"


@pytest.mark.parametrize(("code", "reason"), [(4000, "go away"), (1001, ""), (4006, "x"), (3000, "y")])
async def test_the_close_frame_gives_code_and_reason(code: int, reason: str) -> None:
    async with FakeNode() as fake, client() as made:
        node = add(made, fake)
        await node.wait_ready()
        waiting = made.stream(NodeDisconnectedEvent)
        await fake.close_sockets(code, reason)
        event = await anext(waiting)
        assert (event.code, event.reason) == (code, reason or None)
        waiting.close()


async def test_a_refused_handshake_names_its_status() -> None:
    async with FakeNode() as fake:
        edge = AiohttpEdge()
        with pytest.raises(HandshakeRefused) as caught:
            await edge.open_line(f"ws://{fake.host}:{fake.port}/v4/websocket", {})
        assert caught.value.status == 401
        await edge.close()
        await edge.close()


async def test_an_address_that_is_none_is_the_callers_fault() -> None:
    edge = AiohttpEdge()
    with pytest.raises((BadValue, NodeUnreachable)):
        await edge.send(Call("GET", "http://[/", {}, {}, None, 1.0))
    await edge.close()


def test_secrets_stay_out_of_reprs() -> None:
    call = Call("GET", "http://h", {"Authorization": "secret"}, {}, b"secret", 1.0)
    assert "secret" not in repr(call)
    assert LineClosed(None, None).code is None
