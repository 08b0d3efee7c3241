"""A player of the fake node: what Lavalink does with a change, without a sound. Owns no socket and no clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, Struct, structs

from voxlink.protocol import (
    EndReason,
    ExceptionDetails,
    Filters,
    Message,
    Player,
    PlayerState,
    PlayerUpdate,
    Severity,
    Track,
    TrackEnd,
    TrackException,
    TrackStart,
    TrackStuck,
    UpdatePlayer,
    VoiceState,
    WebSocketClosed,
    decode_wire_track,
)

__all__ = ["FakePlayer", "Refusal"]

NO_VOICE = VoiceState("", "", "", None)


class Refusal(Exception):
    """The fake node answers a request with an error status and this message."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


class Clock(Struct, frozen=True):
    """The two clocks of a node, in seconds: `now` is monotonic, `wall` counts from the epoch."""

    now: Callable[[], float]
    wall: Callable[[], float]


class FakePlayer:
    """One guild's player. `emit` takes its messages; `find` resolves an identifier to a track or raises `Refusal`."""

    def __init__(
        self, guild_id: int, clock: Clock, emit: Callable[[Message], None], find: Callable[[str], Track]
    ) -> None:
        self.guild_id = guild_id
        self.track: Track | None = None
        self.volume = 100
        self.paused = False
        self.voice = NO_VOICE
        self.filters = Filters()
        self.end_time: int | None = None
        self._clock = clock
        self._emit = emit
        self._find = find
        self._anchor_ms = 0.0
        self._anchored_at = clock.now()

    @property
    def connected(self) -> bool:
        """Whether it was given a voice state."""
        return bool(self.voice.token)

    @property
    def position(self) -> int:
        """Where the track is, in ms."""
        if self.track is None:
            return 0
        passed = 0.0 if self.paused or not self.connected else (self._clock.now() - self._anchored_at) * 1000
        position = self._anchor_ms + passed
        return int(position if self.track.info.is_stream else min(position, self.track.info.length))

    @property
    def remaining_s(self) -> float | None:
        """How long the track still plays; None when it stands still or has no end."""
        if self.track is None or self.paused or not self.connected or self.track.info.is_stream:
            return None
        end = min(self.track.info.length, self.end_time or self.track.info.length)
        return max(0.0, (end - self.position) / 1000)

    def state(self) -> PlayerState:
        """The state as `playerUpdate` and answers show it."""
        return PlayerState(int(self._clock.wall() * 1000), self.position, self.connected, 0 if self.connected else -1)

    def snapshot(self) -> Player:
        """The player as answers show it."""
        return Player(
            str(self.guild_id), self._shown(), self.volume, self.paused, self.state(), self.voice, self.filters
        )

    def _shown(self) -> Track | None:
        if self.track is None:
            return None
        return structs.replace(self.track, info=structs.replace(self.track.info, position=self.position))

    def report(self) -> None:
        """Send a `playerUpdate`."""
        self._emit(PlayerUpdate(str(self.guild_id), self.state()))

    # Changes, in Lavalink's order (server.md 1.7)

    def apply(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        """Apply a change that `check_change` has accepted."""
        encoded, identifier, user_data = named_track(change)
        has_track = encoded is not UNSET or identifier is not UNSET
        if change.voice is not UNSET:
            self._anchor(self.position)
            self.voice = change.voice
            self.report()
        if change.paused is not UNSET and not has_track:
            self._pause(change.paused)
        if user_data is not UNSET and not has_track and self.track is not None:
            self.track = structs.replace(self.track, user_data=user_data)
        if change.volume is not UNSET:
            self.volume = min(max(change.volume, 0), 1000)
        if not has_track and self.track is not None:
            if change.position is not UNSET:
                self._seek(change.position)
            if change.end_time is not UNSET:
                self.end_time = change.end_time
        if change.filters is not UNSET:
            # As Lavalink shows them: a filter that was sent as null, or that it does not know, is not there.
            nulls = {name: UNSET for name in change.filters.__struct_fields__ if getattr(change.filters, name) is None}
            self.filters = structs.replace(change.filters, unknown=UNSET, **nulls)
            self.report()
        if has_track and not (no_replace and self.track is not None):
            self._change_track(change, encoded, identifier, user_data)

    def _change_track(self, change: UpdatePlayer, encoded: Any, identifier: Any, user_data: Any) -> None:
        self._pause(change.paused if change.paused is not UNSET else False)
        if encoded is None:
            self.end(EndReason.STOPPED)
            return
        track = self._find(identifier) if identifier is not UNSET else decode_wire_track(encoded)
        self.end(EndReason.REPLACED)
        if user_data is not UNSET:
            track = structs.replace(track, user_data=user_data)
        self.track = track
        self.end_time = change.end_time if change.end_time is not UNSET else None
        self._anchor(change.position if change.position is not UNSET else 0)
        shown = structs.replace(track, info=structs.replace(track.info, position=int(self._anchor_ms)))
        self._emit(TrackStart(str(self.guild_id), shown))
        self.report()

    def _pause(self, paused: bool) -> None:
        self._anchor(self.position)
        self.paused = paused

    def _seek(self, position: int) -> None:
        assert self.track is not None
        if self.track.info.is_seekable:
            self._anchor(max(0, position))
        self.report()

    def _anchor(self, position_ms: float) -> None:
        self._anchor_ms = position_ms
        self._anchored_at = self._clock.now()

    # What happens by itself, or because a test says so

    def end(self, reason: EndReason) -> None:
        """The track leaves the player; nothing if there is none."""
        shown = self._shown()
        if shown is not None:
            self.track = None
            self.end_time = None
            self._emit(TrackEnd(str(self.guild_id), shown, reason))

    def fail(self, message: str, severity: Severity, cause: str, *, then: EndReason | None) -> None:
        """The track raises an exception and, where `then` is given, ends."""
        shown = self._shown()
        if shown is not None:
            details = ExceptionDetails(message, severity, cause, "")
            self._emit(TrackException(str(self.guild_id), shown, details))
            if then is not None:
                self.end(then)

    def stick(self, threshold_ms: int) -> None:
        """The track gives no sound."""
        shown = self._shown()
        if shown is not None:
            self._emit(TrackStuck(str(self.guild_id), shown, threshold_ms))

    def close_voice(self, code: int, reason: str, *, by_remote: bool) -> None:
        """The voice connection closes."""
        self._anchor(self.position)
        self._emit(WebSocketClosed(str(self.guild_id), code, reason, by_remote))


def named_track(change: UpdatePlayer) -> tuple[Any, Any, Any]:
    """Encoded text, identifier and user data of a change, from the new fields or the old ones."""
    if change.track is not UNSET:
        return change.track.encoded, change.track.identifier, change.track.user_data
    return change.encoded_track, change.identifier, UNSET


def check_change(change: UpdatePlayer) -> None:
    """Refuse what Lavalink refuses before it applies anything, with its words and in its order (server.md 1.7)."""
    old = change.encoded_track is not UNSET or change.identifier is not UNSET
    if change.track is not UNSET and old:
        raise Refusal(400, "Cannot specify both track and encodedTrack/identifier")
    encoded, identifier, _ = named_track(change)
    if encoded is not UNSET and identifier is not UNSET:
        raise Refusal(400, "Cannot specify both encodedTrack and identifier")
    voice = change.voice
    if voice is not UNSET and not all(
        (text or "").strip() for text in (voice.token, voice.endpoint, voice.session_id, voice.channel_id)
    ):
        raise Refusal(400, "token, endpoint, sessionId and channelId must be provided in voice state")
    if change.end_time is not UNSET and change.end_time is not None and change.end_time <= 0:
        raise Refusal(400, "End time must be greater than 0")
