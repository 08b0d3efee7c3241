"""The engine across a pipe: the same `Engine`, its work done by a child process that is started again if it dies."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from voxlink._util.tasks import Tasks
from voxlink.errors import EngineClosed, EngineFailed
from voxlink.playback.engine import Engine, EngineConfig, OnMessage, PlayerHandle
from voxlink.playback.remote.player import ProcessLost, RemotePlayer
from voxlink.playback.remote.process import EngineProcess
from voxlink.playback.remote.wire import (
    Alive,
    Done,
    Failed,
    FeedDropped,
    Load,
    Ready,
    Room,
    Said,
    Sound,
    Standing,
    ToEngine,
    ToProgram,
    unpack_error,
)
from voxlink.playback.workers import Workers
from voxlink.protocol import Loaded, decode_loaded

HEALTHY_S = 2.0
"""A process that lived so long is replaced at once; one that did not, after a growing delay."""
FIRST_DELAY_S = 0.1
DELAY_CAP_S = 5.0
PATIENCE_S = 20.0
"""A call waits so long for a process that is being started again."""
ATTEMPTS = 3
"""A call that so many processes have died of is given up."""
ITERATOR_THREADS = 8

T = TypeVar("T")

_log = logging.getLogger("voxlink.playback")


class RemoteEngine(Engine):
    """Loads and plays in a process of its own, so that a busy program does not disturb gateway, DAVE or decoding.

    Everything that a player should be is also known here: if the process is killed, a new one is started and its
    players go on where they were; only what was in flight is heard twice or not at all. The constructor does no work.
    """

    def __init__(self, config: EngineConfig | None = None) -> None:
        self._config = config or EngineConfig()
        self._process: EngineProcess | None = None
        """The process that calls go to; None while there is none."""
        self._newest: EngineProcess | None = None
        """The last one that was started; it is stopped with the engine, whatever becomes of it."""
        self._running = asyncio.Event()
        self._tasks = Tasks(_log)
        self._workers: Workers | None = None
        self._players: dict[int, RemotePlayer] = {}
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[Done]] = {}
        self._restarts = 0

    def __repr__(self) -> str:
        return f"<RemoteEngine pid={self.pid} players={len(self._players)} restarts={self._restarts}>"

    @property
    def pid(self) -> int | None:
        """The id of the process; None while none runs."""
        return None if self._process is None else self._process.pid

    @property
    def restarts(self) -> int:
        """How often the process has died and was started again."""
        return self._restarts

    async def start(self) -> None:
        """See `Engine`. Raises `EngineFailed`; then nothing is left behind."""
        if self._workers is not None:
            return
        process = await EngineProcess.start(self._config)
        self._workers = Workers(ITERATOR_THREADS)
        self._adopt(process)
        self._tasks.spawn(self._keep_running(process), "remote-engine")

    async def load(self, identifier: str) -> Loaded:
        """See `Engine`. Raises `EngineFailed` if no process can be kept running."""
        name = identifier.encode(errors="surrogatepass")
        done = await self.insist(lambda: self.call(lambda number: Load(number, name)))
        return decode_loaded(done.body)

    async def create_player(self, *, guild_id: int, user_id: int, on_message: OnMessage) -> PlayerHandle:
        """See `Engine`."""
        if self._workers is None:
            raise EngineClosed("the engine is not running")
        player = RemotePlayer(
            next(self._numbers),
            guild_id=guild_id,
            user_id=user_id,
            config=self._config,
            desk=self,
            pool=self._workers,
            on_message=on_message,
        )
        self._players[player.number] = player
        if self._running.is_set():
            player.create()
        return player

    async def close(self) -> None:
        """See `Engine`."""
        workers, self._workers = self._workers, None
        if self._players:
            await asyncio.gather(*(player.destroy() for player in list(self._players.values())))
        await self._tasks.close()
        newest, self._newest, self._process = self._newest, None, None
        self._running.clear()
        if newest is not None:
            await newest.stop()
        self._lose_calls()
        if workers is not None:
            await workers.close()

    # ------------------------------------------------------------------ what players use (player.Desk)

    def send(self, message: ToEngine) -> None:
        """See `Desk`."""
        if self._process is not None:
            self._process.send(message)

    def next_number(self) -> int:
        """See `Desk`."""
        return next(self._numbers)

    def forget(self, player: RemotePlayer) -> None:
        """See `Desk`."""
        self._players.pop(player.number, None)

    async def call(self, make: Callable[[int], ToEngine]) -> Done:
        """See `Desk`."""
        process = self._process
        if process is None:
            raise ProcessLost
        number = next(self._numbers)
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._calls[number] = answer
        try:
            process.send(make(number))
            return await answer
        finally:
            self._calls.pop(number, None)

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """See `Desk`."""
        for _ in range(ATTEMPTS):
            if self._workers is None:
                raise EngineClosed("the engine is not running")
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._running.wait()
            except TimeoutError:
                raise EngineFailed("does not come back") from None
            try:
                return await attempt()
            except ProcessLost:
                continue
        raise EngineFailed(f"died {ATTEMPTS} times of the same request")

    # ------------------------------------------------------------------ the process

    async def _keep_running(self, process: EngineProcess) -> None:
        while True:
            started = time.monotonic()
            try:
                while (message := await process.receive()) is not None:
                    self._take(message)
            finally:
                self._running.clear()
                self._process = None
                self._lose_calls()
                for player in self._players.values():
                    player.lost()
                await process.stop()
            self._restarts += 1
            _log.error("the engine process ended (exit status %s); starting it again", process.exit_code)
            process = await self._start_again(healthy=time.monotonic() - started > HEALTHY_S)
            self._adopt(process)
            for player in list(self._players.values()):
                player.create()
                self._tasks.spawn(player.rebuild(), "rebuild")

    def _adopt(self, process: EngineProcess) -> None:
        self._process = self._newest = process
        self._running.set()

    async def _start_again(self, *, healthy: bool) -> EngineProcess:
        for delay in _delays(healthy=healthy):
            await asyncio.sleep(delay)
            try:
                return await EngineProcess.start(self._config)
            except EngineFailed as error:
                _log.error("%s; trying again", error)
        raise AssertionError("delays never end")

    def _take(self, message: ToProgram) -> None:
        match message:
            case Done() | Failed():
                self._answer(message)
            case Said() | Standing() | Sound():
                player = self._players.get(message.player)
                if player is not None:
                    player.take(message)
            case Room(feed=feed, pieces=pieces):
                for player in self._players.values():
                    player.take_room(feed, pieces)
            case FeedDropped(feed=feed):
                for player in self._players.values():
                    player.drop_feed(feed)
            case Ready() | Alive():
                pass  # that it was read is what counts

    def _answer(self, message: Done | Failed) -> None:
        player = self._players.get(message.player)
        if player is not None and message.report is not None:
            player.take_report(message.report)
        answer = self._calls.get(message.call)
        if answer is None or answer.done():
            return
        if isinstance(message, Done):
            answer.set_result(message)
        else:
            answer.set_exception(unpack_error(message))

    def _lose_calls(self) -> None:
        for answer in list(self._calls.values()):
            if not answer.done():
                answer.set_exception(ProcessLost())


def _delays(*, healthy: bool) -> Iterator[float]:
    """Yield the waits before each attempt: none after a healthy run, then growing, with jitter."""
    ceiling = FIRST_DELAY_S
    if healthy:
        yield 0.0
    while True:
        yield ceiling * (0.5 + random.random() / 2)
        ceiling = min(DELAY_CAP_S, ceiling * 2)
