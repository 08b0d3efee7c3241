"""What a player hears of the others, between its voice connections and an `async for`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Self

from voxlink.playback.hearing import HeardPcm

MAX_WAITING = 500
"""Frames that wait for a slow reader: one speaker for ten seconds. Beyond, the oldest are dropped and counted."""


class Ears:
    """What the others say, in order of arrival: an asynchronous iterator of `HeardPcm`.

    Goes on over any number of voice connections; ends with the player or with `close`. Use it as a context manager to
    stop listening early. Cancelling a wait loses nothing.
    """

    def __init__(self, on_close: Callable[[Ears], None]) -> None:
        self._on_close = on_close
        self._waiting: deque[HeardPcm] = deque()
        self._changed = asyncio.Event()
        self._is_closed = False
        self.dropped = 0
        """Frames that were dropped because nobody read them in time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> HeardPcm:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()

    def put(self, heard: HeardPcm) -> None:
        """Add what was heard."""
        if self._is_closed:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(heard)
        self._changed.set()

    def close(self) -> None:
        """Stop listening; what waits can still be read. Safe to call twice."""
        if not self._is_closed:
            self._is_closed = True
            self._changed.set()
            self._on_close(self)
