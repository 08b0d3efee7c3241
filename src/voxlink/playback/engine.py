"""What a playback engine is: it loads tracks and has players. Two implementations, held by one contract test."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Annotated, Self, TypeAlias

from msgspec import Meta, Struct

from voxlink.playback.ears import Ears
from voxlink.playback.feed import SoundFormat
from voxlink.playback.frame_counts import FrameMinute
from voxlink.playback.pulling import Pieces
from voxlink.playback.sources import HttpSettings
from voxlink.protocol import Loaded, Player, PlayerEvent, PlayerUpdate, Track, UpdatePlayer

OnMessage: TypeAlias = Callable[[PlayerUpdate | PlayerEvent], None]
"""Takes a player's messages, in order, on the event loop. It must return at once and must not raise."""


class EngineConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an engine can be told. Takes effect when the engine is made."""

    local_files: bool = False
    """Whether identifiers may name files of this machine."""
    http: bool = True
    """Whether identifiers may be http and https addresses."""
    http_settings: HttpSettings = HttpSettings()
    """How patient the http source is."""
    player_update_interval_s: Annotated[float, Meta(gt=0)] = 5.0
    """A `PlayerUpdate` comes so often while a track is loaded."""
    frame_queue_ms: Annotated[int, Meta(ge=200, le=2000)] = 1000
    """So much sound waits at the transmitter. Its depth delays no command."""
    track_stuck_threshold_ms: Annotated[int, Meta(ge=100)] = 10_000
    """A track that gives no sound for so long is reported as stuck."""
    opus_bitrate_bps: Annotated[int, Meta(ge=6_000, le=510_000)] = 128_000
    """Bit rate of what is not passed through."""
    opus_complexity: Annotated[int, Meta(ge=0, le=10)] = 10
    """libopus' effort, 0 to 10."""
    voice_timeout_s: Annotated[float, Meta(gt=0)] = 10.0
    """Joining a voice server may take so long."""


class PlayerHandle(ABC):
    """One guild's player."""

    @property
    @abstractmethod
    def guild_id(self) -> int:
        """The guild that it plays for."""

    @abstractmethod
    async def apply(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        """Do what a change asks for, in Lavalink's order (server.md 1.7).

        `no_replace` leaves a loaded track alone. Raises, with nothing applied, `InvalidChange` and
        `FilterUnavailable`; with the steps before it applied, the `VoiceConnectError` family (voice comes first),
        `InvalidTrack`, `LoadFailed`, `NoMatches` and `NotOneTrack` (the track comes last). `EngineClosed` after
        `destroy`. Cancelling leaves what was applied.
        """

    @abstractmethod
    async def play_pieces(
        self, pieces: Pieces, *, sound: SoundFormat, title: str = "", author: str = "", paused: bool = False
    ) -> Track:
        """Play sound that the caller's iterator hands over, in place of the track there is.

        Pieces are Opus packets (of 20 ms, to pass through untouched), or PCM: 48 kHz, stereo, 16 bit, little-endian,
        of any length. They are asked for as they are needed, about a second ahead; a plain iterable in a thread, an
        async one on the event loop. If the iterator raises, the track ends with an exception. The track that is
        returned is a stream: it cannot seek, and pauses by not being asked. Raises `EngineClosed`.
        """

    @abstractmethod
    def listen(self) -> Ears:
        """Hear the others in the voice channel as PCM, losses concealed, over all connections to come.

        Close it, or leave its `with`, when you have heard enough: while nobody listens, nothing is received. Raises
        `EngineClosed`.
        """

    @abstractmethod
    def snapshot(self) -> Player:
        """The player as the API shows it, at this moment."""

    @property
    @abstractmethod
    def frame_counts(self) -> FrameMinute | None:
        """Frames of the last full minute; None unless it played through that minute (server.md 2.4)."""

    @abstractmethod
    async def destroy(self) -> None:
        """End the track (`stopped`), leave the voice channel, free everything. Safe to call twice."""


class Engine(ABC):
    """Loads tracks and plays them. Use it with `async with`; closing destroys its players."""

    @abstractmethod
    async def start(self) -> None:
        """Start what the engine needs. Raises `TransmitterFailed`; then nothing is left behind."""

    @abstractmethod
    async def load(self, identifier: str) -> Loaded:
        """Find what an identifier names. Failures are a `LoadedError` value, never raised."""

    @abstractmethod
    async def create_player(self, *, guild_id: int, user_id: int, on_message: OnMessage) -> PlayerHandle:
        """Make a player for a guild, playing as this user. Raises `EngineClosed`."""

    @abstractmethod
    async def close(self) -> None:
        """Destroy all players and stop every task, thread and process of the engine. Safe to call twice."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
