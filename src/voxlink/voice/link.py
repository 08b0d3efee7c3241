"""The shell of a voice connection: websocket (aiohttp) and UDP socket. It understands nothing of what passes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ipaddress
import logging
import os
import socket
import ssl
from collections.abc import Coroutine
from typing import Protocol

import aiohttp

from voxlink.voice.gateway_message import GATEWAY_VERSION, MAX_MESSAGE_BYTES

CLOSE_TIMEOUT_S = 1.0
EXPEDITED_FORWARDING = 0xB8
"""DSCP EF (RFC 3246): routers that care let voice overtake."""


_log = logging.getLogger("voxlink.voice")


class Listener(Protocol):
    """Who is told what the sockets do; called on the event loop's thread, never from inside a method of `Link`."""

    def socket_opened(self) -> None:
        """The websocket is open."""
        ...

    def text_received(self, text: str) -> None:
        """A text frame came."""
        ...

    def binary_received(self, data: bytes) -> None:
        """A binary frame came."""
        ...

    def socket_lost(self, code: int | None, reason: str) -> None:
        """The websocket could not be opened, was closed by the server, or broke (code None)."""
        ...

    def media_opened(self) -> None:
        """The UDP socket is open."""
        ...

    def media_failed(self, reason: str) -> None:
        """The UDP socket could not be opened."""
        ...

    def datagram_received(self, datagram: bytes) -> None:
        """A datagram of the voice server came."""
        ...


class Link:
    """At most one websocket and one UDP socket at a time. No method blocks; `close` waits until all is closed."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._session: aiohttp.ClientSession | None = None
        self._websocket: _Websocket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._media: asyncio.DatagramTransport | None = None
        self._media_generation = 0
        self.media_socket: socket.socket | None = None
        """The UDP socket while it is open; connected to the voice server."""

    def open_socket(self, endpoint: str) -> None:
        """Close any websocket of before and begin to open one."""
        self.close_socket(1000)
        if self._session is None:
            self._session = aiohttp.ClientSession()
        self._websocket = _Websocket(self._listener)
        self._start(self._websocket.run(self._session, f"wss://{endpoint}/?v={GATEWAY_VERSION}"), "voice-websocket")

    def send(self, message: str | bytes) -> None:
        """Send a text or binary frame after those before it; dropped without a websocket."""
        if self._websocket is not None:
            self._websocket.outbox.put_nowait(message)

    def close_socket(self, code: int) -> None:
        """Close the websocket with a code; its listener hears no more of it."""
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.hang_up(code)

    def open_media(self, address: str, port: int) -> None:
        """Close any UDP socket of before and open one that is connected to the voice server."""
        self.close_media()
        self._start(self._open_media(address, port, self._media_generation), "voice-udp")

    def send_datagram(self, data: bytes) -> None:
        """Send bytes on the UDP socket; dropped without one."""
        if self._media is not None:
            self._media.sendto(data)

    def close_media(self) -> None:
        """Close the UDP socket."""
        self._media_generation += 1
        media, self._media = self._media, None
        self.media_socket = None
        if media is not None:
            media.close()

    async def close(self) -> None:
        """Close everything and wait for it, bounded."""
        self.close_socket(1000)
        self.close_media()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=2 * CLOSE_TIMEOUT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open_media(self, address: str, port: int, generation: int) -> None:
        sock: socket.socket | None = None
        try:
            sock = _connected_udp(address, port)
            media, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Media(self._listener), sock=sock
            )
        except (OSError, ValueError) as error:
            if sock is not None:
                sock.close()
            if generation == self._media_generation:
                self._listener.media_failed(f"{address}:{port}: {error}")
            return
        if generation != self._media_generation:  # closed or replaced meanwhile
            media.close()
            return
        self._media, self.media_socket = media, sock
        self._listener.media_opened()


class _Websocket:
    """One websocket from its opening to its end."""

    def __init__(self, listener: Listener) -> None:
        self.outbox: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._listener = listener
        self._hung_up: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def hang_up(self, code: int) -> None:
        """Stop listening and close with a code."""
        if not self._hung_up.done():
            self._hung_up.set_result(code)

    async def run(self, session: aiohttp.ClientSession, url: str) -> None:
        """Open, then read and write until either side closes."""
        life = asyncio.create_task(self._live(session, url), name="voice-websocket-life")
        await asyncio.wait((life, self._hung_up), return_when=asyncio.FIRST_COMPLETED)
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await life
        self._hung_up.cancel()

    async def _live(self, session: aiohttp.ClientSession, url: str) -> None:
        try:
            websocket = await session.ws_connect(url, ssl=tls_context(), max_msg_size=MAX_MESSAGE_BYTES, autoclose=True)
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
            self._lost(None, f"{type(error).__name__}: {error}")
            return
        writer = asyncio.create_task(self._write(websocket), name="voice-websocket-write")
        code: int | None = None
        reason = ""
        try:
            if not self._hung_up.done():
                self._listener.socket_opened()
            code, reason = await self._read(websocket)
        except Exception as error:  # noqa: BLE001 (a mistake of ours must end as a lost socket, not as a silent one)
            _log.exception("reading the voice websocket failed")
            reason = f"{type(error).__name__} while reading"
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            await _say_goodbye(websocket, self._hung_up.result() if self._hung_up.done() else 1000)
        self._lost(code, reason)

    async def _read(self, websocket: aiohttp.ClientWebSocketResponse) -> tuple[int | None, str]:
        """Hand on each message; return the close code, or None for a broken connection, and the reason."""
        while True:
            message = await websocket.receive()
            if self._hung_up.done():
                return None, ""
            match message.type:
                case aiohttp.WSMsgType.TEXT:
                    self._listener.text_received(message.data)
                case aiohttp.WSMsgType.BINARY:
                    self._listener.binary_received(message.data)
                case aiohttp.WSMsgType.CLOSE:
                    return int(message.data), str(message.extra or "")
                case aiohttp.WSMsgType.ERROR:
                    return None, str(message.data)
                case _:
                    return None, "the connection was cut"

    async def _write(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        with contextlib.suppress(aiohttp.ClientError, OSError):  # the reader sees it, too
            while True:
                message = await self.outbox.get()
                if isinstance(message, str):
                    await websocket.send_str(message)
                else:
                    await websocket.send_bytes(message)

    def _lost(self, code: int | None, reason: str) -> None:
        if not self._hung_up.done():
            self._listener.socket_lost(code, reason)


class _Media(asyncio.DatagramProtocol):
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr  # the socket is connected: only the voice server reaches it
        self._listener.datagram_received(data)

    def error_received(self, exc: Exception) -> None:
        """An ICMP error says nothing that the websocket does not say better."""


async def _say_goodbye(websocket: aiohttp.ClientWebSocketResponse, code: int) -> None:
    with contextlib.suppress(OSError, aiohttp.ClientError):  # TimeoutError is an OSError
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await websocket.close(code=code)


def _connected_udp(address: str, port: int) -> socket.socket:
    version = ipaddress.ip_address(address).version
    sock = socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.connect((address, port))
        if version == 4:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED_FORWARDING)
    except OSError:
        sock.close()
        raise
    return sock


def tls_context() -> ssl.SSLContext:
    """Python's default context: verification is on, `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured."""
    return _tls_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.lru_cache(maxsize=4)
def _tls_context(_file: str | None, _directory: str | None) -> ssl.SSLContext:
    """Loading the authorities takes tens of milliseconds: once for each setting of the environment."""
    return ssl.create_default_context()
