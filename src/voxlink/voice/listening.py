"""The stream of what a listener hears, between the socket's callbacks and an `async for`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Self

from voxlink.voice.receiver import Heard

MAX_WAITING = 2_500
"""Frames that wait for a slow reader: ten speakers for five seconds. Beyond, the oldest are dropped and counted."""


class Listening:
    """What the others say, in order of arrival: an asynchronous iterator of `HeardOpus` and `Lost`.

    Ends with the connection or with `close`; use it as a context manager to stop listening early. Cancelling a wait
    loses nothing. Reading from several tasks at once divides the frames between them.
    """

    def __init__(self, on_close: Callable[[Listening], None]) -> None:
        self._on_close = on_close
        self._waiting: deque[Heard] = deque()
        self._changed = asyncio.Event()
        self._closed = False
        self.dropped = 0
        """Frames that were dropped because nobody read them in time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Heard:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()

    def put(self, item: Heard) -> None:
        """Add what was heard."""
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(item)
        self._changed.set()

    def close(self) -> None:
        """Stop listening; what waits can still be read. Safe to call twice."""
        if not self._closed:
            self._closed = True
            self._changed.set()
            self._on_close(self)
