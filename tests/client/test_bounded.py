"""Many jobs, a few at a time."""

import asyncio

import pytest

from voxlink.client.bounded import run_bounded


async def test_no_more_than_the_limit_run_at_once_and_all_run() -> None:
    running = most = 0
    done: list[int] = []

    async def job(item: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        done.append(item)

    await run_bounded(range(20), job, 4)
    assert most == 4
    assert sorted(done) == list(range(20))


async def test_one_failure_leaves_the_others_alone_and_is_raised_at_the_end() -> None:
    done: list[int] = []

    async def job(item: int) -> None:
        if item == 1:
            raise KeyError(item)
        done.append(item)

    with pytest.raises(KeyError):
        await run_bounded(range(5), job, 2)
    assert sorted(done) == [0, 2, 3, 4]
