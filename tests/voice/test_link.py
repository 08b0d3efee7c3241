"""The shell by itself: sockets open, carry, end; TLS is verified."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest

from voxlink.testing import VoiceServer
from voxlink.voice.link import Link, tls_context

DEADLINE_S = 20


class Notes:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[Any, ...]] = asyncio.Queue()

    def note(self, *what: Any) -> None:
        self.told.put_nowait(what)

    def socket_opened(self) -> None:
        self.note("socket_opened")

    def text_received(self, text: str) -> None:
        self.note("text_received", text)

    def binary_received(self, data: bytes) -> None:
        self.note("binary_received", data)

    def socket_lost(self, code: int | None, reason: str) -> None:
        self.note("socket_lost", code, reason)

    def media_opened(self) -> None:
        self.note("media_opened")

    def media_failed(self, reason: str) -> None:
        self.note("media_failed", reason)

    def datagram_received(self, datagram: bytes) -> None:
        self.note("datagram_received", datagram)

    async def next(self) -> tuple[Any, ...]:
        async with asyncio.timeout(DEADLINE_S):
            return await self.told.get()


async def test_a_websocket_carries_text_and_tells_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        notes = Notes()
        link = Link(notes)
        link.open_socket(server.endpoint)
        assert await notes.next() == ("socket_opened",)
        assert (await notes.next())[0] == "text_received"
        link.send('{"op": 5, "d": {"speaking": 1, "delay": 0, "ssrc": 1}}')
        told = await notes.next()
        await link.close()
        assert told[:2] == ("socket_lost", 4003)


async def test_a_listener_that_raises_loses_the_socket_and_is_not_left_with_a_dead_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Notes):
        def text_received(self, text: str) -> None:
            raise RuntimeError("a mistake")

    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        notes = Broken()
        link = Link(notes)
        link.open_socket(server.endpoint)
        assert await notes.next() == ("socket_opened",)
        assert await notes.next() == ("socket_lost", None, "RuntimeError while reading")
        await link.close()
    assert "a mistake" in caplog.text


async def test_an_unknown_authority_is_refused() -> None:
    async with VoiceServer() as server:
        notes = Notes()
        link = Link(notes)
        link.open_socket(server.endpoint)
        kind, code, reason = await notes.next()
        assert (kind, code) == ("socket_lost", None)
        assert "certificate" in reason.lower()
        await link.close()


@pytest.mark.parametrize("endpoint", ["127.0.0.1:1", "not a host name", "::::"])
async def test_an_endpoint_that_cannot_be_reached_is_a_loss(endpoint: str) -> None:
    notes = Notes()
    link = Link(notes)
    link.open_socket(endpoint)
    assert (await notes.next())[:2] == ("socket_lost", None)
    await link.close()


async def test_a_closed_socket_is_heard_of_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        notes = Notes()
        link = Link(notes)
        link.open_socket(server.endpoint)
        await notes.next()
        await notes.next()
        link.close_socket(1000)
        link.send("dropped")
        await link.close()
        await link.close()
        assert notes.told.empty()
        assert len(asyncio.all_tasks()) == 1 or all("voice-" not in task.get_name() for task in asyncio.all_tasks())


async def test_media_goes_both_ways() -> None:
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()

    class Server(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            arrived.put_nowait((data, addr))

    server, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    notes = Notes()
    link = Link(notes)
    link.send_datagram(b"dropped")
    link.open_media(*server.get_extra_info("sockname"))
    assert await notes.next() == ("media_opened",)
    assert link.media_socket is not None
    link.send_datagram(b"ping")
    async with asyncio.timeout(DEADLINE_S):
        data, address = await arrived.get()
    assert data == b"ping"
    server.sendto(b"pong", address)
    assert await notes.next() == ("datagram_received", b"pong")
    await link.close()
    assert link.media_socket is None
    server.close()


async def test_an_address_that_is_none_is_a_failure() -> None:
    notes = Notes()
    link = Link(notes)
    link.open_media("nowhere", 5)
    assert (await notes.next())[0] == "media_failed"
    await link.close()


def test_verification_is_never_off() -> None:
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
