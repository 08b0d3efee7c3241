"""Events reach waiters and streams at once, and hooks in order; nothing waits for a hook."""

from __future__ import annotations

import asyncio
import logging

import pytest

from voxlink._util.tasks import Tasks
from voxlink.client.dispatch import Dispatcher, EventStream
from voxlink.client.events import Event, HookErrorEvent


class Numbered(Event):
    __slots__ = ("guild", "number")

    def __init__(self, number: int, guild: int = 1) -> None:
        self.number = number
        self.guild = guild

    def _guild_key(self) -> int | None:
        return self.guild


@pytest.fixture
async def dispatcher():
    tasks = Tasks(logging.getLogger("test"))
    yield Dispatcher(tasks)
    await tasks.close()


async def test_hooks_of_one_guild_run_in_order_and_guilds_do_not_wait_for_each_other(dispatcher: Dispatcher) -> None:
    seen: list[tuple[int, int]] = []
    gate = asyncio.Event()

    async def hook(event: Numbered) -> None:
        if event.guild == 1 and event.number == 0:
            await gate.wait()
        seen.append((event.guild, event.number))

    dispatcher.hooks.add(Numbered, hook)
    first = [dispatcher.publish(Numbered(number, 1)) for number in range(3)]
    other = [dispatcher.publish(Numbered(number, 2)) for number in range(3)]
    for delivery in other:
        await delivery
    assert seen == [(2, 0), (2, 1), (2, 2)]
    gate.set()
    for delivery in first:
        await delivery
    assert seen[3:] == [(1, 0), (1, 1), (1, 2)]


async def test_plain_functions_partials_and_callable_objects_are_hooks_too(dispatcher: Dispatcher) -> None:
    seen: list[str] = []

    class Callable:
        def __call__(self, event: Event) -> None:
            seen.append("object")

    async def twice(word: str, event: Event) -> None:
        seen.append(word)

    from functools import partial

    for hook in (lambda event: seen.append("plain"), partial(twice, "partial"), Callable()):
        dispatcher.hooks.add(Event, hook)
    await dispatcher.publish(Numbered(1))
    assert sorted(seen) == ["object", "partial", "plain"]


async def test_what_a_hook_raises_becomes_an_event_and_disturbs_nobody(dispatcher: Dispatcher) -> None:
    def broken(event: Event) -> None:
        raise KeyError("mine")

    seen: list[int] = []
    dispatcher.hooks.add(Numbered, broken)
    dispatcher.hooks.add(Numbered, lambda event: seen.append(event.number))
    waiting = asyncio.ensure_future(dispatcher.wait_for(HookErrorEvent, None, 10))
    await asyncio.sleep(0)
    event = Numbered(5)
    await dispatcher.publish(event)
    error = await waiting
    assert (error.hook, error.event, repr(error.error)) == (broken, event, "KeyError('mine')")
    assert seen == [5]


async def test_a_hook_may_wait_for_the_next_event_of_its_own_guild(dispatcher: Dispatcher) -> None:
    found: list[int] = []

    async def hook(event: Numbered) -> None:
        if event.number == 1:
            later = await dispatcher.wait_for(Numbered, lambda e: e.number == 2, 10)
            found.append(later.number)

    dispatcher.hooks.add(Numbered, hook)
    first = dispatcher.publish(Numbered(1))
    await asyncio.sleep(0)
    dispatcher.publish(Numbered(2))
    await first
    assert found == [2]


async def test_awaiting_a_delivery_inside_its_own_lane_returns(dispatcher: Dispatcher) -> None:
    seen: list[int] = []

    async def hook(event: Numbered) -> None:
        seen.append(event.number)
        if event.number == 1:
            await dispatcher.publish(Numbered(2))

    dispatcher.hooks.add(Numbered, hook)
    await dispatcher.publish(Numbered(1))
    await dispatcher.publish(Numbered(3))
    assert seen == [1, 2, 3]


async def test_wait_for_takes_a_base_class_and_raises_what_its_check_raises(dispatcher: Dispatcher) -> None:
    waiting = asyncio.ensure_future(dispatcher.wait_for(Event, None, 10))
    broken = asyncio.ensure_future(dispatcher.wait_for(Numbered, lambda e: 1 / 0 > 0, 10))
    await asyncio.sleep(0)
    event = Numbered(1)
    dispatcher.publish(event)
    assert await waiting is event
    with pytest.raises(ZeroDivisionError):
        await broken


async def test_wait_for_gives_up_in_time(dispatcher: Dispatcher) -> None:
    with pytest.raises(TimeoutError):
        await dispatcher.wait_for(Numbered, None, 0)
    assert not dispatcher.has_listeners(Numbered)


async def test_a_stream_gives_every_event_since_it_was_made(dispatcher: Dispatcher) -> None:
    async with EventStream(dispatcher, Numbered) as events:
        for number in range(3):
            dispatcher.publish(Numbered(number))
        assert [(await anext(events)).number for _ in range(3)] == [0, 1, 2]
        events.close()
        assert [event async for event in events] == []
    assert not dispatcher.has_listeners(Numbered)


async def test_a_stream_that_nobody_reads_does_not_grow_for_ever(dispatcher: Dispatcher) -> None:
    events = EventStream(dispatcher, Numbered)
    for number in range(10_010):
        dispatcher.publish(Numbered(number))
    assert (events.dropped, (await anext(events)).number) == (10, 10)
    events.close()


def test_without_a_loop_waiters_are_served_and_hooks_are_not() -> None:
    dispatcher = Dispatcher(Tasks(logging.getLogger("test")))
    seen: list[Event] = []
    dispatcher.hooks.add(Event, seen.append)
    dispatcher.publish(Numbered(1))
    assert seen == []


async def test_an_event_that_has_to_wait_holds_up_its_guild_and_no_other(dispatcher: Dispatcher) -> None:
    seen: list[tuple[int, int]] = []
    tapped: list[int] = []
    dispatcher.hooks.add(Numbered, lambda event: seen.append((event.guild, event.number)))
    undo = dispatcher.tap(Numbered, lambda event: tapped.append(event.number))  # type: ignore[attr-defined]
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    deliveries = [
        dispatcher.publish(Numbered(1), first),
        dispatcher.publish(Numbered(2)),
        dispatcher.publish(Numbered(3), second),
        dispatcher.publish(Numbered(4)),
    ]
    await dispatcher.publish(Numbered(5, guild=2))
    assert (seen, tapped) == ([(2, 5)], [5])
    first.set_result(None)
    await deliveries[1]
    assert seen[1:] == [(1, 1), (1, 2)]
    second.set_result(None)
    await deliveries[3]
    assert seen[3:] == [(1, 3), (1, 4)]
    assert tapped == [5, 1, 2, 3, 4]
    await dispatcher.publish(Numbered(6), first)  # it has nothing to wait for any more
    assert tapped[-1] == 6
    undo()


async def test_what_a_tap_publishes_comes_after_what_was_kept_back(dispatcher: Dispatcher) -> None:
    seen: list[int] = []
    future = asyncio.get_running_loop().create_future()

    def tap(event: Event) -> None:
        assert isinstance(event, Numbered)
        seen.append(event.number)
        if event.number == 1:
            dispatcher.publish(Numbered(3))

    undo = dispatcher.tap(Numbered, tap)
    dispatcher.publish(Numbered(1), future)
    last = dispatcher.publish(Numbered(2))
    future.set_result(None)
    await last
    await dispatcher.drained()
    assert seen == [1, 2, 3]
    undo()


async def test_a_hook_that_publishes_into_a_guild_that_waits_may_await_it(dispatcher: Dispatcher) -> None:
    future = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def hook(event: Numbered) -> None:
        if event.number == 1:
            dispatcher.publish(Numbered(2), future)
            await dispatcher.publish(Numbered(3))  # it cannot wait for itself
            done.set()

    dispatcher.hooks.add(Numbered, hook)
    dispatcher.publish(Numbered(1))
    async with asyncio.timeout(10):
        await done.wait()
    future.set_result(None)
    await dispatcher.drained()


async def test_a_concurrent_hook_waits_for_no_other_and_nothing_waits_for_it(dispatcher: Dispatcher) -> None:
    seen: list[object] = []
    gate = asyncio.Event()
    all_free = asyncio.Event()

    async def slow(event: Numbered) -> None:
        seen.append(("in turn", event.number))
        await gate.wait()

    async def free(event: Numbered) -> None:
        seen.append(("free", event.number))
        if event.number == 2:
            all_free.set()
        await gate.wait()

    dispatcher.hooks.add(Numbered, slow)
    dispatcher.hooks.add(Numbered, free, concurrent=True)
    deliveries = [dispatcher.publish(Numbered(number, 1)) for number in range(3)]
    async with asyncio.timeout(10):
        await all_free.wait()
    assert seen.count(("in turn", 0)) == 1
    assert ("in turn", 1) not in seen
    dispatcher.hooks.remove(Numbered, slow)
    assert dispatcher.has_listeners(Numbered)
    await dispatcher.publish(Numbered(3, 1))  # only the concurrent hook is left, and it still waits
    gate.set()
    for delivery in deliveries:
        await delivery


async def test_what_a_concurrent_hook_raises_is_told(dispatcher: Dispatcher) -> None:
    def broken(event: Numbered) -> None:
        raise RuntimeError(event.number)

    dispatcher.hooks.add(Numbered, broken, concurrent=True)
    told = EventStream(dispatcher, HookErrorEvent)
    dispatcher.publish(Numbered(7, 1))
    async with asyncio.timeout(10):
        event = await anext(told)
    assert (event.hook, event.event.number) == (broken, 7)  # type: ignore[attr-defined]
    told.close()
