"""Every background task has an owner that stops it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from voxlink._util.tasks import Tasks

LOG = logging.getLogger("voxlink.test")


async def test_close_stops_what_still_runs() -> None:
    tasks = Tasks(LOG)
    stopped = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    tasks.spawn(forever(), "forever")
    tasks.spawn(forever(), "forever")
    await asyncio.sleep(0)
    assert len(tasks) == 2
    await tasks.close()
    assert stopped.is_set()
    assert len(tasks) == 0


async def test_a_failure_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks(LOG)

    async def broken() -> None:
        raise RuntimeError("no such luck")

    task = tasks.spawn(broken(), "broken")
    await asyncio.wait({task})
    await asyncio.sleep(0)
    assert "voxlink-broken ended with an error" in caplog.text
    assert "no such luck" in caplog.text


async def test_a_task_that_closes_its_own_owner_is_left_alone() -> None:
    tasks = Tasks(LOG)
    task = tasks.spawn(tasks.close(), "closer")
    await asyncio.wait_for(task, 5)
    assert not task.cancelled()
