"""The threads that render and read: a pool that an event loop can close without blocking or leaving a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers(ThreadPoolExecutor):
    """A thread pool that knows what it still has to do."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="voxlink-render")
        self._open: set[Future[Any]] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a call in a thread."""
        future = super().submit(fn, *args, **kwargs)
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    async def close(self) -> None:
        """Wait for what runs, drop what has not begun, and end the threads. Sources bound how long a call takes."""
        while self._open:
            await asyncio.wait([asyncio.wrap_future(future) for future in list(self._open)])
        self.shutdown(wait=True, cancel_futures=True)
