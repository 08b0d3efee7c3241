"""The WebSocket of a session: one reader, one writer, keep-alive, an orderly end (server.md 1.4 and 1.5)."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from aiohttp import WSMsgType, web

from voxlink.nodeserver.sessions import Session, Sessions
from voxlink.nodeserver.timings import Timings
from voxlink.protocol import Ready, encode

log = logging.getLogger("voxlink.nodeserver")

MAX_INCOMING_BYTES = 256 * 1024
"""Clients have nothing to say on the socket; whatever is longer than this ends it (1009)."""
CLOSE_WITHIN_S = 2.0
CLOSED_IN_ORDER = frozenset({1000, 1001})


class SocketLink:
    """One client's socket for as long as it lives. `serve` is its life; `wake` and `stop` may be called at any time."""

    def __init__(self, session: Session, timings: Timings, transport: asyncio.Transport | None) -> None:
        self._session = session
        self._transport = transport
        self._timings = timings
        self._news = asyncio.Event()
        self._stopped: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._heard_at = asyncio.get_running_loop().time()
        self._in_order = False

    def wake(self) -> None:
        """The outbox has something new."""
        self._news.set()

    def stop(self, code: int, reason: str) -> None:
        """Close the socket with this code, soon; the first call counts."""
        if not self._stopped.done():
            self._stopped.set_result((code, reason))

    async def serve(self, sessions: Sessions, socket: web.WebSocketResponse, *, resumed: bool) -> None:
        """Talk until the client leaves, falls silent, or `stop` is called; then give the session back.

        `socket` is prepared already. However the client behaves, this ends within `CLOSE_WITHIN_S` of its reason.
        """
        waiting = self._session.attach(self)
        if resumed:
            log.info("resumed session %s; replaying %d messages", self._session.id, waiting)
        work = [
            asyncio.create_task(self._read(socket), name="voxlink-socket-read"),
            asyncio.create_task(self._write(socket, resumed=resumed), name="voxlink-socket-write"),
            asyncio.create_task(self._watch(socket), name="voxlink-socket-watch"),
        ]
        try:
            await asyncio.wait([*work, self._stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in work:
                task.cancel()
            for result in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(result, Exception) and not isinstance(result, OSError):
                    log.error("session %s: its socket failed", self._session.id, exc_info=result)
            await self._say_goodbye(socket)
            await sessions.leave(self._session, self, delivered=self._in_order)

    async def _read(self, socket: web.WebSocketResponse) -> None:
        """Take what the client sends: pongs confirm, texts are ignored, bytes end the socket (1003)."""
        loop = asyncio.get_running_loop()
        while True:
            message = await socket.receive()
            self._heard_at = loop.time()
            match message.type:
                case WSMsgType.PING:
                    with contextlib.suppress(ConnectionError):
                        await socket.pong(message.data)
                case WSMsgType.PONG:
                    self._confirm(message.data)
                case WSMsgType.TEXT:
                    log.warning("session %s: messages on the socket are ignored; use the REST API", self._session.id)
                case WSMsgType.BINARY:
                    self.stop(1003, "binary messages are not supported")
                case _:
                    self._in_order = socket.close_code in CLOSED_IN_ORDER
                    return

    async def _write(self, socket: web.WebSocketResponse, *, resumed: bool) -> None:
        """Say `ready`, then whatever the session has to say, oldest first.

        Behind the events of a session that may be resumed goes a ping with the last one's number: the pong says that
        the client had them. Cancellation loses no event: what was taken is in the outbox until it is confirmed.
        """
        await socket.send_str(encode(Ready(resumed=resumed, session_id=self._session.id)).decode())
        while True:
            self._news.clear()
            number = None
            while (item := self._session.outbox.take(keep=self._session.resuming)) is not None:
                await socket.send_str(item.text)
                number = item.number
            if number is not None and self._session.resuming:
                await socket.ping(str(number).encode())
            await self._news.wait()

    async def _watch(self, socket: web.WebSocketResponse) -> None:
        """Ping, so that proxies keep the connection open, and return when the client has been silent for too long."""
        loop = asyncio.get_running_loop()
        while (silent_s := loop.time() - self._heard_at) < self._timings.dead_after_s:
            with contextlib.suppress(ConnectionError):
                await socket.ping()
            await asyncio.sleep(self._timings.ping_every_s)
        log.info("session %s: the client has not answered for %.0f s", self._session.id, silent_s)

    def _confirm(self, data: bytes) -> None:
        if self._session.link is self and data.isdigit():
            self._session.outbox.confirm(int(data))

    async def _say_goodbye(self, socket: web.WebSocketResponse) -> None:
        code, reason = self._stopped.result() if self._stopped.done() else (1000, "")
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await socket.close(code=code, message=reason.encode())
        except (TimeoutError, OSError):
            if self._transport is not None:
                self._transport.abort()  # a client that reads nothing would keep the connection and its buffer alive
