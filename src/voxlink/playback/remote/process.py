"""One engine process as the program sees it: start, greeting, messages both ways, end."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
from collections import deque

from voxlink.errors import EngineFailed, InvalidPipeMessage
from voxlink.playback.engine import EngineConfig
from voxlink.playback.remote.channel import Channel, open_channel
from voxlink.playback.remote.wire import PIPE_VERSION, Begin, Ready, ToEngine, ToProgram, read_by_program

START_TIMEOUT_S = 30.0
SILENT_S = 15.0
"""A process that says nothing for so long hangs; it gives a sign of life every second."""
STOP_TIMEOUT_S = 5.0
LAST_LINES = 20
MODULE = "voxlink.playback.remote.child"

_log = logging.getLogger("voxlink.playback")


class EngineProcess:
    """A running engine process. `start` makes one, `stop` ends it in any case."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel[ToProgram]) -> None:
        self._process = process
        self._channel = channel
        self._said: deque[str] = deque(maxlen=LAST_LINES)
        self._reaping: asyncio.Future[None] | None = None
        self._drain = threading.Thread(target=self._drain_output, name="voxlink-engine-output", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.poll()

    @classmethod
    async def start(cls, config: EngineConfig) -> EngineProcess:
        """Start a process and wait until its engine runs. Raises `EngineFailed`; then nothing is left behind."""
        process, sock = _spawn()
        child = cls(process, await open_channel(sock, read_by_program))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                child.send(Begin(PIPE_VERSION, config))
                ready = await child._channel.receive()
        except TimeoutError:
            await child.stop()
            raise EngineFailed(f"said nothing within {START_TIMEOUT_S:g} s") from None
        except InvalidPipeMessage as error:
            await child.stop()
            raise EngineFailed(f"makes no sense: {error}") from None
        except BaseException:
            await child.stop()
            raise
        if not isinstance(ready, Ready) or ready.version != PIPE_VERSION:
            await child.stop()
            raise EngineFailed(f"did not start: {child.last_words or 'it said nothing'}", child.exit_code)
        return child

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stdout or stderr."""
        return self._said[-1] if self._said else ""

    def send(self, message: ToEngine) -> None:
        """Send a message; nothing happens if the process is gone."""
        self._channel.send(message)

    async def receive(self) -> ToProgram | None:
        """Return the next message; None when the process is gone, hangs or makes no sense."""
        try:
            async with asyncio.timeout(SILENT_S):
                return await self._channel.receive()
        except TimeoutError:
            _log.error("the engine process has said nothing for %g s; killing it", SILENT_S)
        except InvalidPipeMessage as error:
            _log.error("the engine process makes no sense: %s", error)
        self._process.kill()
        return None

    async def stop(self) -> None:
        """Close the pipe, wait a moment, then kill. Cancelling does not interrupt it. Safe to call twice."""
        if self._reaping is None:
            self._reaping = asyncio.ensure_future(self._stop())
        await asyncio.shield(self._reaping)

    async def _stop(self) -> None:
        await self._channel.close()
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def reap() -> None:
            self._reap()
            loop.call_soon_threadsafe(done.set)

        threading.Thread(target=reap, name="voxlink-engine-reaper", daemon=True).start()
        await done.wait()

    def _reap(self) -> None:
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._drain.join(STOP_TIMEOUT_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _drain_output(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            _log.warning("engine process %d: %s", self._process.pid, text)


def _spawn() -> tuple[subprocess.Popen[bytes], socket.socket]:
    if getattr(sys, "frozen", False):
        raise EngineFailed("cannot be started from a frozen program: there is no Python interpreter to run it")
    if sys.platform == "win32":
        raise EngineFailed("needs Unix sockets, which Python does not have on Windows")
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    number = theirs.fileno()
    try:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-P", "-m", MODULE, str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(number,),
            process_group=0,
        )
    except OSError as error:
        ours.close()
        raise EngineFailed(f"cannot be started: {error}") from None
    finally:
        theirs.close()
    return process, ours
