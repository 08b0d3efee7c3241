"""Work of one guild in order; what takes too long is passed."""

from __future__ import annotations

import asyncio
import logging

import pytest

from voxlink._util.tasks import Tasks
from voxlink.client import lanes
from voxlink.client.lanes import Lanes


@pytest.fixture
async def made():
    tasks = Tasks(logging.getLogger("test"))
    yield Lanes(tasks, "a hook")
    await tasks.close()


async def test_work_that_is_too_slow_is_warned_about_and_passed(
    made: Lanes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lanes, "SLOW_S", 0.0)
    gate = asyncio.Event()
    seen: list[str] = []

    async def slow() -> None:
        await gate.wait()
        seen.append("slow")

    async def quick() -> None:
        seen.append("quick")

    first = made.push(1, slow)
    second = made.push(1, quick)
    await second
    assert seen == ["quick"]
    assert "busy for more than" in caplog.text
    gate.set()
    await first
    assert seen == ["quick", "slow"]


async def test_an_idle_lane_holds_no_task(made: Lanes) -> None:
    async def nothing() -> None:
        return

    await made.push(1, nothing)
    await asyncio.sleep(0)
    assert len(made.tasks) == 0


async def test_a_long_queue_lets_others_breathe(made: Lanes) -> None:
    done = 0

    async def count() -> None:
        nonlocal done
        done += 1

    for _ in range(999):
        made.push(1, count)
    last = made.push(1, count)
    others = 0
    while done < 1000:
        await asyncio.sleep(0)
        others += 1
    await last
    assert others >= 1000 // lanes.JOBS_BEFORE_A_BREATH
