"""What stands in for event loop, clock, sockets and transmitter, so that a connection can be fuzzed at full speed.

Everything between the sockets' callbacks and davey is the real thing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any, cast

from voxlink.errors import DaveFailure
from voxlink.voice import connection, dave_session
from voxlink.voice.stream import FrameStream
from voxlink.voice.transmitter.pipe import ToTransmitter


class Done:
    """A task that is over before it began."""

    def set_name(self, name: str) -> None:
        pass


class StillLoop:
    """An event loop that never turns, and the clock. Timers are fired by whoever owns the connection."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    def get_debug(self) -> bool:
        return False

    def call_later(self, delay: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        return asyncio.TimerHandle(self.now + delay, callback, args, cast("asyncio.AbstractEventLoop", self))

    def call_soon(self, callback: Callable[[], object]) -> None:
        callback()

    def create_task(self, work: Coroutine[Any, Any, None], **_: object) -> Done:
        """The only task is to close the sockets, of which there are none."""
        work.close()
        return Done()

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A handle tells its loop."""


class Wire:
    """In the place of `link.Link`: notes what the connection wants."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.wants_socket = False
        self.wants_media = False
        self.media_socket: socket | None = None

    def open_socket(self, endpoint: str) -> None:
        self.wants_socket = True

    def send(self, message: str | bytes) -> None:
        self.sent.append(message)

    def close_socket(self, code: int) -> None:
        self.wants_socket = False

    def open_media(self, address: str, port: int) -> None:
        self.wants_media = True
        self.media_socket = cast("socket", object())  # carried to the transmitter only

    def send_datagram(self, data: bytes) -> None:
        pass

    def close_media(self) -> None:
        self.wants_media = False
        self.media_socket = None

    async def close(self) -> None:
        pass


class NoTransmitter:
    """In the place of the transmitter's handle: frames are encrypted, and stay where they are."""

    def post(self, message: ToTransmitter, sock: socket | None = None) -> None:
        pass

    def pull(self, stream: FrameStream) -> None:
        stream.take_batch()

    def enlist(self, stream: FrameStream) -> int:
        return 1

    def dismiss(self, number: int) -> None:
        pass


class Watch(logging.Handler):
    """Counts what was asked of davey and what it said, and puts each log line into words."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[tuple[str, str]] = Counter()
        """(step, `ok` or davey's word for what is wrong) -> how often."""
        self.reached = 0
        """Calls of davey."""
        self.passed = 0
        """Messages and packets that came past our readers."""

    def emit(self, record: logging.LogRecord) -> None:
        record.getMessage()

    def attempt(self, step: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.reached += 1
        try:
            result = _attempt(step, call, *args, **kwargs)
        except DaveFailure as failure:
            self.calls[step, failure.variant] += 1
            raise
        self.calls[step, "ok"] += 1
        return result


_attempt = dave_session._attempt  # the one door to davey
_log = logging.getLogger("voxlink.voice")


@contextmanager
def still(watch: Watch, loop: StillLoop) -> Iterator[None]:
    """Within this, connections live on a loop that never turns and in its time, and davey is watched."""
    before = connection._now, dave_session._attempt, _log.propagate, _log.level
    running = asyncio._get_running_loop()  # a loop's own way to say that it runs
    connection._now, dave_session._attempt = loop.time, watch.attempt
    _log.propagate = False
    _log.setLevel(logging.INFO)
    _log.addHandler(watch)
    asyncio._set_running_loop(cast("asyncio.AbstractEventLoop", loop))
    try:
        yield
    finally:
        asyncio._set_running_loop(running)
        _log.removeHandler(watch)
        connection._now, dave_session._attempt, _log.propagate = before[:3]
        _log.setLevel(before[3])
