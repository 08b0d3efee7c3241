"""Many small jobs, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

__all__ = ["run_bounded"]

T = TypeVar("T")


async def run_bounded(items: Iterable[T], job: Callable[[T], Coroutine[Any, Any, None]], limit: int) -> None:
    """Run `job` for each item, at most `limit` at a time, and return when all have ended.

    An error of one job leaves the others alone and is raised at the end (the first one). Cancelling cancels all.
    """
    pending = list(items)
    pending.reverse()
    errors: list[Exception] = []

    async def worker() -> None:
        while pending:
            item = pending.pop()
            try:
                await job(item)
            except Exception as error:  # noqa: BLE001 - raised again once all jobs have ended
                errors.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(limit, len(pending))):
            group.create_task(worker())
    if errors:
        raise errors[0]
