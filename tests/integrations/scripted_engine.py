"""An engine without sound: it notes what players are told, and says what the test wants said."""

from __future__ import annotations

from typing import Any

import msgspec

from voxlink.errors import TransmitterFailed
from voxlink.playback import Engine, FrameMinute, PlayerHandle
from voxlink.playback.ears import Ears
from voxlink.playback.feed import stream_track
from voxlink.protocol import (
    Filters,
    Loaded,
    LoadedEmpty,
    LoadedTrack,
    Player,
    PlayerState,
    Track,
    TrackInfo,
    TrackStart,
    UpdatePlayer,
    VoiceState,
    encode_wire_track,
)


def song(title: str = "A song") -> Track:
    info = TrackInfo(
        identifier="/song.flac", is_seekable=True, author="Ada", length=180_000, is_stream=False, position=0,
        title=title, uri="/song.flac", source_name="local", artwork_url=None, isrc=None,
    )  # fmt: skip
    track = Track(encoded="", info=info, plugin_info={"probeInfo": "flac"}, user_data={})
    return msgspec.structs.replace(track, encoded=encode_wire_track(track))


class ScriptedPlayer(PlayerHandle):
    def __init__(self, guild_id: int, on_message: Any) -> None:
        self._guild_id = guild_id
        self.on_message = on_message
        self.changes: list[UpdatePlayer] = []
        self.no_replace: list[bool] = []
        self.destroyed = False
        self.refuses: Exception | None = None
        self._template = Player(
            guild_id=str(guild_id),
            track=None,
            volume=100,
            paused=False,
            state=PlayerState(time=0, position=0, connected=True, ping=0),
            voice=VoiceState(token="", endpoint="", session_id="", channel_id=None),
            filters=Filters(),
        )

    guild_id = property(lambda self: self._guild_id)  # type: ignore[assignment]

    async def apply(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.changes.append(change)
        self.no_replace.append(no_replace)

    async def play_pieces(
        self, pieces: Any, *, sound: Any, title: str = "", author: str = "", paused: bool = False
    ) -> Track:
        self.pieces = list(pieces)
        track = stream_track(title=title, author=author)
        self.on_message(TrackStart(guild_id=str(self._guild_id), track=track))
        return track

    def listen(self) -> Ears:
        return Ears(lambda _: None)

    def snapshot(self) -> Player:
        return self._template

    @property
    def frame_counts(self) -> FrameMinute | None:
        return None

    async def destroy(self) -> None:
        self.destroyed = True

    @property
    def voices(self) -> list[tuple[str | None, str | None, str | None]]:
        """Token, endpoint and session of each voice state that it was given."""
        given = [change.voice for change in self.changes if change.voice is not msgspec.UNSET]
        return [(voice.token, voice.endpoint, voice.session_id) for voice in given if voice]  # type: ignore[union-attr]


class ScriptedEngine(Engine):
    def __init__(self, *, starts: bool = True) -> None:
        self.players: dict[int, ScriptedPlayer] = {}
        self.starts = starts
        self.started = self.closed = 0

    async def start(self) -> None:
        if not self.starts:
            raise TransmitterFailed("it does not start")
        self.started += 1

    async def load(self, identifier: str) -> Loaded:
        return LoadedTrack(data=song()) if identifier == "/song.flac" else LoadedEmpty()

    async def create_player(self, *, guild_id: int, user_id: int, on_message: Any) -> PlayerHandle:
        self.players[guild_id] = ScriptedPlayer(guild_id, on_message)
        return self.players[guild_id]

    async def close(self) -> None:
        self.closed += 1
