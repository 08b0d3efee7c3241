"""The engine's handle of its transmitter: keeps one process running and the streams of all players attached to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, Self

from voxlink.errors import EngineClosed, InvalidPipeMessage, TransmitterFailed
from voxlink.voice.stream import FrameStream, StreamReport
from voxlink.voice.transmitter.pipe import (
    Hello,
    OpenStream,
    Replaced,
    Report,
    ToEngine,
    ToTransmitter,
    add,
)
from voxlink.voice.transmitter.process import ChildProcess

HEALTHY_S = 1.0
"""A child that lived so long is replaced at once; one that did not, after a growing delay."""
RESTART_DELAY_S = 0.05
RESTART_DELAY_CAP_S = 2.0
WRITE_BYTES = 1 << 15
"""About so many bytes of frames travel in one write: each costs a system call, and control messages wait for it."""

_log = logging.getLogger("voxlink.voice")


class TransmitterStats(NamedTuple):
    """How the transmitter does. `pid` is None while none runs; `priority` says how the system schedules it."""

    pid: int | None
    priority: str
    restarts: int
    streams: int


class Transmitter:
    """Sends the frames of many players on the 20 ms grid, from a process of its own.

    Use it as `async with Transmitter() as transmitter`, or call `start` and `close`. The constructor does no work.
    A child that dies is started again and goes on with every stream; see `stats().restarts`.
    `realtime=False` asks for no real-time scheduling.
    """

    def __init__(self, *, realtime: bool = True) -> None:
        self._realtime = realtime
        self._streams: dict[int, FrameStream] = {}
        self._next_number = 1
        self._urgent: deque[tuple[ToTransmitter, socket.socket | None]] = deque()
        self._pulled: dict[FrameStream, None] = {}
        self._work = asyncio.Event()
        self._child: ChildProcess | None = None
        self._priority = ""
        self._restarts = 0
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Transmitter pid={self._child and self._child.pid} streams={len(self._streams)}>"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the process. Raises `TransmitterFailed`; then nothing is left behind and `start` may be tried again."""
        if self._task is not None:
            return
        child = await ChildProcess.start(realtime=self._realtime)
        self._adopt(child)
        self._task = asyncio.create_task(self._keep_running(child), name="voxlink-transmitter")

    async def close(self) -> None:
        """Stop the process and detach every stream. Safe to call twice."""
        task, self._task = self._task, None
        for stream in list(self._streams.values()):
            stream.detach()
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        child, self._child = self._child, None
        if child is not None:
            await child.stop()  # the task was cancelled before it began

    def open_stream(self, on_report: Callable[[StreamReport], None]) -> FrameStream:
        """Make the sending queue of one player; `on_report` is called on the loop's thread, once a report.

        Raises `EngineClosed` if the transmitter was not started or is closed.
        """
        if self._task is None:
            raise EngineClosed("the transmitter is not running")
        return FrameStream(self, on_report)

    def stats(self) -> TransmitterStats:
        """Say which process runs, with which priority, and how often it had to be started again."""
        return TransmitterStats(self._child and self._child.pid, self._priority, self._restarts, len(self._streams))

    # What the streams call (`stream.Courier`).

    def post(self, message: ToTransmitter, sock: socket.socket | None = None) -> None:
        """See `Courier.post`."""
        if self._child is not None:
            self._urgent.append((message, sock))
            self._work.set()

    def pull(self, stream: FrameStream) -> None:
        """See `Courier.pull`."""
        self._pulled[stream] = None
        self._work.set()

    def enlist(self, stream: FrameStream) -> int:
        """See `Courier.enlist`."""
        number = self._next_number
        self._next_number += 1
        self._streams[number] = stream
        return number

    def dismiss(self, number: int) -> None:
        """See `Courier.dismiss`."""
        stream = self._streams.pop(number, None)
        if stream is not None:
            self._pulled.pop(stream, None)

    # The process.

    def _adopt(self, child: ChildProcess) -> None:
        self._child = child
        self._priority = child.priority
        for stream in list(self._streams.values()):
            stream.reopen()

    async def _keep_running(self, child: ChildProcess) -> None:
        while True:
            started = time.monotonic()
            try:
                reason = await self._serve(child)
            finally:
                self._child = None
                self._urgent.clear()
                await child.stop()
            self._restarts += 1
            _log.error("the transmitter %s (exit status %s); starting it again", reason, child.exit_code)
            child = await self._start_again(healthy=time.monotonic() - started > HEALTHY_S)
            self._adopt(child)

    async def _start_again(self, *, healthy: bool) -> ChildProcess:
        for delay in _delays(healthy=healthy):
            await asyncio.sleep(delay)
            try:
                return await ChildProcess.start(realtime=self._realtime)
            except TransmitterFailed as error:
                _log.error("%s; trying again", error)
        raise AssertionError("delays never end")

    async def _serve(self, child: ChildProcess) -> str:
        """Exchange messages with a child until it ends; return why."""
        writer = asyncio.create_task(self._write(child), name="voxlink-transmitter-write")
        try:
            return await child.read(self._take)
        except InvalidPipeMessage as error:
            child.kill()
            return f"made no sense: {error}"
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    async def _write(self, child: ChildProcess) -> None:
        """Send what there is: control messages first, then frames, stream by stream."""
        with contextlib.suppress(OSError):  # the reader sees the end of the pipe, too
            while True:
                await self._work.wait()
                await child.room()
                self._work.clear()
                packed = bytearray()
                while self._urgent:
                    message, sock = self._urgent.popleft()
                    if not isinstance(message, OpenStream):
                        add(packed, message)
                    elif sock is not None and sock.fileno() >= 0:
                        child.send(packed)
                        packed = bytearray()
                        await child.send_stream(message, sock)
                self._pack_frames(packed)
                child.send(packed)
                if self._pulled or self._urgent:
                    self._work.set()
                    await asyncio.sleep(0)  # a pipe with room suspends nobody, and others have work, too

    def _pack_frames(self, packed: bytearray) -> None:
        """Add batches of frames of the streams that are to be pulled, about as much as one write should hold."""
        while self._pulled and len(packed) < WRITE_BYTES:
            stream = next(iter(self._pulled))
            del self._pulled[stream]
            batch = stream.take_batch()
            if batch is not None:
                add(packed, batch)
                if stream.has_more:
                    self._pulled[stream] = None  # at the end of the line

    def _take(self, message: ToEngine) -> None:
        match message:
            case Report():
                self._take_report(message)
            case Replaced(stream=number):
                stream = self._streams.get(number)
                if stream is not None:
                    stream.take_answer(message)
            case Hello():
                raise InvalidPipeMessage("a second greeting")

    def _take_report(self, report: Report) -> None:
        """Tell each stream; the mistake of one stream's owner must not stop the others."""
        at = report.at + time.monotonic() - time.perf_counter()
        streams = self._streams
        for number in report.sent:
            stream = streams.get(number)
            if stream is not None:
                try:
                    stream.take_sent(number, at)
                except Exception:  # noqa: BLE001
                    _log.exception("on_report failed for %r", stream)
        for state in report.states:
            stream = streams.get(state.stream)
            if stream is not None:
                try:
                    stream.take_state(state, at)
                except Exception:  # noqa: BLE001
                    _log.exception("on_report failed for %r", stream)


def _delays(*, healthy: bool) -> Iterator[float]:
    """Yield the waits before each attempt: none after a healthy run, then growing, with jitter."""
    ceiling = RESTART_DELAY_S
    if healthy:
        yield 0.0
    while True:
        yield ceiling * (0.5 + random.random() / 2)
        ceiling = min(RESTART_DELAY_CAP_S, ceiling * 2)
