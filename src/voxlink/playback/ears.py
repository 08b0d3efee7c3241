"""What a player hears of the others, between its voice connections and an `async for`."""

from __future__ import annotations

from collections.abc import Callable

from voxlink._util.bounded_stream import BoundedStream
from voxlink.playback.hearing import HeardPcm

MAX_WAITING = 500
"""Frames that wait for a slow reader: one speaker for ten seconds. Beyond, the oldest are dropped and counted."""


class Ears(BoundedStream[HeardPcm]):
    """What the others say, in order of arrival: an asynchronous iterator of `HeardPcm`.

    Goes on over any number of voice connections; ends with the player or with `close`. Use it as a context manager to
    stop listening early. Cancelling a wait loses nothing. `dropped` counts frames that nobody read in time.
    """

    def __init__(self, on_close: Callable[[Ears], None]) -> None:
        super().__init__(MAX_WAITING, on_close)
