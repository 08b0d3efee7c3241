"""The fake node on its socket, and its vocabulary of trouble."""

from __future__ import annotations

import aiohttp
import pytest

from voxlink.errors import NotSeenInTime
from voxlink.testing import FakeNode, fake_node

HEADERS = {"Authorization": "youshallnotpass", "User-Id": "1", "Client-Name": "test"}


def url(fake: FakeNode, path: str) -> str:
    return f"http://{fake.host}:{fake.port}{path}"


async def test_it_answers_and_records() -> None:
    async with FakeNode() as fake, aiohttp.ClientSession(headers=HEADERS) as http:
        async with http.get(url(fake, "/version")) as answer:
            assert (answer.status, await answer.text(), answer.headers["Lavalink-Api-Version"]) == (200, "4.2.2", "4")
        assert [(call.method, call.path) for call in fake.requests] == [("GET", "/version")]
        assert (await fake.wait_request("GET")).query == {}


async def test_sessions_resume_with_what_was_missed() -> None:
    async with FakeNode() as fake, aiohttp.ClientSession(headers=HEADERS) as http:
        async with http.ws_connect(url(fake, "/v4/websocket")) as socket:
            ready = await socket.receive_json()
            assert (ready["op"], ready["resumed"]) == ("ready", False)
            await fake.next_connection()
            session = ready["sessionId"]
            await (await http.patch(url(fake, f"/v4/sessions/{session}"), json={"resuming": True})).read()
        await fake.wait_until(lambda: fake.lavalink.sessions[session].send is None)
        fake.push({"op": "x"})
        async with http.ws_connect(url(fake, "/v4/websocket"), headers={"Session-Id": session}) as socket:
            assert (await socket.receive_json())["resumed"] is True
            assert await socket.receive_json() == {"op": "x"}
            assert (await fake.next_connection()).resumed


async def test_trouble_on_demand() -> None:
    async with FakeNode() as fake, aiohttp.ClientSession(headers=HEADERS) as http:
        fake.fail_next("GET", "/version", status=502, body="<html>")
        async with http.get(url(fake, "/version")) as answer:
            assert (answer.status, await answer.text()) == (502, "<html>")
        fake.cut("POST", "/x")
        with pytest.raises(aiohttp.ClientError):
            await http.post(url(fake, "/x"))
        fake.refuse_handshakes(503)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(url(fake, "/v4/websocket"))
        async with fake.stall("GET", "/version"):
            with pytest.raises(TimeoutError):
                await http.get(url(fake, "/version"), timeout=aiohttp.ClientTimeout(total=0.05))
        async with http.get(url(fake, "/version")) as answer:
            assert answer.status == 200


async def test_sockets_close_with_any_code_or_none() -> None:
    async with FakeNode() as fake, aiohttp.ClientSession(headers=HEADERS) as http:
        for act, code in ((lambda: fake.close_sockets(4242, "why"), 4242), (fake.vanish, 1006)):
            socket = await http.ws_connect(url(fake, "/v4/websocket"))
            await socket.receive_json()
            await act()
            while not socket.closed:
                await socket.receive()
            assert socket.close_code == code


async def test_stopping_and_listening_again_keeps_the_port() -> None:
    async with FakeNode() as fake:
        port = fake.port
        await fake.stop_listening()
        with pytest.raises(OSError):
            async with aiohttp.ClientSession() as http:
                await http.get(url(fake, "/version"))
        await fake.listen()
        assert fake.port == port
        await fake.restart()
        assert fake.port == port


async def test_waiting_in_vain_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_node, "WAIT_S", 0.01)
    async with FakeNode() as fake:
        with pytest.raises(NotSeenInTime, match="handshake"):
            await fake.next_connection()
        with pytest.raises(KeyError):
            fake.player(1)
