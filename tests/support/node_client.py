"""A node on a real loopback port, and a client that says exactly what a test tells it to."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from voxlink._util.secret import Secret
from voxlink.nodeserver import NodeConfig, NodeServer, Timings
from voxlink.playback import Engine

PASSWORD = "youshallnotpass"
WITHIN_S = 10.0
"""Every wait of a test ends: ten times what it usually needs, at least."""


class Answer(NamedTuple):
    """What a request came to."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Socket:
    """The client's end of `/v4/websocket`, read by a task of its own like any client's."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, headers: Mapping[str, str]) -> None:
        self.socket = socket
        self.resumed = headers.get("Session-Resumed")
        self.session_id = ""
        self.messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.messages.put_nowait(json.loads(message.data))
        self.messages.put_nowait(None)

    async def next(self, op: str | None = None) -> dict[str, Any]:
        """Return the next message, or the next one with this op; fail if the socket ends before."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                message = await self.messages.get()
                assert message is not None, f"the socket ended with {self.socket.close_code}"
                if op is None or message["op"] == op:
                    return message

    async def next_or_end(self) -> dict[str, Any] | None:
        """Return the next message, or None when the socket has ended."""
        async with asyncio.timeout(WITHIN_S):
            return await self.messages.get()

    async def ended(self) -> int | None:
        """Wait for the end of the socket; return its close code."""
        async with asyncio.timeout(WITHIN_S):
            while await self.messages.get() is not None:
                pass
        return self.socket.close_code

    async def close(self) -> None:
        """Leave in good order."""
        await self.socket.close()
        await asyncio.wait({self._reader}, timeout=WITHIN_S)

    async def vanish(self) -> None:
        """Cut the connection without a word."""
        transport = self.socket._response.connection.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()
        await asyncio.wait({self._reader}, timeout=WITHIN_S)


class Client:
    """Requests and sockets to one node."""

    def __init__(self, server: NodeServer, http: aiohttp.ClientSession, password: str) -> None:
        self.server = server
        self.http = http
        self.headers = {"Authorization": password}
        self.sockets: list[Socket] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def request(
        self, method: str, path: str, *, data: Any = None, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Answer:
        """Send a request as it is given: `path` is not re-encoded, `data` is a text or bytes."""
        if isinstance(data, str | bytes):
            data = io.BytesIO(data.encode() if isinstance(data, str) else data)
        url = URL(self.base + path, encoded=True)
        async with self.http.request(
            method,
            url,
            data=data,
            headers=self.headers if headers is None else headers,
            skip_auto_headers={"Content-Type"},
            **options,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str) -> Answer:
        return await self.request("GET", path)

    async def patch(self, path: str, body: Any) -> Answer:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return await self.request(
            "PATCH", path, data=data, headers={**self.headers, "Content-Type": "application/json"}
        )

    async def connect(self, session_id: str | None = None, *, user: str = "1", **headers: str) -> Socket:
        """Open a socket and read its `ready`."""
        socket = await self.dial(session_id, user=user, **headers)
        ready = await socket.next()
        assert list(ready) == ["op", "resumed", "sessionId"]
        assert ready["op"] == "ready"
        assert socket.resumed == ("true" if ready["resumed"] else "false")
        socket.session_id = ready["sessionId"]
        return socket

    async def dial(self, session_id: str | None = None, *, user: str = "1", **headers: str) -> Socket:
        """Open a socket and read nothing from it yet."""
        sent = {**self.headers, "User-Id": user, "Client-Name": "tests/1.0", **headers}
        if session_id is not None:
            sent["Session-Id"] = session_id
        socket = Socket(*await self._upgrade(sent))
        self.sockets.append(socket)
        return socket

    async def _upgrade(self, headers: Mapping[str, str]) -> tuple[aiohttp.ClientWebSocketResponse, Mapping[str, str]]:
        socket = await self.http.ws_connect(f"{self.base}/v4/websocket", headers=headers)
        return socket, socket._response.headers


def a_config(**fields: Any) -> NodeConfig:
    return NodeConfig(**{"password": Secret(PASSWORD), "port": 0, **fields})


@asynccontextmanager
async def running_node(
    engine: Engine, *, config: NodeConfig | None = None, timings: Timings | None = None
) -> AsyncIterator[Client]:
    """A node over this engine and a client with the right password; everything is closed at the end."""
    config = config or a_config()
    async with (
        engine,
        NodeServer(config, engine, timings=timings) as server,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as http,
    ):
        client = Client(server, http, config.password.reveal())
        try:
            yield client
        finally:
            for socket in client.sockets:
                await socket.close()
