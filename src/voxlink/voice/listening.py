"""The stream of what a listener hears, between the socket's callbacks and an `async for`."""

from __future__ import annotations

from collections.abc import Callable

from voxlink._util.bounded_stream import BoundedStream
from voxlink.voice.receiver import Heard

MAX_WAITING = 2_500
"""Frames that wait for a slow reader: ten speakers for five seconds. Beyond, the oldest are dropped and counted."""


class Listening(BoundedStream[Heard]):
    """What the others say, in order of arrival: an asynchronous iterator of `HeardOpus` and `Lost`.

    Ends with the connection or with `close`; use it as a context manager to stop listening early. Cancelling a wait
    loses nothing. Reading from several tasks at once divides the frames between them. `dropped` counts frames that
    nobody read in time.
    """

    def __init__(self, on_close: Callable[[Listening], None]) -> None:
        super().__init__(MAX_WAITING, on_close)
