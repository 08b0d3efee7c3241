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


async def test_a_holder_that_lends_it_lets_others_in_one_at_a_time_and_waits_for_them() -> None:
    lock = TaskLock()
    seen: list[str] = []
    gate = asyncio.Event()

    async def guest(name: str) -> None:
        async with lock.beside():
            seen.append(f"{name} in")
            await gate.wait()
            seen.append(f"{name} out")

    async with lock:
        async with lock.lent():
            guests = [asyncio.ensure_future(guest(name)) for name in "ab"]
            other = asyncio.ensure_future(guest_of_all(lock, seen))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert seen == ["a in"]
            gate.set()
        assert seen == ["a in", "a out", "b in", "b out"]
        late = asyncio.ensure_future(guest("late"))
        await asyncio.sleep(0)
        assert len(seen) == 4
    await asyncio.gather(*guests, other, late)
    assert seen[4:] == ["other", "late in", "late out"]


async def guest_of_all(lock: TaskLock, seen: list[str]) -> None:
    async with lock:
        seen.append("other")
