"""The one seam to the network: an `Edge` sends REST requests and opens WebSockets; `AiohttpEdge` does it for real."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from voxlink.errors import BadValue, ClientError, NodeTimeout, NodeUnreachable

__all__ = ["AiohttpEdge", "Answer", "Call", "Edge", "HandshakeRefused", "Line", "LineClosed"]

POOL_PER_NODE = 64
KEEPALIVE_S = 75.0
HEARTBEAT_S = 30.0
MAX_MESSAGE_BYTES = 32 * 1024 * 1024
CLOSE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Call:
    """One REST request. `body` is JSON text or None; `extra` goes to aiohttp as it is (Lavalink.py's `**kwargs`)."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    params: Mapping[str, str]
    body: bytes | None = field(repr=False)
    timeout_s: float
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a node answered: any status, the body unread by anybody."""

    status: int
    body: bytes
    content_type: str
    reason: str = ""


class HandshakeRefused(ClientError):
    """The WebSocket handshake was answered with `status` instead of 101."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the handshake was answered with HTTP {status}")


@dataclass(frozen=True, slots=True)
class LineClosed:
    """How a WebSocket ended; `code` is None when the connection was cut without a close frame."""

    code: int | None
    reason: str | None


class Line(Protocol):
    """An open WebSocket, read by one reader."""

    def messages(self) -> AsyncGenerator[str | bytes, None]:
        """Text and binary messages until the socket closes."""
        ...

    @property
    def closed(self) -> LineClosed:
        """How it ended; meaningful once `messages` has ended."""
        ...

    async def close(self, code: int) -> None:
        """Close it; returns within a bound and never raises."""
        ...


class Edge(Protocol):
    """How a client reaches its nodes."""

    async def send(self, call: Call) -> Answer:
        """Send one request. Raises `NodeTimeout` or `NodeUnreachable`."""
        ...

    async def open_line(self, url: str, headers: Mapping[str, str]) -> Line:
        """Open a WebSocket. Raises `HandshakeRefused`, `NodeTimeout` or `NodeUnreachable`."""
        ...

    async def close(self) -> None:
        """Free what is held. May be called twice."""
        ...


class AiohttpEdge:
    """The real edge: one aiohttp session with a pool of kept connections, made when it is first needed.

    A session that the caller gives is used and never closed. `proxy` and `ssl_context` apply to every request.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession | None = None,
        connector: aiohttp.BaseConnector | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._given = session
        self._own: aiohttp.ClientSession | None = None
        self._connector = connector
        self._options: dict[str, Any] = {}
        if proxy is not None:
            self._options["proxy"] = proxy
        if ssl_context is not None:
            self._options["ssl"] = ssl_context

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session in use; needs a running event loop the first time."""
        if self._given is not None:
            return self._given
        if self._own is None or self._own.closed:
            connector = self._connector or aiohttp.TCPConnector(
                limit=0, limit_per_host=POOL_PER_NODE, keepalive_timeout=KEEPALIVE_S
            )
            self._own = aiohttp.ClientSession(connector=connector, connector_owner=self._connector is None)
        return self._own

    async def send(self, call: Call) -> Answer:
        """Send one request over a kept connection."""
        options: dict[str, Any] = {
            "timeout": aiohttp.ClientTimeout(total=call.timeout_s),
            **self._options,
            "headers": call.headers,
            **call.extra,
        }
        if call.params:
            options["params"] = call.params
        if call.body is not None:
            options["data"] = call.body
        try:
            async with self.session.request(call.method, call.url, **options) as response:
                body = await response.read()
                return Answer(response.status, body, response.content_type, response.reason or "")
        except TimeoutError as error:
            raise NodeTimeout(f"{call.method} {call.url}: no answer within {call.timeout_s:g} s") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise BadValue(f"{call.url} is no URL of a node") from error
        except (aiohttp.ClientError, OSError) as error:
            raise NodeUnreachable(f"{call.method} {call.url}: {error or type(error).__name__}") from error

    async def open_line(self, url: str, headers: Mapping[str, str]) -> AiohttpLine:
        """Open a WebSocket with a heartbeat of 30 s."""
        try:
            connect: Any = self.session.ws_connect
            socket: aiohttp.ClientWebSocketResponse = await connect(
                url, headers=headers, heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES, **self._options
            )
        except aiohttp.WSServerHandshakeError as error:
            raise HandshakeRefused(error.status) from error
        except TimeoutError as error:
            raise NodeTimeout(f"{url}: no answer to the handshake") from error
        except (aiohttp.ClientError, OSError) as error:
            raise NodeUnreachable(f"{url}: {error or type(error).__name__}") from error
        return AiohttpLine(socket)

    async def close(self) -> None:
        """Close the session that we made ourselves."""
        if self._own is not None:
            await self._own.close()
            self._own = None


class AiohttpLine:
    """A WebSocket of aiohttp, with the close frame's code and reason."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._closed = LineClosed(None, None)

    async def messages(self) -> AsyncGenerator[str | bytes, None]:
        """Text and binary messages until the socket closes."""
        while True:
            message = await self._socket.receive()
            match message.type:
                case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                    yield message.data
                case aiohttp.WSMsgType.CLOSE:
                    # aiohttp keeps codes as plain ints here, private ones (4000 and up) included.
                    self._closed = LineClosed(int(message.data or 1005), message.extra or None)
                    return
                case _:
                    code = self._socket.close_code
                    self._closed = LineClosed(None if code is None else int(code), None)
                    return

    @property
    def closed(self) -> LineClosed:
        """How it ended."""
        return self._closed

    async def close(self, code: int) -> None:
        """Say goodbye, at most `CLOSE_TIMEOUT_S` long."""
        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._socket.close(code=code)
