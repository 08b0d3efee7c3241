"""One player's state and its events, pure: commands and facts go in with the time, protocol messages come out.

Order and wording follow server.md 2 (what a real Lavalink 4.2 was seen to send), with the differences that it marks
as "Node": a track ends with the frame that was sent last, and position stands still while nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from voxlink.errors import InvalidTrack
from voxlink.protocol import (
    EndReason,
    ExceptionDetails,
    Filters,
    Player,
    PlayerEvent,
    PlayerState,
    PlayerUpdate,
    Track,
    TrackEnd,
    TrackException,
    TrackStart,
    TrackStuck,
    VoiceState,
    WebSocketClosed,
    encode_wire_track,
)

CLEANUP_AFTER_S = 60.0
"""A track that nobody could have heard for this long ends with `cleanup` (server.md 2.1)."""
MAX_VOLUME = 1000
NO_VOICE = VoiceState(token="", endpoint="", session_id="", channel_id=None)
"""What a player shows before it has a voice connection (server.md 1.6)."""


class Moment(NamedTuple):
    """A point in time on two clocks: seconds of a monotonic clock, and seconds since the epoch."""

    mono: float
    wall: float


class PlayerMachine:
    """What a player is, and what it says about it.

    Every method that can cause messages returns them in the order in which they must be sent. `part` numbers the
    uninterrupted stretches of sound (it grows with each play and each accepted seek), so that facts about an older
    stretch are recognised and ignored.
    """

    def __init__(self, guild_id: int, *, update_interval_s: float, stuck_after_ms: int) -> None:
        self.guild_id = guild_id
        self.track: Track | None = None
        self.volume = 100
        self.paused = False
        self.filters = Filters()
        self.end_ms: int | None = None
        self.voice = NO_VOICE
        self.connected = False
        self.ping_ms = -1
        self.part = 0
        self._guild = str(guild_id)
        self._interval_s = update_interval_s
        self._stuck_after_ms = stuck_after_ms
        self._position_ms = 0
        self._update_at = 0.0
        self._delivered_at = 0.0
        self._unheard_since = 0.0
        self._has_sound = False
        self._failed = False
        self._stuck = False
        self._played_out = False

    # ------------------------------------------------------------------ commands

    def play(
        self, track: Track, *, start_ms: int, end_ms: int | None, paused: bool, now: Moment
    ) -> list[PlayerUpdate | PlayerEvent]:
        """Take a new track; the old one, if any, ends `replaced`. `start_ms` is announced exactly as given."""
        messages = self._end(EndReason.REPLACED)
        self.paused = paused
        self.track = track
        self.part += 1
        self._position_ms = start_ms
        # server.md 1.7 step 7: a start beyond the end time plays on.
        self.end_ms = None if end_ms is None or start_ms >= end_ms else end_ms
        self._has_sound = self._failed = self._stuck = self._played_out = False
        self._delivered_at = self._unheard_since = now.mono
        self._update_at = now.mono + self._interval_s
        return [*messages, TrackStart(guild_id=self._guild, track=self._current()), self._update(now)]

    def stop(self) -> list[PlayerUpdate | PlayerEvent]:
        """End the track as `stopped`; nothing is said when there was none. A stop un-pauses (server.md 1.7 step 9)."""
        return self._end(EndReason.STOPPED)

    def set_paused(self, paused: bool, now: Moment) -> list[PlayerUpdate | PlayerEvent]:
        """Pause or resume; a track whose sound had ended while paused ends on resume."""
        if self.paused and not paused:
            self._delivered_at = now.mono
        self.paused = paused
        return self._maybe_end()

    def set_volume(self, volume: int) -> None:
        """Set the volume in percent, clamped to 0..1000."""
        self.volume = min(max(volume, 0), MAX_VOLUME)

    def set_user_data(self, user_data: Mapping[str, Any]) -> None:
        """Replace the current track's user data; ignored without a track."""
        if self.track is not None:
            self.track = replace(self.track, user_data=dict(user_data))

    def set_end(self, end_ms: int | None) -> None:
        """Set or clear where the track ends; a place that was passed already is ignored."""
        late = end_ms is not None and end_ms <= self._position_ms
        self.end_ms = None if self.track is None or late else end_ms

    def seek(self, position_ms: int, now: Moment) -> list[PlayerUpdate | PlayerEvent]:
        """Go to a place in the track; `part` has grown if sound must be rendered from there.

        Without a track nothing happens; in a track that cannot seek only the update is sent. A seek past the end time
        finishes the track.
        """
        if self.track is None:
            return []
        if self.track.info.is_seekable and not self._failed:
            self._position_ms = max(position_ms, 0)
            self._played_out = False
            self.part += 1
            if self.end_ms is not None and self._position_ms >= self.end_ms:
                return [self._update(now), *self._end(EndReason.FINISHED)]
        return [self._update(now)]

    def set_filters(self, filters: Filters, now: Moment) -> list[PlayerUpdate | PlayerEvent]:
        """Replace all filters; an update follows, also without a track."""
        self.filters = filters
        return [self._update(now)]

    def destroy(self) -> list[PlayerUpdate | PlayerEvent]:
        """The player goes away: its track ends `stopped`."""
        return self._end(EndReason.STOPPED)

    # ------------------------------------------------------------------ facts

    def has_sound(self, part: int) -> None:
        """A first frame of the track was made: a failure from now on ends it `finished`, not `loadFailed`."""
        if part == self.part:
            self._has_sound = True

    def sent(self, part: int, position_ms: float, now: Moment) -> None:
        """Frames were sent; `position_ms` is where the last of them ends in the source."""
        self._delivered_at = now.mono
        if part == self.part and self.track is not None:
            self._position_ms = round(position_ms)

    def failed(self, part: int, exception: ExceptionDetails) -> list[PlayerUpdate | PlayerEvent]:
        """The track's sound broke off. Its end follows with `played_out`, when what was made of it was sent."""
        if part != self.part or self.track is None or self._failed:
            return []
        self._failed = True
        return [TrackException(guild_id=self._guild, track=self._current(), exception=exception)]

    def played_out(self, part: int) -> list[PlayerUpdate | PlayerEvent]:
        """Everything that will ever be made of the track was sent."""
        if part == self.part and self.track is not None:
            self._played_out = True
        return self._maybe_end()

    def voice_joining(self) -> None:
        """A new voice connection is being made; until it stands the player shows none."""
        self.voice = NO_VOICE

    def voice_connected(self, voice: VoiceState, now: Moment) -> list[PlayerUpdate | PlayerEvent]:
        """The voice gateway is ready."""
        if not self.connected:
            self._delivered_at = now.mono
        self.voice = voice
        self.connected = True
        self.ping_ms = max(self.ping_ms, 0)
        return [self._update(now), *self._maybe_end()]

    def voice_closed(self, code: int, reason: str, *, by_remote: bool, now: Moment) -> list[PlayerUpdate | PlayerEvent]:
        """The voice gateway is closed for good; the track stays and position stands still. Said once."""
        if not self.connected:
            return []
        self.connected = False
        self._unheard_since = now.mono
        closed = WebSocketClosed(guild_id=self._guild, code=code, reason=reason, by_remote=by_remote)
        return [closed, self._update(now)]

    def heartbeat(self, ping_ms: int) -> None:
        """The voice gateway answered a heartbeat; -1 means that none has been answered yet."""
        self.ping_ms = max(ping_ms, self.ping_ms if ping_ms < 0 else 0)

    # ------------------------------------------------------------------ time

    def next_deadline(self) -> float | None:
        """When `tick` has something to do, on the monotonic clock; None while there is no track."""
        if self.track is None:
            return None
        waits = [self._update_at]
        if not self.connected:
            waits.append(self._unheard_since + CLEANUP_AFTER_S)
        elif self._may_get_stuck():
            waits.append(self._delivered_at + self._stuck_after_ms / 1000)
        return min(waits)

    def tick(self, now: Moment) -> list[PlayerUpdate | PlayerEvent]:
        """Say what is due: the regular update, a stuck track, a track that nobody can hear."""
        if self.track is None:
            return []
        if not self.connected and now.mono >= self._unheard_since + CLEANUP_AFTER_S:
            return self._end(EndReason.CLEANUP)
        messages: list[PlayerUpdate | PlayerEvent] = []
        if self._may_get_stuck() and now.mono >= self._delivered_at + self._stuck_after_ms / 1000:
            self._stuck = True
            stuck = TrackStuck(guild_id=self._guild, track=self._current(), threshold_ms=self._stuck_after_ms)
            messages += [stuck, self._update(now)]
        if now.mono >= self._update_at:
            # Fixed rate (server.md 2.1); turns that were slept through are not made up for.
            missed = (now.mono - self._update_at) // self._interval_s
            self._update_at += (missed + 1) * self._interval_s
            messages.append(self._update(now))
        return messages

    def snapshot(self, now: Moment) -> Player:
        """The player as the API shows it."""
        return Player(
            guild_id=self._guild,
            track=None if self.track is None else self._current(),
            volume=self.volume,
            paused=self.paused,
            state=self.state(now),
            voice=self.voice,
            filters=self.filters,
        )

    def state(self, now: Moment) -> PlayerState:
        """Position, connection and ping at this moment."""
        return PlayerState(
            time=round(now.wall * 1000),
            position=self.position_ms,
            connected=self.connected,
            ping=self.ping_ms,
        )

    @property
    def position_ms(self) -> int:
        """The place in the track up to which sound was sent, or that was asked for; 0 without a track."""
        return self._position_ms if self.track is not None else 0

    # ------------------------------------------------------------------ inside

    def _may_get_stuck(self) -> bool:
        return self.connected and not (self.paused or self._stuck or self._played_out)

    def _maybe_end(self) -> list[PlayerUpdate | PlayerEvent]:
        """End a track that was played out, once somebody listens: Lavalink ends it when the next frame is asked for."""
        if not self._played_out or self.paused or not self.connected:
            return []
        return self._end(EndReason.LOAD_FAILED if self._failed and not self._has_sound else EndReason.FINISHED)

    def _end(self, reason: EndReason) -> list[PlayerUpdate | PlayerEvent]:
        if self.track is None:
            return []
        end = TrackEnd(guild_id=self._guild, track=self._current(), reason=reason)
        self.track = None
        self.end_ms = None
        self._position_ms = 0
        self._played_out = False
        return [end]

    def _update(self, now: Moment) -> PlayerUpdate:
        return PlayerUpdate(guild_id=self._guild, state=self.state(now))

    def _current(self) -> Track:
        """The track with its present position, in `info` and in the encoded text (server.md 1.5)."""
        assert self.track is not None
        moved = replace(self.track, info=replace(self.track.info, position=self._position_ms))
        try:
            return replace(moved, encoded=encode_wire_track(moved))
        except InvalidTrack:  # a source whose details we cannot write: its own text still names the track
            return moved
