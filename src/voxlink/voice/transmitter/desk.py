"""The transmitter's streams under their numbers: applies messages of the engine, makes its reports. Pure, as `core`."""

from __future__ import annotations

from voxlink.errors import BadValue, InvalidPipeMessage
from voxlink.voice.encryption import cipher_for
from voxlink.voice.transmitter.core import Outlet, Pacer, Send
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


class Desk:
    """All streams of one transmitter process.

    `apply` takes each message of the engine, `run_due` makes and sends what is due, `report` says what moved.
    """

    def __init__(self, start: float) -> None:
        self.pacer = Pacer(start)
        self._outlets: dict[int, Outlet] = {}
        self._sent: list[int] = []
        """The numbers of streams that sent a frame since the last report, once for each frame."""
        self._moved: list[Outlet] = []
        """Streams that may have news."""

    def open(self, message: OpenStream, send: Send, now: float) -> None:
        """Start a stream that leaves through `send`. Raises `InvalidPipeMessage` for a number that is taken."""
        if message.stream in self._outlets:
            raise InvalidPipeMessage(f"stream {message.stream} is open already")
        try:
            seal = cipher_for(message.mode, message.key).seal
        except BadValue as error:
            raise InvalidPipeMessage(str(error)) from None
        lease = (message.lease_start, message.lease_end)
        outlet = Outlet(
            seal,
            send,
            number=message.stream,
            ssrc=message.ssrc,
            sequence=message.sequence,
            last_sent=message.last_sent,
            lease=lease,
        )
        outlet.pause(message.paused)
        outlet.generation = message.generation
        self._outlets[message.stream] = outlet
        self.pacer.add(outlet, now, timestamp=message.timestamp, timestamp_at=message.timestamp_at)

    def apply(self, message: ToTransmitter) -> ToEngine | None:
        """Obey one message; return the answer, if it has one. Streams that are gone are ignored."""
        if isinstance(message, QueueFrames):
            outlet = self._outlets.get(message.stream)
            if outlet is not None:
                outlet.queue(message.generation, message.first_id, message.frames)
            return None
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
            del self._outlets[message.stream]
            return None
        _obey(outlet, message)
        return None

    def run_due(self, now: float) -> None:
        """Send what the group that is due has to say. Call it when `pacer.next_due()` has come."""
        outlets, slot, late = self.pacer.take(now)
        if late:
            self._run_late(outlets)
        sent, moved = self._sent, self._moved
        used_up: list[Outlet] = []
        for outlet in outlets:
            ready, send = outlet.ready, outlet.send
            if ready:
                packet = ready.popleft()
                sent.append(outlet.number)
            else:
                packet = outlet.packet(slot)
                if packet is None:
                    continue
                if outlet.has_news:
                    moved.append(outlet)
                else:
                    sent.append(outlet.number)
            try:
                send(packet)
            except OSError:
                outlet.dropped += 1
                outlet.has_news = True
                moved.append(outlet)  # the frame counts as sent all the same
            if not ready:
                used_up.append(outlet)
        for outlet in used_up:
            outlet.make_ahead(slot + 1)

    def _run_late(self, outlets: list[Outlet]) -> None:
        for outlet in outlets:
            outlet.run_late()
        self._moved += outlets

    def report(self, now: float) -> Report:
        """Say which streams sent a frame since the last report, and of those with news how they stand."""
        moved, self._moved = self._moved, []
        sent, self._sent = self._sent, []
        states: list[StreamState] = []
        for outlet in moved:
            if outlet.has_news:
                states.append(_state(outlet))
                outlet.has_news = False
        return Report(now, sent, states)


def _state(outlet: Outlet) -> StreamState:
    return StreamState(
        outlet.number,
        outlet.last_sent,
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
    message: OverwriteFrames | ClearFrames | PauseStream | FinishStream | ExtendLease,
) -> None:
    match message:
        case OverwriteFrames():
            outlet.overwrite(message.generation, message.first_id, message.frames)
        case ClearFrames():
            outlet.clear(message.generation)
        case PauseStream():
            outlet.pause(message.paused)
        case FinishStream():
            outlet.finish(message.last_id)
        case ExtendLease():
            outlet.lease(message.lease_end)
