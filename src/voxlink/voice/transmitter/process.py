"""One transmitter process as its engine sees it: start, handshake, messages both ways, end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

import msgspec

from voxlink._util.piped_child import HAS_UNIX_SOCKETS, CannotStart, PipedChild
from voxlink.errors import InvalidPipeMessage, TransmitterFailed
from voxlink.voice.transmitter.pipe import (
    PIPE_VERSION,
    Hello,
    OpenStream,
    Splitter,
    ToEngine,
    pack,
    parse_to_engine,
)
from voxlink.voice.transmitter.shared_socket import share

START_TIMEOUT_S = 20.0
SILENT_S = 5.0
"""A child that says nothing for so long hangs; it reports at least once a second."""
STOP_TIMEOUT_S = 2.0
RECEIVE_BYTES = 1 << 17
MODULE = "voxlink.voice.transmitter.child"

_log = logging.getLogger("voxlink.voice")


class ChildProcess:
    """A running transmitter. `start` makes one; `read` lives as long as it; `stop` ends it in any case."""

    def __init__(self, process: PipedChild, sock: socket.socket) -> None:
        self._process = process
        self._sock = sock
        self._splitter = Splitter()
        self.priority = ""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.exit_code

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stdout or stderr."""
        return self._process.last_words

    @classmethod
    async def start(cls, *, realtime: bool, loopback: bool = not HAS_UNIX_SOCKETS) -> ChildProcess:
        """Start a process and shake hands. Raises `TransmitterFailed`; then nothing is left behind.

        `loopback` asks for the way that systems without Unix sockets go.
        """
        scheduling = "realtime" if realtime else "normal"
        try:
            process = PipedChild(MODULE, scheduling, name="transmitter", log=_log, loopback=loopback)
        except CannotStart as error:
            raise TransmitterFailed(str(error)) from None
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                child = cls(process, await process.connect())
                await child.send(pack(Hello(PIPE_VERSION)))
                child.priority = (await child._greeting()).priority
        except BaseException as error:
            await process.close(STOP_TIMEOUT_S)
            if isinstance(error, TimeoutError):
                raise TransmitterFailed(f"said nothing within {START_TIMEOUT_S:g} s") from None
            if isinstance(error, OSError | InvalidPipeMessage):
                reason = f"did not start: {process.last_words or error}"
                raise TransmitterFailed(reason, process.exit_code) from None
            raise
        return child

    async def _greeting(self) -> Hello:
        loop = asyncio.get_running_loop()
        while True:
            data = await loop.sock_recv(self._sock, RECEIVE_BYTES)
            if not data:
                raise ConnectionResetError("it closed the pipe")
            for body in self._splitter.feed(data):
                message = parse_to_engine(body)
                if not isinstance(message, Hello) or message.version != PIPE_VERSION:
                    raise InvalidPipeMessage(f"expected a greeting of version {PIPE_VERSION}, not {message!r}")
                return message

    async def read(self, take: Callable[[ToEngine], None]) -> str:
        """Hand each message to `take` until the child ends or hangs; return which, in words.

        Raises `InvalidPipeMessage` for one that we do not understand.
        """
        loop = asyncio.get_running_loop()
        buffer = bytearray(RECEIVE_BYTES)  # kept: a fresh one for each read would cost page faults
        view = memoryview(buffer)
        while True:
            try:
                async with asyncio.timeout(SILENT_S):
                    size = await loop.sock_recv_into(self._sock, buffer)
            except TimeoutError:
                self.kill()
                return f"said nothing for {SILENT_S:g} s"
            except OSError as error:
                return f"left: {error}"
            if not size:
                return "ended"
            for body in self._splitter.feed(view[:size]):
                take(parse_to_engine(body))
            await asyncio.sleep(0)  # data that is there already suspends nobody, and others have work, too

    async def send(self, data: bytes) -> None:
        """Send packed messages. Raises `OSError` when the child is gone."""
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def send_stream(self, message: OpenStream, sock: socket.socket) -> None:
        """Send `OpenStream` with a duplicate of its socket. Raises `OSError` when the child is gone."""
        if self._process.is_loopback:
            await self.send(pack(msgspec.structs.replace(message, shared=share(sock, self.pid))))
            return
        data = pack(message)
        sent = 0
        while not sent:
            try:
                sent = socket.send_fds(self._sock, [data], [sock.fileno()])
            except BlockingIOError:
                await _until_writable(self._sock)
        await self.send(data[sent:])

    async def stop(self) -> None:
        """Close the pipe, wait a moment, then kill. The wait is shielded from cancellation."""
        await self._process.close(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End a child that hangs."""
        self._process.kill()


async def _until_writable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(sock, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_writer(sock)
