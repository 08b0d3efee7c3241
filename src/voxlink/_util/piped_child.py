"""A Python process of ours with a socket between us: how it starts on every system, what it says, how it ends.

Where there are Unix sockets, parent and child share a socket pair. Elsewhere (Windows) the child connects to a loopback
port of the parent and shows a token that was used for nothing else and that it read from stdin.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import socket
import subprocess
import sys
import threading
from collections import deque

HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX") and sys.platform != "win32"
TOKEN_BYTES = 32
CONNECT_TIMEOUT_S = 10.0
EXIT_CHECK_S = 0.1
LAST_LINES = 20
LOOPBACK = "127.0.0.1"
CREATE_NEW_PROCESS_GROUP = 0x200
"""Of Windows: Ctrl-C is the parent's to handle."""


class CannotStart(Exception):
    """The process could not be started; the text says why and goes on from "the process ..."."""


class PipedChild:
    """One run of `python -P -m module`, with `pipe` as our end once `connect` has returned.

    The constructor starts the process and raises `CannotStart`. What it writes to stdout or stderr is logged for its
    whole life. It leaves by itself when the pipe closes; `close` sees to it in any case. `loopback` asks for the way
    that systems without Unix sockets go.
    """

    def __init__(
        self, module: str, *arguments: str, name: str, log: logging.Logger, loopback: bool = not HAS_UNIX_SOCKETS
    ) -> None:
        if getattr(sys, "frozen", False):
            raise CannotStart("cannot be started from a frozen program: there is no Python interpreter to run it")
        self._name = name
        self._log = log
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._token = secrets.token_bytes(TOKEN_BYTES)
        self._listener: socket.socket | None = None
        self._pipe: socket.socket | None = None
        self._reaping: asyncio.Future[None] | None = None
        self.is_loopback = loopback
        start = self._start_on_loopback if loopback else self._start_with_pair
        self._process = start([sys.executable, "-P", "-m", module], list(arguments))
        self._drain = threading.Thread(target=self._drain_output, name=f"voxlink-{name}-output", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.poll()

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stdout or stderr."""
        return self._said[-1] if self._said else ""

    async def connect(self) -> socket.socket:
        """Return our end of the pipe, non-blocking. Raises `ConnectionError` if the child ends first.

        The caller bounds the wait. Connections without the token are turned away.
        """
        if self._pipe is not None:
            return self._pipe
        assert self._listener is not None
        with self._listener as listener:
            while True:
                sock = await self._accept(listener)
                if await _shows(sock, self._token):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._pipe = sock
                    return sock
                sock.close()

    async def _accept(self, listener: socket.socket) -> socket.socket:
        """Return the next connection; look now and then whether the child is still there."""
        loop = asyncio.get_running_loop()
        accepting = loop.create_task(loop.sock_accept(listener))  # never cancelled in between: it might have one
        try:
            while not (await asyncio.wait([accepting], timeout=EXIT_CHECK_S))[0]:
                if self.exit_code is not None:
                    raise ConnectionResetError("it ended before it connected")
        finally:
            accepting.cancel()
        sock, _ = accepting.result()
        sock.setblocking(False)
        return sock

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    async def close(self, timeout_s: float) -> None:
        """Close the pipe, wait until the process has left by itself, kill it after `timeout_s`.

        Cancelling does not interrupt it. Safe to call twice.
        """
        for sock in (self._pipe, self._listener):
            if sock is not None:
                sock.close()
        if self._reaping is None:
            self._reaping = asyncio.ensure_future(self._reap(timeout_s))
        await asyncio.shield(self._reaping)

    async def _reap(self, timeout_s: float) -> None:
        """Wait on a thread of its own: the loop's executor may be full or shut down."""
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def work() -> None:
            self._wait(timeout_s)
            loop.call_soon_threadsafe(done.set)

        threading.Thread(target=work, name=f"voxlink-{self._name}-reaper", daemon=True).start()
        await done.wait()

    def _wait(self, timeout_s: float) -> None:
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._drain.join(timeout_s)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _start_with_pair(self, command: list[str], arguments: list[str]) -> subprocess.Popen[bytes]:
        self._pipe, theirs = socket.socketpair()
        self._pipe.setblocking(False)
        number = theirs.fileno()
        try:
            return subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [*command, f"fd:{number}", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(number,),
                process_group=0,
            )
        except OSError as error:
            self._pipe.close()
            raise CannotStart(f"cannot be started: {error}") from None
        finally:
            theirs.close()

    def _start_on_loopback(self, command: list[str], arguments: list[str]) -> subprocess.Popen[bytes]:
        self._listener = socket.create_server((LOOPBACK, 0), backlog=1)
        self._listener.setblocking(False)
        port = self._listener.getsockname()[1]
        try:
            process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [*command, f"port:{port}", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                creationflags=CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0,
            )
        except OSError as error:
            self._listener.close()
            raise CannotStart(f"cannot be started: {error}") from None
        assert process.stdin is not None
        try:
            process.stdin.write(self._token)
            process.stdin.close()
        except OSError:
            pass  # it has ended already, which its exit status tells
        return process

    def _drain_output(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            self._log.warning("%s %d: %s", self._name, self._process.pid, text)


def pipe_of_parent(word: str) -> socket.socket:
    """Return the child's end of the pipe; `word` is the first argument that `PipedChild` gave. Blocks for a moment.

    Raises `OSError` if the parent is gone.
    """
    kind, _, number = word.partition(":")
    if kind == "fd":
        return socket.socket(fileno=int(number))
    token = sys.stdin.buffer.read(TOKEN_BYTES)
    sock = socket.create_connection((LOOPBACK, int(number)), CONNECT_TIMEOUT_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(token)
    return sock


async def _shows(sock: socket.socket, token: bytes) -> bool:
    """Whether the other end begins with the token."""
    loop = asyncio.get_running_loop()
    seen = b""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            while len(seen) < len(token):
                data = await loop.sock_recv(sock, len(token) - len(seen))
                if not data:
                    return False
                seen += data
    except (TimeoutError, OSError):
        return False
    return hmac.compare_digest(seen, token)
