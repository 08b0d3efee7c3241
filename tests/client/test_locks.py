"""A lock that its task may take again."""

import asyncio

from voxlink.client.locks import TaskLock


async def test_a_task_may_take_its_lock_again() -> None:
    lock = TaskLock()
    async with lock, lock:
        assert lock.is_mine()
    assert not lock.is_mine()


async def test_others_wait_in_the_order_of_their_coming() -> None:
    lock = TaskLock()
    order: list[int] = []

    async def worker(number: int) -> None:
        async with lock:
            await asyncio.sleep(0)
            async with lock:
                order.append(number)

    await asyncio.gather(*(worker(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_a_cancelled_waiter_leaves_the_lock_to_the_next() -> None:
    lock = TaskLock()
    async with lock:
        waiter = asyncio.ensure_future(lock.__aenter__())
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
    async with lock:
        assert lock.is_mine()
