"""One engine process as the program sees it: start, greeting, messages both ways, end."""

from __future__ import annotations

import asyncio
import logging

from voxlink._util.piped_child import HAS_UNIX_SOCKETS, CannotStart, PipedChild
from voxlink.errors import EngineFailed, InvalidPipeMessage
from voxlink.playback.engine import EngineConfig
from voxlink.playback.remote.channel import Channel, open_channel
from voxlink.playback.remote.wire import PIPE_VERSION, Begin, Ready, ToEngine, ToProgram, read_by_program

START_TIMEOUT_S = 30.0
SILENT_S = 15.0
"""A process that says nothing for so long hangs; it gives a sign of life every second."""
STOP_TIMEOUT_S = 5.0
MODULE = "voxlink.playback.remote.child"

_log = logging.getLogger("voxlink.playback")


class EngineProcess:
    """A running engine process. `start` makes one, `stop` ends it in any case."""

    def __init__(self, process: PipedChild, channel: Channel[ToProgram]) -> None:
        self._process = process
        self._channel = channel

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
    async def start(cls, config: EngineConfig, *, loopback: bool = not HAS_UNIX_SOCKETS) -> EngineProcess:
        """Start a process and wait until its engine runs. Raises `EngineFailed`; then nothing is left behind.

        `loopback` asks for the way that systems without Unix sockets go.
        """
        try:
            process = PipedChild(MODULE, name="engine", log=_log, loopback=loopback)
        except CannotStart as error:
            raise EngineFailed(str(error)) from None
        channel: Channel[ToProgram] | None = None
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                channel = await open_channel(await process.connect(), read_by_program)
                channel.send(Begin(PIPE_VERSION, config))
                ready = await channel.receive()
        except BaseException as error:
            if channel is not None:
                await channel.close()
            await process.close(STOP_TIMEOUT_S)
            if isinstance(error, TimeoutError):
                raise EngineFailed(f"said nothing within {START_TIMEOUT_S:g} s") from None
            if isinstance(error, InvalidPipeMessage):
                raise EngineFailed(f"makes no sense: {error}") from None
            if isinstance(error, OSError):
                raise EngineFailed(f"did not start: {process.last_words or error}", process.exit_code) from None
            raise
        child = cls(process, channel)
        if not isinstance(ready, Ready) or ready.version != PIPE_VERSION:
            await child.stop()
            raise EngineFailed(f"did not start: {child.last_words or 'it said nothing'}", child.exit_code)
        return child

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
        await self._channel.close()
        await self._process.close(STOP_TIMEOUT_S)
