"""What a node says on its WebSocket (server.md 1.5). Read one with `decode_message`, write one with `encode`."""

from __future__ import annotations

from typing import ClassVar

from voxlink.protocol.enums import EndReason
from voxlink.protocol.failure import ExceptionDetails
from voxlink.protocol.player import PlayerState
from voxlink.protocol.stats import ServerStats
from voxlink.protocol.track import Track
from voxlink.protocol.value import Int32, Int64, JsonObject, Value

__all__ = [
    "EVENTS",
    "MESSAGES",
    "Message",
    "PlayerEvent",
    "PlayerUpdate",
    "Ready",
    "StatsMessage",
    "TrackEnd",
    "TrackException",
    "TrackStart",
    "TrackStuck",
    "UnknownEvent",
    "UnknownMessage",
    "WebSocketClosed",
]


class Ready(Value, frozen=True):
    """The session is open; `resumed` says whether it is the one that the client named."""

    op: ClassVar[str] = "ready"

    resumed: bool
    session_id: str


class PlayerUpdate(Value, frozen=True):
    """A player's state, sent every few seconds while a track is loaded. On the wire the state comes first."""

    op: ClassVar[str] = "playerUpdate"

    guild_id: str
    state: PlayerState


class StatsMessage(ServerStats, frozen=True):
    """The node's stats, sent once a minute."""

    op: ClassVar[str] = "stats"


class TrackStart(Value, frozen=True):
    """A track was started; nothing of it needs to have been fetched yet."""

    op: ClassVar[str] = "event"
    type: ClassVar[str] = "TrackStartEvent"

    guild_id: str
    track: Track


class TrackEnd(Value, frozen=True):
    """A track ended; the track carries the position that it had."""

    op: ClassVar[str] = "event"
    type: ClassVar[str] = "TrackEndEvent"

    guild_id: str
    track: Track
    reason: EndReason


class TrackException(Value, frozen=True):
    """A track failed; a `TrackEnd` follows."""

    op: ClassVar[str] = "event"
    type: ClassVar[str] = "TrackExceptionEvent"

    guild_id: str
    track: Track
    exception: ExceptionDetails


class TrackStuck(Value, frozen=True):
    """A track gave no frame for `threshold_ms`; it goes on if frames come."""

    op: ClassVar[str] = "event"
    type: ClassVar[str] = "TrackStuckEvent"

    guild_id: str
    track: Track
    threshold_ms: Int64


class WebSocketClosed(Value, frozen=True):
    """The voice connection to Discord was closed for good; `reason` may be empty."""

    op: ClassVar[str] = "event"
    type: ClassVar[str] = "WebSocketClosedEvent"

    guild_id: str
    code: Int32
    reason: str
    by_remote: bool


class UnknownEvent(Value, frozen=True):
    """An event of a plugin or of a newer server: `data` is the whole message, `op` and `type` included."""

    type: str
    guild_id: str | None
    data: JsonObject


class UnknownMessage(Value, frozen=True):
    """A message with an op that this version does not know: `data` is the whole message, `op` included."""

    op: str
    data: JsonObject


PlayerEvent = TrackStart | TrackEnd | TrackException | TrackStuck | WebSocketClosed | UnknownEvent
"""A message with the op `event`."""

Message = Ready | PlayerUpdate | StatsMessage | PlayerEvent | UnknownMessage
"""Anything that a node says on its WebSocket."""

MESSAGES = {kind.op: kind for kind in (Ready, PlayerUpdate, StatsMessage)}
"""The messages that are no events, by op."""

EVENTS = {kind.type: kind for kind in (TrackStart, TrackEnd, TrackException, TrackStuck, WebSocketClosed)}
"""The events, by type."""
