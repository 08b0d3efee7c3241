"""An engine without sound: players keep their state and say what they do, at once and without a clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from voxlink.errors import EngineClosed, NoMatches, VoxlinkError
from voxlink.playback import Engine, FrameMinute, PlayerHandle, check_change
from voxlink.playback.change import wanted_track
from voxlink.playback.engine import Ears, OnMessage
from voxlink.protocol import (
    EndReason,
    Filters,
    Loaded,
    LoadedEmpty,
    LoadedTrack,
    Player,
    PlayerState,
    PlayerUpdate,
    Track,
    TrackEnd,
    TrackInfo,
    TrackStart,
    UpdatePlayer,
    VoiceState,
    decode_wire_track,
    encode_wire_track,
)


def a_track(title: str = "Tone", *, source: str = "local", length_ms: int = 3000) -> Track:
    """A track that needs no file."""
    identifier = f"/music/{title}.mp3"
    info = TrackInfo(identifier, True, "Nobody", length_ms, False, 0, title, identifier, source)
    bare = Track("", info, {"probeInfo": "mp3"})
    return replace(bare, encoded=encode_wire_track(bare))


class FakePlayer(PlayerHandle):
    """Keeps what it is told. `fail_with` makes the next change fail."""

    def __init__(self, guild_id: int, user_id: int, on_message: OnMessage, engine: FakeEngine) -> None:
        self._guild_id = guild_id
        self.user_id = user_id
        self.say = on_message
        self.engine = engine
        self.track: Track | None = None
        self.volume = 100
        self.paused = False
        self.voice = VoiceState("", "", "", None)
        self.filters = Filters()
        self.fail_with: Exception | None = None
        self.applied: list[UpdatePlayer] = []
        self.destroyed = asyncio.Event()
        self.counts: FrameMinute | None = None

    @property
    def guild_id(self) -> int:
        return self._guild_id

    async def apply(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        check_change(change)
        self.applied.append(change)
        if self.fail_with is not None:
            error, self.fail_with = self.fail_with, None
            raise error
        if change.voice is not UNSET:
            self.voice = change.voice
        if change.volume is not UNSET:
            self.volume = min(max(change.volume, 0), 1000)
        if change.filters is not UNSET:
            self.filters = change.filters
            self.update()
        await self._apply_track(change, no_replace=no_replace)

    async def _apply_track(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        wanted = wanted_track(change)
        if wanted is None:
            self.paused = self.paused if change.paused is UNSET else change.paused
            return
        if no_replace and self.track is not None:
            return
        self.paused = change.paused if change.paused is not UNSET else False
        track = None
        if wanted.identifier is not None:
            track = await self._find(wanted.identifier)
        elif wanted.encoded is not None:
            track = decode_wire_track(wanted.encoded)
        if track is not None and change.track is not UNSET and change.track.user_data is not UNSET:
            track = replace(track, user_data=change.track.user_data)
        self.end(EndReason.STOPPED if track is None else EndReason.REPLACED)
        self.track = track
        if track is not None:
            self.say(TrackStart(self.guild, track))
            self.update()

    async def _find(self, identifier: str) -> Track:
        loaded = await self.engine.load(identifier)
        if not isinstance(loaded, LoadedTrack):
            raise NoMatches(identifier)
        return loaded.data

    @property
    def guild(self) -> str:
        return str(self._guild_id)

    def end(self, reason: EndReason) -> None:
        track, self.track = self.track, None
        if track is not None:
            self.say(TrackEnd(self.guild, track, reason))

    def update(self) -> None:
        self.say(PlayerUpdate(guild_id=self.guild, state=self.state()))

    def state(self) -> PlayerState:
        connected = self.voice.token != ""
        return PlayerState(int(time.time() * 1000), 0, connected, 0 if connected else -1)

    def listen(self) -> Ears:
        raise EngineClosed("a player without sound has no ears")

    def snapshot(self) -> Player:
        return Player(self.guild, self.track, self.volume, self.paused, self.state(), self.voice, self.filters)

    @property
    def frame_counts(self) -> FrameMinute | None:
        return self.counts

    async def play_pieces(self, *_: Any, **__: Any) -> Track:
        raise NotImplementedError("a node plays tracks only")

    async def destroy(self) -> None:
        if self.engine.leave is not None:
            await self.engine.leave.wait()
        if not self.destroyed.is_set():
            self.end(EndReason.STOPPED)
            self.destroyed.set()


class FakeEngine(Engine):
    """Finds what `library` holds; `players` are the newest of each guild."""

    def __init__(self, library: Mapping[str, Loaded] | None = None) -> None:
        self.library = dict(library or {})
        self.players: dict[int, FakePlayer] = {}
        self.asked: list[str] = []
        self.create_error: VoxlinkError | None = None
        self.gate: asyncio.Event | None = None
        """Players are made only once it is set."""
        self.leave: asyncio.Event | None = None
        """Players are destroyed only once it is set."""

    async def start(self) -> None:
        return

    async def load(self, identifier: str) -> Loaded:
        self.asked.append(identifier)
        return self.library.get(identifier, LoadedEmpty())

    async def create_player(self, *, guild_id: int, user_id: int, on_message: OnMessage) -> PlayerHandle:
        if self.gate is not None:
            await self.gate.wait()
        if self.create_error is not None:
            raise self.create_error
        player = FakePlayer(guild_id, user_id, on_message, self)
        self.players[guild_id] = player
        return player

    async def close(self) -> None:
        for player in self.players.values():
            await player.destroy()


def library(**tracks: Track) -> dict[str, Loaded]:
    """Identifiers and the tracks that they name."""
    return {name: LoadedTrack(track) for name, track in tracks.items()}
