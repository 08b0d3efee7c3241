"""The words on the pipe between an engine and its transmitter, framed as `framing` does.

Both sides open with `Hello`; keys travel here and
nowhere else, which is why `OpenStream` never shows its own.
"""

from __future__ import annotations

import msgspec

from voxlink._util import framing

PIPE_VERSION = 3
MAX_MESSAGE_BYTES = 1 << 20


class Hello(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """The first message of both sides. `version` must match; `priority` says how the child is scheduled."""

    version: int
    priority: str = ""


class OpenStream(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Send a stream through the socket that travels with this message; see `core.Outlet` for the numbers."""

    stream: int
    mode: str
    key: bytes
    ssrc: int
    sequence: int
    timestamp: int
    timestamp_at: float
    lease_start: int
    lease_end: int
    last_sent: int
    generation: int
    paused: bool
    shared: bytes = b""
    """The socket as bytes (`shared_socket`), where it cannot travel beside the message."""

    def __repr__(self) -> str:
        return f"OpenStream(stream={self.stream}, mode={self.mode!r}, ssrc={self.ssrc}, key=***)"


class CloseStream(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Forget a stream and its socket at once."""

    stream: int


class QueueFrames(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Append frames to a stream."""

    stream: int
    generation: int
    first_id: int
    frames: list[bytes]


class ReplaceFrames(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Put frames in place of all that waits from `first_id` on; answered by `Replaced`."""

    stream: int
    generation: int
    first_id: int
    frames: list[bytes]


class OverwriteFrames(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Put other payloads in place of waiting frames, id by id."""

    stream: int
    generation: int
    first_id: int
    frames: list[bytes]


class ClearFrames(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """Drop all that waits."""

    stream: int
    generation: int


class PauseStream(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """Stop or go on taking frames from the queue."""

    stream: int
    paused: bool


class FinishStream(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """The sound ends with this frame."""

    stream: int
    last_id: int


class ExtendLease(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """Counters may be used up to `lease_end`, which the engine has recorded before."""

    stream: int
    lease_end: int


class StreamState(msgspec.Struct, frozen=True, array_like=True):
    """Where one stream stands; the counts run from `OpenStream` on."""

    stream: int
    last_sent: int
    sequence: int
    counter: int
    starved: bool
    sent: int
    silence: int
    underruns: int
    skipped: int
    late: int
    dropped: int


class Report(msgspec.Struct, frozen=True, array_like=True, tag=20):
    """Streams that moved; empty about once a second when nothing moves, as a sign of life.

    `sent` has the number of a stream for each frame that it sent behind the last one reported, `states` how those
    stand of which there is more to say, `sent` included; a stream's first report is a state. A tick's report comes in
    up to four parts, behind the groups that have sent, so that writing it never holds up a packet for long.
    """

    at: float
    sent: list[int]
    states: list[StreamState]


class Replaced(msgspec.Struct, frozen=True, array_like=True, tag=21):
    """The answer to `ReplaceFrames`."""

    stream: int
    generation: int
    applied: bool
    last_sent: int


ToTransmitter = (
    Hello
    | OpenStream
    | CloseStream
    | QueueFrames
    | ReplaceFrames
    | OverwriteFrames
    | ClearFrames
    | PauseStream
    | FinishStream
    | ExtendLease
)
ToEngine = Hello | Report | Replaced

_at_transmitter = msgspec.msgpack.Decoder(ToTransmitter)
_at_engine = msgspec.msgpack.Decoder(ToEngine)


def pack(message: ToTransmitter | ToEngine) -> bytes:
    """Return the bytes of one message. Raises `InvalidPipeMessage` if it is longer than the limit."""
    return framing.pack(message, MAX_MESSAGE_BYTES)


def add(packed: bytearray, message: ToTransmitter | ToEngine) -> None:
    """Append the bytes of one message. Raises `InvalidPipeMessage` if it is longer than the limit."""
    framing.add(packed, message, MAX_MESSAGE_BYTES)


def parse_to_transmitter(body: bytes | memoryview) -> ToTransmitter:
    """Read what an engine says. Raises `InvalidPipeMessage`."""
    return framing.read(_at_transmitter, body)


def parse_to_engine(body: bytes | memoryview) -> ToEngine:
    """Read what a transmitter says. Raises `InvalidPipeMessage`."""
    return framing.read(_at_engine, body)
