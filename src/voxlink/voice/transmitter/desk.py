"""The transmitter's streams under their numbers: applies messages of the engine, makes its reports. Pure, as `core`."""

from __future__ import annotations

from collections.abc import Callable

from voxlink.errors import BadValue, InvalidPipeMessage
from voxlink.voice.encryption import cipher_for
from voxlink.voice.transmitter.core import Outlet, Pacer
from voxlink.voice.transmitter.pipe import (
    ClearFrames,
    CloseStream,
    ExtendLease,
    FinishStream,
    Hello,
    OpenStream,
    OverwriteFrames,
    PauseStream,
    QueueFrames,
    Replaced,
    ReplaceFrames,
    Report,
    StreamState,
    ToEngine,
    ToTransmitter,
)

Send = Callable[[bytes], object]
"""Sends one datagram; an `OSError` counts as a dropped packet."""


class Desk:
    """All streams of one transmitter process.

    `apply` takes each message of the engine, `run_due` makes and sends what is due, `report` says what moved.
    """

    def __init__(self, start: float) -> None:
        self.pacer = Pacer(start)
        self._outlets: dict[int, Outlet] = {}
        self._send: dict[Outlet, Send] = {}
        self._number: dict[Outlet, int] = {}
        self._moved: list[Outlet] = []
        """Streams that sent something since the last report."""

    def open(self, message: OpenStream, send: Send, now: float) -> None:
        """Start a stream that leaves through `send`. Raises `InvalidPipeMessage` for a number that is taken."""
        if message.stream in self._outlets:
            raise InvalidPipeMessage(f"stream {message.stream} is open already")
        try:
            seal = cipher_for(message.mode, message.key).seal
        except BadValue as error:
            raise InvalidPipeMessage(str(error)) from None
        lease = (message.lease_start, message.lease_end)
        outlet = Outlet(seal, ssrc=message.ssrc, sequence=message.sequence, last_sent=message.last_sent, lease=lease)
        outlet.paused = message.paused
        outlet.generation = message.generation
        self._outlets[message.stream] = outlet
        self._send[outlet] = send
        self._number[outlet] = message.stream
        self.pacer.add(outlet, now, timestamp=message.timestamp, timestamp_at=message.timestamp_at)

    def apply(self, message: ToTransmitter) -> ToEngine | None:
        """Obey one message; return the answer, if it has one. Streams that are gone are ignored."""
        if isinstance(message, Hello | OpenStream):
            raise InvalidPipeMessage(f"{type(message).__name__} out of place")
        outlet = self._outlets.get(message.stream)
        if outlet is None:
            if isinstance(message, ReplaceFrames):
                return Replaced(message.stream, message.generation, applied=False, last_sent=-1)
            return None
        if isinstance(message, ReplaceFrames):
            applied = outlet.replace(message.generation, message.first_id, message.frames)
            return Replaced(message.stream, message.generation, applied, outlet.last_sent)
        if isinstance(message, CloseStream):
            self.pacer.remove(outlet)
            del self._outlets[message.stream], self._send[outlet], self._number[outlet]
            return None
        _obey(outlet, message)
        return None

    def run_due(self, now: float) -> None:
        """Send what the group that is due has to say. Call it when `pacer.next_due()` has come."""
        outlets, slot, late = self.pacer.take(now)
        sends, moved = self._send, self._moved
        for outlet in outlets:
            packet = outlet.packet(slot, late=late)
            if packet is not None:
                moved.append(outlet)
                try:
                    sends[outlet](packet)
                except OSError:
                    outlet.dropped += 1

    def report(self, now: float) -> Report:
        """Return the state of each stream that moved since the last report."""
        moved, self._moved = dict.fromkeys(self._moved), []
        numbers = self._number
        return Report(now, [_state(numbers[outlet], outlet) for outlet in moved if outlet in numbers])


def _state(number: int, outlet: Outlet) -> StreamState:
    return StreamState(
        number,
        outlet.last_sent,
        outlet.queued,
        outlet.sequence,
        outlet.counter,
        outlet.starved,
        outlet.sent,
        outlet.silence,
        outlet.underruns,
        outlet.skipped,
        outlet.late,
        outlet.dropped,
    )


def _obey(
    outlet: Outlet,
    message: QueueFrames | OverwriteFrames | ClearFrames | PauseStream | FinishStream | ExtendLease,
) -> None:
    match message:
        case QueueFrames():
            outlet.queue(message.generation, message.first_id, message.frames)
        case OverwriteFrames():
            outlet.overwrite(message.generation, message.first_id, message.frames)
        case ClearFrames():
            outlet.clear(message.generation)
        case PauseStream():
            outlet.paused = message.paused
        case FinishStream():
            outlet.finish(message.last_id)
        case ExtendLease():
            outlet.lease(message.lease_end)
