"""One transmitter process as its engine sees it: start, handshake, messages both ways, end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import cast

import msgspec

from voxlink._util.framing import Splitter
from voxlink._util.piped_child import HAS_UNIX_SOCKETS, CannotStart, PipedChild
from voxlink.errors import InvalidPipeMessage, TransmitterFailed
from voxlink.voice.transmitter.pipe import (
    MAX_MESSAGE_BYTES,
    PIPE_VERSION,
    Hello,
    OpenStream,
    ToEngine,
    pack,
    parse_to_engine,
)
from voxlink.voice.transmitter.shared_socket import share

START_TIMEOUT_S = 20.0
FULL_PIPE_WAIT_S = 0.005
SILENT_S = 5.0
"""A child that says nothing for so long hangs; it reports at least once a second."""
STOP_TIMEOUT_S = 2.0
RECEIVE_BYTES = 1 << 17
MODULE = "voxlink.voice.transmitter.child"

_log = logging.getLogger("voxlink.voice")


class ChildProcess(asyncio.BufferedProtocol):
    """A running transmitter. `start` makes one; `read` lives as long as it; `stop` ends it in any case.

    It is the protocol of its own pipe, because streams and `sock_recv` cost several turns of the event loop for each
    report, fifty times a second.
    """

    def __init__(self, process: PipedChild) -> None:
        loop = asyncio.get_running_loop()
        self._process = process
        self._sock: socket.socket | None = None
        self._transport: asyncio.Transport | None = None
        self._splitter = Splitter(MAX_MESSAGE_BYTES)
        self._buffer = memoryview(bytearray(RECEIVE_BYTES))
        self._take: Callable[[ToEngine], None] = self._take_greeting
        self._early: list[ToEngine] = []
        """What came in one read with the greeting."""
        self._greeted: asyncio.Future[None] = loop.create_future()
        self._ended: asyncio.Future[str] = loop.create_future()
        """Why it ended, or what made no sense."""
        self._heard_at = 0.0
        self._has_room = asyncio.Event()
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
        child = cls(process)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                child._sock = await process.connect()
                await asyncio.get_running_loop().connect_accepted_socket(lambda: child, child._sock)
                child.send(pack(Hello(PIPE_VERSION)))
                await child._greeting()
        except BaseException as error:
            await child.stop()
            if isinstance(error, TimeoutError):
                raise TransmitterFailed(f"said nothing within {START_TIMEOUT_S:g} s") from None
            if isinstance(error, OSError | InvalidPipeMessage):
                reason = f"did not start: {process.last_words or error}"
                raise TransmitterFailed(reason, process.exit_code) from None
            raise
        return child

    async def _greeting(self) -> None:
        await asyncio.wait([self._greeted, self._ended], return_when=asyncio.FIRST_COMPLETED)
        if not self._greeted.done():
            raise ConnectionResetError(f"it {self._ended.result()}")

    def _take_greeting(self, message: ToEngine) -> None:
        if not isinstance(message, Hello) or message.version != PIPE_VERSION:
            raise InvalidPipeMessage(f"expected a greeting of version {PIPE_VERSION}, not {message!r}")
        self.priority = message.priority
        self._greeted.set_result(None)
        self._take = self._early.append
        assert self._transport is not None
        self._transport.pause_reading()  # until somebody reads

    async def read(self, take: Callable[[ToEngine], None]) -> str:
        """Hand each message to `take` until the child ends or hangs; return which, in words.

        Raises `InvalidPipeMessage` for one that we do not understand, and whatever `take` raises.
        """
        assert self._transport is not None
        self._take = take
        for message in self._early:
            take(message)
        self._early.clear()
        if not self._transport.is_closing():
            self._transport.resume_reading()
        self._heard_at = asyncio.get_running_loop().time()
        while True:
            silent_s = asyncio.get_running_loop().time() - self._heard_at
            if silent_s >= SILENT_S:
                self.kill()
                return f"said nothing for {SILENT_S:g} s"
            await asyncio.wait([self._ended], timeout=SILENT_S - silent_s)
            if self._ended.done():
                return self._ended.result()

    async def room(self) -> None:
        """Wait until the pipe has taken all that was sent, or is closed."""
        await self._has_room.wait()

    def send(self, data: bytes | bytearray) -> None:
        """Send packed messages; nothing happens if the child is gone. What is sent is not to be changed any more."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def send_stream(self, message: OpenStream, sock: socket.socket) -> None:
        """Send `OpenStream` with a duplicate of its socket. Raises `OSError` when the child is gone."""
        if self._process.is_loopback:
            self.send(pack(msgspec.structs.replace(message, shared=share(sock, self.pid))))
            return
        assert self._sock is not None
        await self.room()
        data = pack(message)
        sent = 0
        while not sent:
            try:
                sent = socket.send_fds(self._sock, [data], [sock.fileno()])
            except BlockingIOError:
                await asyncio.sleep(FULL_PIPE_WAIT_S)
        self.send(data[sent:])

    async def stop(self) -> None:
        """Close the pipe, wait a moment, then kill. The wait is shielded from cancellation."""
        if self._transport is not None:
            self._transport.abort()
        await self._process.close(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End a child that hangs."""
        self._process.kill()

    # What the event loop calls (`asyncio.BufferedProtocol`).

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BaseProtocol`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from it
        self._transport.set_write_buffer_limits(high=0)
        self._has_room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol`."""
        self._has_room.set()
        if not self._ended.done():
            self._ended.set_result(f"left: {exc}" if exc else "ended")

    def pause_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self._has_room.clear()

    def resume_writing(self) -> None:
        """See `asyncio.BaseProtocol`."""
        self._has_room.set()

    def get_buffer(self, sizehint: int) -> memoryview:
        """See `asyncio.BufferedProtocol`."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._heard_at = asyncio.get_running_loop().time()
        try:
            for body in self._splitter.feed(self._buffer[:nbytes]):
                self._take(parse_to_engine(body))
        except Exception as error:  # noqa: BLE001 (whoever reads gets it)
            self._end_with(error)

    def _end_with(self, error: Exception) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)
        if self._transport is not None:
            self._transport.abort()
