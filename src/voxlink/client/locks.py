"""A lock that a task may take again while it holds it, and lend while it waits for something slow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self

__all__ = ["TaskLock"]


class TaskLock:
    """Serialises the commands of one player, first come first served. `async with` it; re-entrant within a task."""

    __slots__ = ("_depth", "_guests", "_lock", "_owner")

    def __init__(self) -> None:
        self._lock: asyncio.Lock | None = None
        self._guests: asyncio.Lock | None = None
        self._owner: asyncio.Task[object] | None = None
        self._depth = 0

    def is_mine(self) -> bool:
        """Whether the calling task holds the lock."""
        return self._owner is not None and self._owner is asyncio.current_task()

    @contextlib.asynccontextmanager
    async def lent(self) -> AsyncGenerator[None, None]:
        """In this block of the holder, `beside` lets others in, one at a time; its end waits for who is in."""
        guests = self._guests = asyncio.Lock()
        try:
            yield
        finally:
            self._guests = None
            async with guests:
                pass

    @contextlib.asynccontextmanager
    async def beside(self) -> AsyncGenerator[None, None]:
        """Take the lock, or go in beside a holder that lends it."""
        guests = None if self.is_mine() else self._guests
        async with self if guests is None else guests:
            yield

    async def __aenter__(self) -> Self:
        me = asyncio.current_task()
        if self._owner is not me:
            # Made here because a player may be created before its event loop runs.
            if self._lock is None:
                self._lock = asyncio.Lock()
            await self._lock.acquire()
            self._owner = me
        self._depth += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._owner = None
            assert self._lock is not None
            self._lock.release()
