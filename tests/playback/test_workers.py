"""Threads that an event loop can close."""

from __future__ import annotations

import asyncio
import threading

from voxlink.playback.workers import Workers


async def test_closing_waits_for_what_runs_and_leaves_no_thread() -> None:
    workers = Workers(2)
    gate = threading.Event()
    done: list[int] = []
    future = workers.submit(lambda: (gate.wait(10), done.append(1)))
    closing = asyncio.create_task(workers.close())
    await asyncio.sleep(0)
    assert not closing.done()
    gate.set()
    await closing
    assert done == [1]
    assert future.done()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("voxlink-render")]


async def test_a_call_that_fails_does_not_keep_it_from_closing() -> None:
    workers = Workers(1)
    workers.submit(int, "no number")
    await workers.close()


async def test_closing_twice_is_harmless() -> None:
    workers = Workers(1)
    await workers.close()
    await workers.close()
