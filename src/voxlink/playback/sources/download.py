"""Fetching a remote file ahead of its reader: bounded in memory, and asked for again when it is cut or stalls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from msgspec import Struct

from voxlink.errors import LoadFailed
from voxlink.playback.sources.byte_window import ByteWindow


class Body(Protocol):
    """The body of one answer."""

    @property
    def begin(self) -> int:
        """Offset in the file of the body's first byte."""
        ...

    async def chunk(self) -> bytes:
        """Return the next bytes, empty at the end. Raises OSError (ConnectionError, TimeoutError)."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


Opener: TypeAlias = Callable[[int], Awaitable[Body]]
"""Asks for the file from an offset on. Raises LoadFailed (no use in asking again) or OSError (perhaps later)."""


class DownloadLimits(Struct, frozen=True, kw_only=True):
    """How much and how long. Every wait ends."""

    read_ahead_bytes: int = 512 << 10
    """So many bytes are fetched before they are asked for: half a minute at 128 kbit/s."""
    history_bytes: int = 128 << 10
    """So many bytes are kept behind the reader: containers look back when they are opened."""
    retries: int = 4
    """So many attempts in a row that bring nothing are made before the file is given up."""
    backoff_s: float = 0.25
    """The pause before the first new attempt; each one after it is twice as long."""


class Download:
    """Fills a window with a file from an offset on. `run` belongs to a task of the event loop; the rest to any thread.

    `changed` guards the window and the state, and is notified whenever they change.
    """

    def __init__(
        self,
        opener: Opener,
        begin: int,
        size: int | None,
        *,
        limits: DownloadLimits,
        changed: threading.Condition,
        is_live: bool = False,
    ) -> None:
        self.window = ByteWindow(begin, history=limits.history_bytes)
        self.error: Exception | None = None
        """Why no more will come, once that is so."""
        self.is_complete = False
        """Whether the window reaches the end of the file."""
        self._opener = opener
        self._size = size
        self._limits = limits
        self._changed = changed
        self._is_live = is_live
        self._reader = begin
        self._room = asyncio.Event()
        self._room.set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, body: Body | None = None) -> None:
        """Fetch to the end, beginning with `body` if the answer is there already. Cancelling hangs up."""
        self._loop = asyncio.get_running_loop()
        failures = 0
        while not self.is_complete and self.error is None:
            at = self.window.end
            try:
                body = body or await self._opener(at)
                await self._drain(body)
            except LoadFailed as error:
                self._end(error)
            except OSError as error:
                failures = 1 if self.window.end > at else failures + 1
                if failures > self._limits.retries or not self._can_go_on:
                    self._end(error)
                else:
                    await asyncio.sleep(self._limits.backoff_s * 2 ** (failures - 1))
            except asyncio.CancelledError:
                self._end(ConnectionAbortedError("the download was stopped"))
                raise
            finally:
                if body is not None:
                    body.close()
                body = None

    @property
    def _can_go_on(self) -> bool:
        """Whether a new answer can continue the file: by its offsets, or because a live stream has none."""
        return self._size is not None or self._is_live

    async def _drain(self, body: Body) -> None:
        surplus = 0 if self._is_live else self.window.end - body.begin
        if surplus < 0:
            raise ConnectionError("the server left out a part of the file")
        while True:
            await self._room.wait()
            chunk = await body.chunk()
            if not chunk:
                break
            kept = chunk[surplus:]  # a server that ignores Range sends its file from the beginning
            surplus -= len(chunk) - len(kept)
            if kept:
                self._grow(kept)
        if self._size is not None and self.window.end < self._size:
            raise ConnectionError(f"the server sent {self.window.end} of {self._size} bytes")
        self._end(None)

    def _grow(self, data: bytes) -> None:
        with self._changed:
            self.window.append(data)
            if self.window.end - self._reader >= self._limits.read_ahead_bytes:
                self._room.clear()
            self._changed.notify_all()

    def _end(self, error: Exception | None) -> None:
        with self._changed:
            self.error = error
            self.is_complete = error is None
            self._changed.notify_all()

    def read(self, at: int, count: int) -> bytes:
        """Return up to `count` bytes from `at` on, empty if there are none yet. Call it with `changed` held."""
        data = self.window.read(at, count)
        self._reader = at + len(data)
        if not data:
            self.window.forget_before(at)
        if self.window.end - self._reader < self._limits.read_ahead_bytes // 2 and not self._room.is_set():
            assert self._loop is not None, "only a running download fills its room"
            self._loop.call_soon_threadsafe(self._room.set)
        return data
