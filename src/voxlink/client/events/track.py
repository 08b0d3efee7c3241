"""Events about tracks: Lavalink's own five kinds, and those that the player adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxlink.client.events.base import Event
from voxlink.client.plays import Play
from voxlink.protocol import AudioTrack, EndReason, Severity

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.deferred import DeferredAudioTrack

__all__ = [
    "AutoplayEvent",
    "ErrorBudgetExceededEvent",
    "GuildEvent",
    "QueueEndEvent",
    "TrackEndEvent",
    "TrackEvent",
    "TrackExceptionEvent",
    "TrackLoadFailedEvent",
    "TrackStartEvent",
    "TrackStuckEvent",
]


class GuildEvent(Event):
    """The base of all events about one player."""

    __slots__ = ("player",)

    def __init__(self, player: BasePlayer) -> None:
        self.player = player

    def _guild_key(self) -> int | None:
        return getattr(self.player, "guild_id", None)


class TrackEvent(GuildEvent):
    """The base of the events that a node sends about a track. `track` is the object that was queued, if it was ours."""

    __slots__ = ("_play", "track")

    _play: Play | None

    def __init__(self, player: BasePlayer, track: AudioTrack | None) -> None:
        self.player = player  # not by the base's own: these are made for each message of a node
        self.track = track
        self._play = None


class TrackStartEvent(TrackEvent):
    """A track began to play."""

    __slots__ = ()

    track: AudioTrack

    def __init__(self, player: BasePlayer, track: AudioTrack) -> None:
        super().__init__(player, track)


class TrackStuckEvent(TrackEvent):
    """A track gave no sound for `threshold` ms. The player goes on to the next one by itself."""

    __slots__ = ("threshold",)

    track: AudioTrack

    def __init__(self, player: BasePlayer, track: AudioTrack, threshold: int) -> None:
        super().__init__(player, track)
        self.threshold = threshold


class TrackExceptionEvent(TrackEvent):
    """A track failed while it played; a `TrackEndEvent` follows, and the player goes on by itself."""

    __slots__ = ("cause", "cause_stacktrace", "message", "severity")

    track: AudioTrack

    def __init__(
        self,
        player: BasePlayer,
        track: AudioTrack,
        message: str | None,
        severity: Severity,
        cause: str,
        cause_stacktrace: str = "",
    ) -> None:
        super().__init__(player, track)
        self.message = message
        self.severity = severity
        self.cause = cause
        self.cause_stacktrace = cause_stacktrace


class TrackEndEvent(TrackEvent):
    """A track left the player, for `reason`. The player starts the next one by itself where the reason allows it."""

    __slots__ = ("reason",)

    def __init__(self, player: BasePlayer, track: AudioTrack | None, reason: EndReason) -> None:
        super().__init__(player, track)
        self.reason = reason


class TrackLoadFailedEvent(GuildEvent):
    """A deferred track found nothing to play. `original` is the error it raised, None if it answered None.

    The player waits: call `skip()` to go on.
    """

    __slots__ = ("original", "track")

    def __init__(self, player: BasePlayer, track: DeferredAudioTrack, original: Exception | None) -> None:
        super().__init__(player)
        self.track = track
        self.original = original


class QueueEndEvent(GuildEvent):
    """The player has nothing more to play."""

    __slots__ = ()


class AutoplayEvent(GuildEvent):
    """The autoplay provider gave `tracks`, which were queued."""

    __slots__ = ("tracks",)

    def __init__(self, player: BasePlayer, tracks: list[AudioTrack]) -> None:
        super().__init__(player)
        self.tracks = tracks


class ErrorBudgetExceededEvent(GuildEvent):
    """Too many tracks failed too quickly; `action` is what the policy made of it."""

    __slots__ = ("action", "errors")

    def __init__(self, player: BasePlayer, errors: int, action: str) -> None:
        super().__init__(player)
        self.errors = errors
        self.action = action
