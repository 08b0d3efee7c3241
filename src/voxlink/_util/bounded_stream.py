"""A bounded stream between callbacks and an `async for`: who reads too slowly loses the oldest, and it is counted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class BoundedStream(Generic[T]):
    """What was put in, in order: an asynchronous iterator that ends with `close`.

    Use it as a context manager to close it early; `on_close` is called once with the stream. At most `limit` items wait
    for the reader. Cancelling a wait loses nothing. Reading from several tasks at once divides the items between them.
    """

    def __init__(self, limit: int, on_close: Callable[[Self], None]) -> None:
        self._limit = limit
        self._on_close = on_close
        self._waiting: deque[T] = deque()
        self._changed = asyncio.Event()
        self._is_closed = False
        self.dropped = 0
        """Items that were dropped because nobody read them in time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()

    def put(self, item: T) -> None:
        """Add an item; nothing is added after `close`."""
        if self._is_closed:
            return
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(item)
        self._changed.set()

    def close(self) -> None:
        """End the stream; what waits can still be read. Safe to call twice."""
        if not self._is_closed:
            self._is_closed = True
            self._changed.set()
            self._on_close(self)
