"""How events reach hooks, waiters and streams: ordered for each guild, and never in the way of the library.

Each guild has a lane. Hooks of one lane start in the order of the events; one that is still busy after
5 s is warned about and no longer holds up the next. Hooks that are registered as concurrent have a task for each event
and no order. Waiters and streams are served at once, without a lane. An end that
must be written first (see `recorder`) is kept back with all that follows it in its guild, for a bounded time.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from types import CoroutineType
from typing import TypeVar

from voxlink._util.tasks import Tasks
from voxlink.client.events import Event, HookErrorEvent
from voxlink.client.hooks import Hook, HookTable
from voxlink.client.lanes import Delivery, Job, Lanes

__all__ = ["Dispatcher", "EventStream", "is_loop_running"]

log = logging.getLogger("voxlink.client.events")

STREAM_LIMIT = 10_000
TOLD = Delivery(None, done=True)
"""The delivery of an event that no hook waits for."""

_Kept = tuple[Event, asyncio.Future[None] | None, Delivery]

EventT = TypeVar("EventT", bound=Event)


class Dispatcher:
    """Publishes events. Its methods never raise what a hook raises and never wait for one."""

    def __init__(self, tasks: Tasks) -> None:
        self.hooks = HookTable()
        self._tasks = tasks
        self._lanes = Lanes(tasks, "a hook", _which_hooks)
        self._taps: dict[type[Event], list[Callable[[Event], None]]] = {}
        self._kept: dict[int | None, deque[_Kept]] = {}

    def publish(self, event: Event, after: asyncio.Future[None] | None = None) -> Delivery:
        """Give `event` to waiters and streams now, and to hooks in their order. Without a running loop hooks are not
        called. With `after` it is kept back until that is done, and so is what is published later for its guild.
        """
        if after is not None or self._kept:
            key = event._guild_key()  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the event's own room
            if key in self._kept or (after is not None and not after.done()):
                return self._keep(key, event, after)
        return self._tell(event)

    def _keep(self, key: int | None, event: Event, after: asyncio.Future[None] | None) -> Delivery:
        delivery = self._lanes.expect(key)
        self._kept.setdefault(key, deque()).append((event, after, delivery))
        if after is not None:
            after.add_done_callback(lambda _: self._let_go(key))
        return delivery

    def _let_go(self, key: int | None) -> None:
        """Tell what was kept back for a guild, up to the next event that has to wait."""
        kept = self._kept.get(key)
        if kept is None:
            return
        while kept and (kept[0][1] is None or kept[0][1].done()):
            event, _, delivery = kept.popleft()
            self._tell(event, delivery)
        if not kept:
            del self._kept[key]

    async def drained(self) -> None:
        """Wait until what has just been let go is told: its hooks are called, or wait for others of their guild."""
        await asyncio.sleep(0)  # what was kept back is told in this turn of the loop
        await asyncio.sleep(0)  # and the lanes begin in this one

    def _tell(self, event: Event, delivery: Delivery | None = None) -> Delivery:
        kind = type(event)
        if self._taps:
            for base in kind.__mro__:
                for tap in tuple(self._taps.get(base, ())):
                    tap(event)
        hooks, concurrent = self.hooks.found_for(kind)
        if concurrent and is_loop_running():
            for hook in concurrent:
                self._tasks.spawn(self._call_one(hook, event), f"hook-{_name(hook)}")
        if not hooks or not is_loop_running():
            if delivery is None:
                return TOLD
            delivery.finish()
            return delivery
        key = event._guild_key()  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the event's own room
        return self._lanes.push(key, partial(self.call, event, hooks), delivery)

    def call(self, event: Event, hooks: tuple[Hook, ...]) -> Awaitable[object]:
        """Run the hooks of one event at the same time; what they raise becomes a `HookErrorEvent`."""
        if len(hooks) == 1:
            return self._call_one(hooks[0], event)  # without the cost of a task
        return asyncio.gather(*(self._call_one(hook, event) for hook in hooks))

    async def _call_one(self, hook: Hook, event: Event) -> None:
        try:
            result = hook(event)
            if type(result) is CoroutineType or inspect.isawaitable(result):
                await result
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            log.debug("Hook %s was cancelled", _name(hook))
        except Exception as error:
            log.exception("Hook %s raised while it handled %s", _name(hook), type(event).__name__)
            if not isinstance(event, HookErrorEvent):
                self.publish(HookErrorEvent(hook, event, error))

    def tap(self, kind: type[Event], function: Callable[[Event], None]) -> Callable[[], None]:
        """Call `function` at once for every event of class `kind`; the answer undoes it."""
        taps = self._taps.setdefault(kind, [])
        taps.append(function)

        def undo() -> None:
            if function in taps:
                taps.remove(function)
            if not taps and self._taps.get(kind) is taps:
                del self._taps[kind]

        return undo

    async def wait_for(
        self, kind: type[EventT], check: Callable[[EventT], bool] | None, timeout: float | None
    ) -> EventT:
        """The next event of class `kind` that `check` accepts. Raises TimeoutError; what `check` raises is raised
        here.
        """
        future: asyncio.Future[EventT] = asyncio.get_running_loop().create_future()

        def look(event: Event) -> None:
            if future.done() or not isinstance(event, kind):
                return
            try:
                if check is None or check(event):
                    future.set_result(event)
            except Exception as error:  # noqa: BLE001 - told to the waiter
                future.set_exception(error)

        undo = self.tap(kind, look)
        try:
            async with asyncio.timeout(timeout):
                return await future
        finally:
            undo()

    def has_listeners(self, kind: type[Event]) -> bool:
        """Whether anybody would see an event of class `kind`."""
        if any(self.hooks.found_for(kind)):
            return True
        return bool(self._taps) and any(base in self._taps for base in kind.__mro__)


class EventStream(AsyncIterator[EventT]):
    """Events of one class as an async iterator: `async with client.stream(TrackStartEvent) as events: async for …`.

    Collects from the moment it is made; the oldest are dropped beyond 10,000 unread ones, and `dropped` counts them.
    Iteration ends after `close`. Cancelling a read loses nothing.
    """

    def __init__(self, dispatcher: Dispatcher, kind: type[EventT]) -> None:
        self._events: deque[EventT] = deque()
        self._wake = asyncio.Event()
        self._closed = False
        self.dropped = 0
        self._kind = kind
        self._undo = dispatcher.tap(kind, self._take)

    def _take(self, event: Event) -> None:
        if isinstance(event, self._kind):
            if len(self._events) >= STREAM_LIMIT:
                self._events.popleft()
                self.dropped += 1
            self._events.append(event)
            self._wake.set()

    def close(self) -> None:
        """Stop collecting; what was collected can still be read."""
        self._closed = True
        self._undo()
        self._wake.set()

    async def __anext__(self) -> EventT:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._events.popleft()

    async def __aenter__(self) -> EventStream[EventT]:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()


def is_loop_running() -> bool:
    """Whether the caller is inside a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _name(hook: Hook) -> str:
    return getattr(hook, "__qualname__", None) or repr(hook)


def _which_hooks(job: Job) -> str:
    """The hooks that a piece of a lane's work calls, and their event."""
    if not isinstance(job, partial):
        return "a hook"
    event, hooks = job.args
    return f"hook {' or '.join(map(_name, hooks))} ({type(event).__name__})"
