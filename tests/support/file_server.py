"""A web server on loopback that serves files well or badly, by the first part of the path."""

from __future__ import annotations

import asyncio
import re
from types import TracebackType
from typing import NamedTuple, Self


class Request(NamedTuple):
    """What was asked for."""

    path: str
    begin: int
    """The offset of its Range, 0 without one."""
    has_range: bool


class FileServer:
    """Serves `files` by name under paths that say how: `/ok/NAME`, `/norange/NAME`, `/cut/1000/NAME` …"""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.requests: list[Request] = []
        self.texts: dict[str, str] = {}
        """Playlists, served under `/text/NAME` with `{server}` put in."""
        self.stalled = asyncio.Event()
        """Set when a request has been left without an answer or in the middle of one."""
        self.connections = 0
        self._handlers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                request = self._parsed(head.decode("latin-1"))
                self.requests.append(request)
                if not await self._answer(request, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.connections -= 1
            self._handlers.discard(task)
            writer.close()

    def _parsed(self, head: str) -> Request:
        method, path, _ = head.split("\r\n", 1)[0].split(" ")
        assert method == "GET"
        match = re.search(r"(?im)^range: bytes=(\d+)-\r?$", head)
        return Request(path, int(match[1]) if match else 0, match is not None)

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer in the way that the path names; False to hang up afterwards."""
        _, how, *rest = request.path.split("?")[0].split("/")
        return await getattr(self, f"_{how}")(request, writer, rest[0], self.files.get(rest[-1], b""))

    async def _ok(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        return await _send(writer, body, request)

    async def _norange(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        """Takes no notice of Range."""
        return await _send(writer, body, request, ranges=False)

    async def _cut(self, request: Request, writer: asyncio.StreamWriter, limit: str, body: bytes) -> bool:
        """Hangs up after `limit` bytes, each time."""
        return await _send(writer, body, request, limit=int(limit))

    async def _short(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        """Promises twice what it has."""
        return await _send(writer, body[: len(body) // 2], request, size=len(body), ranges=False)

    async def _stall(self, request: Request, writer: asyncio.StreamWriter, limit: str, body: bytes) -> bool:
        """Falls silent after `limit` bytes; the rest of the file is never sent."""
        await _send(writer, body, request, limit=max(0, int(limit) - request.begin))
        return await self._hang()

    async def _silent(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        return await self._hang()

    async def _chunked(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        return await _send_chunked(writer, body)

    async def _radio(self, request: Request, writer: asyncio.StreamWriter, words: str, body: bytes) -> bool:
        return await _send_radio(writer, body, words)

    async def _changing(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        """Another file with every request."""
        return await _send(writer, body + b"x" * len(self.requests), request, limit=40_000)

    async def _failing(self, request: Request, writer: asyncio.StreamWriter, status: str, body: bytes) -> bool:
        """Hangs up, and answers the request for the rest with a status."""
        if request.has_range:
            return await _send_status(writer, int(status))
        return await _send(writer, body, request, limit=40_000)

    async def _status(self, request: Request, writer: asyncio.StreamWriter, status: str, body: bytes) -> bool:
        return await _send_status(writer, int(status))

    async def _redirect(self, request: Request, writer: asyncio.StreamWriter, status: str, body: bytes) -> bool:
        name = request.path.rpartition("/")[2]
        target = f"/ok/{name}" if status == "308" else f"{self.url}/ok/{name}"
        return await _send_status(writer, int(status), f"Location: {target}\r\n")

    async def _loop(self, request: Request, writer: asyncio.StreamWriter, number: str, body: bytes) -> bool:
        return await _send_status(writer, 302, f"Location: {self.url}/loop/{int(number) + 1}\r\n")

    async def _escape(self, request: Request, writer: asyncio.StreamWriter, _: str, body: bytes) -> bool:
        return await _send_status(writer, 302, "Location: file:///etc/hostname\r\n")

    async def _text(self, request: Request, writer: asyncio.StreamWriter, name: str, body: bytes) -> bool:
        text = self.texts[name].replace("{server}", self.url)
        return await _send(writer, text.encode(), request, kind="text/plain")

    async def _hang(self) -> bool:
        self.stalled.set()
        await asyncio.Event().wait()
        return False


async def _send(
    writer: asyncio.StreamWriter,
    body: bytes,
    request: Request,
    *,
    ranges: bool = True,
    limit: int | None = None,
    size: int | None = None,
    kind: str = "application/octet-stream",
) -> bool:
    size = len(body) if size is None else size
    begin = request.begin if ranges else 0
    status = "206 Partial Content" if ranges and request.has_range else "200 OK"
    if request.has_range and ranges and begin >= size:
        return await _send_status(writer, 416)
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size - begin}\r\nContent-Type: {kind}\r\n"
    if ranges and request.has_range:
        head += f"Content-Range: bytes {begin}-{size - 1}/{size}\r\n"
    rest = body[begin:]
    writer.write(head.encode() + b"\r\n" + rest[:limit])
    await writer.drain()
    return limit is None and size == len(body)


async def _send_chunked(writer: asyncio.StreamWriter, body: bytes) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(body), 5000):
        part = body[at : at + 5000]
        writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def _send_radio(writer: asyncio.StreamWriter, body: bytes, words: str) -> bool:
    """An endless station would go on; this one hangs up after the file."""
    description = "icy-description: Caf\xe9 music\r\n" if words == "described" else ""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: The Station\r\n{description}icy-url: http://s\r\n"
    writer.write(head.encode("latin-1") + b"Connection: close\r\n\r\n" + body)
    await writer.drain()
    return False


async def _send_status(writer: asyncio.StreamWriter, status: int, headers: str = "") -> bool:
    writer.write(f"HTTP/1.1 {status} Status\r\nContent-Length: 0\r\n{headers}\r\n".encode())
    await writer.drain()
    return True
