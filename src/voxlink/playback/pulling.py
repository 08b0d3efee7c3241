"""Takes pieces of sound from a program's iterator, only as fast as there is room for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Protocol, TypeAlias

from voxlink.errors import BadType

Pieces: TypeAlias = Iterable[bytes] | AsyncIterable[bytes]
"""Pieces of sound in order; a plain iterable is asked in a thread and may block, an async one on the event loop."""


class Sink(Protocol):
    """Where pieces go: `Feed`, or its other end across a pipe."""

    def put(self, piece: bytes) -> None:
        """Take the next piece; never blocks."""
        ...

    def end(self, reason: str | None = None) -> None:
        """Nothing follows; with a reason, because the program failed."""
        ...


async def pull(pieces: Pieces, sink: Sink, room: asyncio.Semaphore, pool: Executor) -> None:
    """Hand pieces to the sink, one for each unit of `room`, until the iterator ends or fails; then end the sink.

    Raises nothing but `CancelledError`; when cancelled, the sink is not ended. The iterator is closed in any case, a
    plain generator that is running just then as soon as it pauses.
    """
    source = _Async(pieces) if isinstance(pieces, AsyncIterable) else _Plain(pieces, pool)
    reason: str | None = None
    try:
        while True:
            await room.acquire()
            piece = await source.next()
            if piece is None:
                break
            if not isinstance(piece, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise BadType(f"a piece of sound must be bytes, not {type(piece).__name__}")
            sink.put(bytes(piece))
    except Exception as error:  # noqa: BLE001 (the program's own iterator may raise anything; it becomes an event)
        reason = f"{type(error).__name__}: {error}"
    finally:
        await source.close()
    sink.end(reason)


class _Async:
    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._iterator: AsyncIterator[bytes] = aiter(pieces)

    async def next(self) -> bytes | None:
        return await anext(self._iterator, None)

    async def close(self) -> None:
        close = getattr(self._iterator, "aclose", None)  # only generators have one
        if close is not None:
            with contextlib.suppress(Exception):
                await close()


class _Plain:
    def __init__(self, pieces: Iterable[bytes], pool: Executor) -> None:
        self._iterator: Iterator[bytes] = iter(pieces)
        self._pool = pool
        self._running: Future[bytes | None] | None = None

    async def next(self) -> bytes | None:
        self._running = self._pool.submit(next, self._iterator, None)
        return await asyncio.wrap_future(self._running)

    async def close(self) -> None:
        if self._running is None:
            self._close_generator(None)
        else:
            self._running.add_done_callback(self._close_generator)

    def _close_generator(self, _: object) -> None:
        close = getattr(self._iterator, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):
                close()
