"""A node's messages about players become state and events, in that order and in the order they came."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from voxlink.client.events import (
    Event,
    TrackEndEvent,
    TrackEvent,
    TrackExceptionEvent,
    TrackStartEvent,
    TrackStuckEvent,
    UnknownTypeEvent,
    WebSocketClosedEvent,
)
from voxlink.client.plays import Play, plain_user_data
from voxlink.errors import LavalinkError
from voxlink.protocol import AudioTrack, EndReason, Severity

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.node import Node

__all__ = ["handle_event_message", "handle_player_update", "track_from_message"]

log = logging.getLogger("voxlink.client.node")


def handle_player_update(node: Node, data: Mapping[str, Any]) -> None:
    """Give a player its state and publish a `PlayerUpdateEvent`."""
    player = _player_of(node, data)
    if player is None:
        return
    state: Mapping[str, Any] = data.get("state") or {}
    ping, endpoint = state.get("ping"), player._voice_state.get("endpoint")
    if isinstance(ping, int) and ping >= 0 and endpoint:
        node.note_ping(endpoint, ping)
    player._take_state(state, node)


def handle_event_message(node: Node, data: Mapping[str, Any]) -> None:
    """Turn one `event` message into state, an event, and the player's own action."""
    kind: str = data.get("type") or ""
    player = _player_of(node, data)
    read = READERS.get(kind)
    if read is None:
        reader = node.client.plugin_events.get(kind)
        event = reader(player, node, data) if reader else UnknownTypeEvent(node, player, kind, data)
        if reader is None and not node.client.has_listeners(UnknownTypeEvent):
            log.warning("%s sent an event of the unknown type %r", node.name, kind)
        node.client.publish(event)
        return
    if player is None:
        if node.session.keep_early(data):
            return
        if kind not in ("TrackEndEvent", "WebSocketClosedEvent"):
            log.warning("%s sent a %s for guild %s, which has no player here", node.name, kind, data.get("guildId"))
        return
    event = read(player, data)
    player._take_event(event, node)
    if isinstance(event, WebSocketClosedEvent):
        node.client.recovery.saw_close(player, event)


def _player_of(node: Node, data: Mapping[str, Any]) -> BasePlayer | None:
    """The player that a message is about; None if it is unknown or lives on another node by now."""
    try:
        guild_id = int(data.get("guildId") or 0)
    except (TypeError, ValueError):
        return None
    player = node.roster.get(guild_id)
    if player is None:
        player = node.client.player_manager.players.get(guild_id)
        return player if player is not None and player._moving_to is node else None
    return player


def track_from_message(player: BasePlayer, raw: Mapping[str, Any] | None) -> tuple[AudioTrack | None, Play | None]:
    """The track that a message names: the object that was played, or a new one made from the message."""
    if not raw:
        return None, None
    play = player._plays.find(raw)
    if play is not None:
        return play.track, play
    user_data, mine = plain_user_data(raw.get("userData"))
    try:
        track = AudioTrack({**raw, "userData": user_data}, mine.get("requester", 0))
    except LavalinkError:
        log.warning("A message named a track that cannot be read")
        return None, None
    return track, None


def _started(player: BasePlayer, data: Mapping[str, Any]) -> TrackEvent:
    track, play = track_from_message(player, data.get("track"))
    if track is not None and play is None:
        track, play = player._claim(track, data.get("track") or {})
    event = TrackStartEvent(player, track)  # type: ignore[arg-type]
    event._play = play
    return event


def _ended(player: BasePlayer, data: Mapping[str, Any]) -> TrackEvent:
    track, play = track_from_message(player, data.get("track"))
    if track is not None and play is None:
        track, play = player._claim_end(track, data.get("track") or {})
    event = TrackEndEvent(player, track, EndReason.read(str(data.get("reason") or "cleanup")))
    event._play = play
    return event


def _failed(player: BasePlayer, data: Mapping[str, Any]) -> TrackEvent:
    track, play = track_from_message(player, data.get("track"))
    error: Mapping[str, Any] = data.get("exception") or {}
    event = TrackExceptionEvent(
        player,
        track,  # type: ignore[arg-type]
        error.get("message"),
        Severity.read(str(error.get("severity") or "fault")),
        error.get("cause") or "",
        error.get("causeStackTrace") or "",
    )
    event._play = play
    return event


def _stuck(player: BasePlayer, data: Mapping[str, Any]) -> TrackEvent:
    track, play = track_from_message(player, data.get("track"))
    event = TrackStuckEvent(player, track, int(data.get("thresholdMs") or 0))  # type: ignore[arg-type]
    event._play = play
    return event


def _closed(player: BasePlayer, data: Mapping[str, Any]) -> Event:
    return WebSocketClosedEvent(
        player, int(data.get("code") or 0), str(data.get("reason") or ""), bool(data.get("byRemote"))
    )


READERS: dict[str, Callable[[BasePlayer, Mapping[str, Any]], Event]] = {
    "TrackStartEvent": _started,
    "TrackEndEvent": _ended,
    "TrackExceptionEvent": _failed,
    "TrackStuckEvent": _stuck,
    "WebSocketClosedEvent": _closed,
}
