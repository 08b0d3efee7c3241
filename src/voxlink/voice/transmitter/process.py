"""One transmitter process as its engine sees it: start, handshake, messages both ways, end."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable

from voxlink.errors import InvalidPipeMessage, TransmitterFailed
from voxlink.voice.transmitter.pipe import (
    PIPE_VERSION,
    Hello,
    Splitter,
    ToEngine,
    pack,
    parse_to_engine,
)

START_TIMEOUT_S = 20.0
SILENT_S = 5.0
"""A child that says nothing for so long hangs; it reports at least once a second."""
STOP_TIMEOUT_S = 2.0
RECEIVE_BYTES = 1 << 17
LAST_LINES = 20

_log = logging.getLogger("voxlink.voice")


class ChildProcess:
    """A running transmitter. `start` makes one; `serve` lives as long as it; `stop` ends it in any case."""

    def __init__(self, process: subprocess.Popen[bytes], sock: socket.socket) -> None:
        self._process = process
        self._sock = sock
        self._splitter = Splitter()
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._drain = threading.Thread(target=self._drain_output, name="voxlink-transmitter-output", daemon=True)
        self._drain.start()
        self.priority = ""

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @classmethod
    async def start(cls, *, realtime: bool) -> ChildProcess:
        """Start a process and shake hands. Raises `TransmitterFailed`; then nothing is left behind."""
        child = cls(*_spawn(realtime=realtime))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await child.send(pack(Hello(PIPE_VERSION)))
                child.priority = (await child._greeting()).priority
        except TimeoutError:
            await child.stop()
            raise TransmitterFailed(f"said nothing within {START_TIMEOUT_S:g} s") from None
        except (OSError, InvalidPipeMessage) as error:
            await child.stop()
            raise TransmitterFailed(f"did not start: {child.last_words or error}", child.exit_code) from None
        except BaseException:
            await child.stop()
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

    async def send(self, data: bytes, sock: socket.socket | None = None) -> None:
        """Send one packed message, with a duplicate of a socket. Raises `OSError` when the child is gone."""
        loop = asyncio.get_running_loop()
        if sock is not None:
            sent = 0
            while not sent:
                try:
                    sent = socket.send_fds(self._sock, [data], [sock.fileno()])
                except BlockingIOError:
                    await _until_writable(self._sock)
            data = data[sent:]
        if data:
            await loop.sock_sendall(self._sock, data)

    async def stop(self) -> None:
        """Close the pipe, wait a moment, then kill. The wait is shielded from cancellation."""
        self._sock.close()
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._reap))

    def kill(self) -> None:
        """End a child that hangs."""
        self._process.kill()

    def _reap(self) -> None:
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._drain.join(STOP_TIMEOUT_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def exit_code(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.poll()

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stdout or stderr."""
        return self._said[-1] if self._said else ""

    def _drain_output(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            _log.warning("transmitter %d: %s", self._process.pid, text)


def _spawn(*, realtime: bool) -> tuple[subprocess.Popen[bytes], socket.socket]:
    if getattr(sys, "frozen", False):
        raise TransmitterFailed("cannot be started from a frozen program: there is no Python interpreter to run it")
    if sys.platform == "win32":
        raise TransmitterFailed("needs Unix sockets, which Python does not have on Windows")
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    module = "voxlink.voice.transmitter.child"
    number = theirs.fileno()
    try:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-P", "-m", module, str(number), "realtime" if realtime else "normal"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(number,),
            process_group=0,
        )
    except OSError as error:
        ours.close()
        raise TransmitterFailed(f"cannot be started: {error}") from None
    finally:
        theirs.close()
    return process, ours


async def _until_writable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_writer(sock, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_writer(sock)
