"""The words on the pipe between a program and its engine process. Pure.

Messages are framed as `framing` does. Values of `protocol` travel as their JSON, so that
both ends read them with the one reader there is. The program speaks first, with `Begin`; the engine answers `Ready`.
"""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import msgspec

from voxlink import errors
from voxlink._util import framing
from voxlink.errors import VoxlinkError
from voxlink.playback.engine import EngineConfig
from voxlink.playback.feed import SoundFormat

PIPE_VERSION = 1
MAX_MESSAGE_BYTES = 64 << 20
"""Far above the largest playlist; a longer one is no message of ours."""


class Begin(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """The program's first message. `version` must be the engine's."""

    version: int
    config: EngineConfig


class Load(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Find what an identifier (in UTF-8, lone surrogates allowed) names; answered by `Done` with a load result."""

    call: int
    identifier: bytes


class CreatePlayer(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Make a player; not answered."""

    player: int
    guild_id: int
    user_id: int


class Apply(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Change a player; answered by `Done` or `Failed`. The change may hold a voice token: it is never shown."""

    call: int
    player: int
    change: bytes
    no_replace: bool

    def __repr__(self) -> str:
        return f"Apply(call={self.call}, player={self.player}, change=***)"


class PlayPieces(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Play a feed of the program's, from `start_ms` of it on; answered by `Done`."""

    call: int
    player: int
    feed: int
    sound: SoundFormat
    track: bytes
    start_ms: int
    paused: bool


class Piece(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """The next piece of a feed; sent only where there is `Room`."""

    feed: int
    piece: bytes


class EndPieces(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """A feed is over; with a reason, because the program failed."""

    feed: int
    reason: str | None


class DestroyPlayer(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """End a player; answered by `Done`."""

    call: int
    player: int


class Listen(msgspec.Struct, frozen=True, array_like=True, tag=8):
    """Hear the others in a player's channel; `ears` is a number of the program's."""

    player: int
    ears: int


class StopListening(msgspec.Struct, frozen=True, array_like=True, tag=9):
    """Hear no more for these ears."""

    ears: int


class PlayerReport(msgspec.Struct, frozen=True, array_like=True):
    """A player as it stands: its `protocol.Player`, where its track ends, its last full minute (sent, nulled)."""

    player: bytes
    end_ms: int | None
    minute: tuple[int, int] | None


class Ready(msgspec.Struct, frozen=True, array_like=True, tag=20):
    """The engine runs."""

    version: int


class Done(msgspec.Struct, frozen=True, array_like=True, tag=21):
    """A call has succeeded. `body` is a load result, `report` the player afterwards (number 0: no player)."""

    call: int
    player: int = 0
    body: bytes = b""
    report: PlayerReport | None = None


class Failed(msgspec.Struct, frozen=True, array_like=True, tag=22):
    """A call has raised an error of ours: its class, its text and its attributes (those that JSON could hold)."""

    call: int
    name: str
    text: str
    attributes: dict[str, Any]
    player: int = 0
    report: PlayerReport | None = None


class Said(msgspec.Struct, frozen=True, array_like=True, tag=23):
    """A player has said something: a message of `protocol`, and the player afterwards."""

    player: int
    message: bytes
    report: PlayerReport


class Standing(msgspec.Struct, frozen=True, array_like=True, tag=24):
    """A player as it stands, sent several times a second while it moves."""

    player: int
    report: PlayerReport


class Room(msgspec.Struct, frozen=True, array_like=True, tag=25):
    """The engine takes so many more pieces of a feed."""

    feed: int
    pieces: int


class FeedDropped(msgspec.Struct, frozen=True, array_like=True, tag=26):
    """The engine needs no more of a feed."""

    feed: int


class Sound(msgspec.Struct, frozen=True, array_like=True, tag=27):
    """What one user has said, as PCM (`hearing.HeardPcm`), for one pair of ears."""

    player: int
    ears: int
    user_id: int
    pcm: bytes
    timestamp: int
    is_concealed: bool


class Alive(msgspec.Struct, frozen=True, array_like=True, tag=28):
    """A sign of life, sent every second: an engine that gives none hangs."""


ToEngine: TypeAlias = (
    Begin | Load | CreatePlayer | Apply | PlayPieces | Piece | EndPieces | DestroyPlayer | Listen | StopListening
)
ToProgram: TypeAlias = Ready | Done | Failed | Said | Standing | Room | FeedDropped | Sound | Alive

_to_engine = msgspec.msgpack.Decoder(ToEngine)
_to_program = msgspec.msgpack.Decoder(ToProgram)


def pack(message: ToEngine | ToProgram) -> bytes:
    """Return the bytes of a message, length included. Raises `InvalidPipeMessage` if it is longer than the limit."""
    return framing.pack(message, MAX_MESSAGE_BYTES)


def read_by_engine(body: bytes) -> ToEngine:
    """Read what a program says. Raises `InvalidPipeMessage`."""
    return framing.read(_to_engine, body)


def read_by_program(body: bytes) -> ToProgram:
    """Read what an engine says. Raises `InvalidPipeMessage`."""
    return framing.read(_to_program, body)


def pack_error(call: int, player: int, error: VoxlinkError, report: PlayerReport | None) -> Failed:
    """Say that a call has raised an error."""
    attributes = {name: value for name, value in vars(error).items() if _is_plain(value)}
    return Failed(call, type(error).__name__, str(error), attributes, player, report)


def unpack_error(failed: Failed) -> VoxlinkError:
    """Make the error again, with its class, text and attributes; one that we do not know is a `VoxlinkError`."""
    kind: type[VoxlinkError] = getattr(errors, failed.name) if failed.name in errors.__all__ else VoxlinkError
    error = cast("VoxlinkError", cast("Any", kind).__new__(kind))  # its constructor wants other arguments
    error.args = (failed.text,)
    vars(error).update(failed.attributes)
    return error


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item) for item in cast("list[object]", value))
    return value is None or isinstance(value, str | int | float | bool)
