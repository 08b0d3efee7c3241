"""Waiting for something to become true in the simulation: each wait ends, or says what never came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from voxlink.errors import NeverHappened

__all__ = ["Changes"]

T = TypeVar("T")


class Changes:
    """Tells those who wait that something has changed. `told` after each change; `until` to wait for a fact."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def told(self) -> None:
        """Something has changed: everybody who waits looks again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(
        self,
        look: Callable[[], T | None],
        what: str,
        *,
        timeout_s: float,
        instead: Callable[[], object] | None = None,
    ) -> T:
        """Give back the first value other than None that `look` finds; raises `NeverHappened` after `timeout_s`.

        `instead` is asked then for what there was in its place, which the error shows.
        Cancelling is safe and leaves nothing behind.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while (found := look()) is None:
                    await self._change()
        except TimeoutError:
            there_was = "" if instead is None else f"; there was {instead()!r}"
            raise NeverHappened(what + there_was, timeout_s) from None
        return found

    async def _change(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
