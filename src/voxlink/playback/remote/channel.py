"""One end of the pipe: messages go out without waiting, and come in one by one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Generic, TypeVar

from voxlink._util.framing import LENGTH, size_of
from voxlink.playback.remote.wire import MAX_MESSAGE_BYTES, ToEngine, ToProgram, pack

T = TypeVar("T")


async def open_channel(sock: socket.socket, read: Callable[[bytes], T]) -> Channel[T]:
    """Take over a connected socket."""
    reader, writer = await asyncio.open_connection(sock=sock)
    return Channel(reader, writer, read)


class Channel(Generic[T]):
    """A connected socket that carries messages. `read` turns a body into what the other end says."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, read: Callable[[bytes], T]) -> None:
        self._reader = reader
        self._writer = writer
        self._read = read

    @property
    def unsent_bytes(self) -> int:
        """How much the other end has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    def send(self, message: ToEngine | ToProgram) -> None:
        """Send a message as soon as the pipe takes it; nothing happens if the other end is gone."""
        if not self._writer.is_closing():
            self._writer.write(pack(message))

    async def receive(self) -> T | None:
        """Return the next message; None when the other end is gone. Raises `InvalidPipeMessage`."""
        try:
            size = size_of(await self._reader.readexactly(LENGTH.size), MAX_MESSAGE_BYTES)
            return self._read(await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, OSError):
            return None

    async def close(self) -> None:
        """Close this end; the other one reads the end of the stream."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
