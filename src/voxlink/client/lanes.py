"""Work of one guild, one piece after another; a piece that takes too long no longer holds up the next."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from voxlink._util.tasks import Tasks

__all__ = ["Delivery", "Lane", "Lanes"]

log = logging.getLogger("voxlink.client.events")

SLOW_S = 5.0
JOBS_BEFORE_A_BREATH = 64

Job = Callable[[], Awaitable[object]]


class Delivery:
    """A piece of work on its way. Awaiting it returns when it has ended; there is no need to.

    Awaited from inside the same guild's lane it returns at once: work cannot wait for itself.
    """

    __slots__ = ("_done", "_future", "lane")

    def __init__(self, lane: Lane | None, done: bool = False) -> None:
        self.lane = lane
        self._done = done
        self._future: asyncio.Future[None] | None = None

    def finish(self) -> None:
        """The work has ended."""
        self._done = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def __await__(self) -> Generator[Any, None, None]:
        if self._done or (self.lane is not None and self.lane.is_current()):
            return
        if self._future is None:
            self._future = asyncio.get_running_loop().create_future()
        yield from self._future.__await__()


class Lane:
    """One guild's work. It holds a task only while there is something to do."""

    __slots__ = ("_job", "_jobs", "_key", "_lanes", "_runners", "_since", "_task", "_watch")

    def __init__(self, lanes: Lanes, key: object) -> None:
        self._lanes = lanes
        self._key = key
        self._jobs: deque[tuple[Job, Delivery]] = deque()
        self._job: Job | None = None
        self._task: asyncio.Task[None] | None = None
        self._runners: set[asyncio.Task[None]] = set()
        self._since = 0.0
        self._watch: asyncio.TimerHandle | None = None

    def is_current(self) -> bool:
        """Whether the calling task runs work of this lane."""
        return asyncio.current_task() in self._runners

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return self._task is None and not self._jobs

    def push(self, job: Job, delivery: Delivery | None) -> Delivery:
        """Do `job` after what was pushed before. `job` must not raise."""
        if delivery is None:
            delivery = Delivery(self)
        else:
            delivery.lane = self
        self._jobs.append((job, delivery))
        if self._task is None:
            self._start()
        return delivery

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        task = self._lanes.tasks.spawn(self._run(), f"{self._lanes.label}-{self._key}")
        self._task = task
        self._runners.add(task)
        task.add_done_callback(self._runners.discard)
        self._since = loop.time()
        self._watch = loop.call_later(SLOW_S, self._look, task)

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        me = asyncio.current_task()
        jobs = self._jobs
        count = 0
        try:
            while jobs and self._task is me:
                job, delivery = jobs.popleft()
                self._job = job
                self._since = now()
                try:
                    await job()
                finally:
                    delivery.finish()
                count += 1
                if count % JOBS_BEFORE_A_BREATH == 0:
                    await asyncio.sleep(0)
        finally:
            if self._task is me:
                self._task = None
                if self._watch is not None:
                    self._watch.cancel()
                self._lanes.drop(self._key, self)

    def _look(self, task: asyncio.Task[None]) -> None:
        """Warn about work that is too slow, and let what comes next pass it."""
        if self._task is not task or task.done():
            return
        loop = asyncio.get_running_loop()
        rest = self._since + SLOW_S - loop.time()
        if rest > 0:
            self._watch = loop.call_later(rest, self._look, task)
            return
        log.warning(
            "%s of guild %s is busy for more than %g s; what comes next goes past it",
            self._lanes.name_of(self._job),
            self._key,
            SLOW_S,
        )
        self._task = None
        if self._jobs:
            self._start()
        else:
            self._lanes.drop(self._key, self)


class Lanes:
    """The lanes of all guilds, made when they are needed and dropped when they are idle.

    `label` says what kind of work it is, `describe` which piece of it, for the warning about one that is too slow.
    """

    def __init__(self, tasks: Tasks, label: str, describe: Callable[[Job], str] | None = None) -> None:
        self.tasks = tasks
        self.label = label
        self._describe = describe
        self._lanes: dict[object, Lane] = {}

    def name_of(self, job: Job | None) -> str:
        """What a piece of work is called."""
        return self.label if job is None or self._describe is None else self._describe(job)

    def push(self, key: object, job: Job, delivery: Delivery | None = None) -> Delivery:
        """Do `job` in the lane of `key`. Needs a running event loop. `delivery` is one that `expect` has made."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(self, key)
        return lane.push(job, delivery)

    def expect(self, key: object) -> Delivery:
        """A piece of work that will be pushed later, or is finished without."""
        return Delivery(self._lanes.get(key))

    def drop(self, key: object, lane: Lane) -> None:
        """Forget a lane that is idle."""
        if self._lanes.get(key) is lane and lane.is_idle:
            del self._lanes[key]
