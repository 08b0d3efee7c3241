"""Events about players: their state, their node, their voice connection, their queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voxlink.client.events.base import Event
from voxlink.client.events.track import GuildEvent

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.node import Node
    from voxlink.protocol import AudioTrack

__all__ = [
    "FiltersChangedEvent",
    "InactivityEvent",
    "NodeChangedEvent",
    "PlayerCreatedEvent",
    "PlayerDestroyedEvent",
    "PlayerDisconnectedEvent",
    "PlayerErrorEvent",
    "PlayerMigratedEvent",
    "PlayerMigrationFailedEvent",
    "PlayerMovedEvent",
    "PlayerPausedEvent",
    "PlayerReconnectedEvent",
    "PlayerRestoredEvent",
    "PlayerResumedEvent",
    "PlayerUpdateEvent",
    "QueueChangedEvent",
    "SeekEvent",
    "UnknownTypeEvent",
    "VolumeChangedEvent",
    "WebSocketClosedEvent",
]


class PlayerUpdateEvent(GuildEvent):
    """A node reported a player's state, every few seconds and after changes.

    `position` in ms, `timestamp` in ms since the epoch, `ping` in ms or -1 without a voice connection.
    """

    __slots__ = ("connected", "ping", "position", "timestamp")

    def __init__(self, player: BasePlayer, raw_state: Mapping[str, Any]) -> None:
        super().__init__(player)
        self.position: int = raw_state.get("position") or 0
        self.timestamp: int = raw_state.get("time") or 0
        self.connected: bool = bool(raw_state.get("connected", False))
        self.ping: int = raw_state.get("ping", -1)


class WebSocketClosedEvent(GuildEvent):
    """A player's voice connection to Discord closed; `code` is Discord's, `by_remote` whether Discord closed it."""

    __slots__ = ("by_remote", "code", "reason")

    def __init__(self, player: BasePlayer, code: int, reason: str, by_remote: bool) -> None:
        super().__init__(player)
        self.code = code
        self.reason = reason
        self.by_remote = by_remote


class PlayerErrorEvent(GuildEvent):
    """Something went wrong inside a player; `original` is the error."""

    __slots__ = ("original",)

    def __init__(self, player: BasePlayer, original: BaseException) -> None:
        super().__init__(player)
        self.original = original


class NodeChangedEvent(GuildEvent):
    """A player plays on another node."""

    __slots__ = ("new_node", "old_node")

    def __init__(self, player: BasePlayer, old_node: Node, new_node: Node) -> None:
        super().__init__(player)
        self.old_node = old_node
        self.new_node = new_node


class PlayerMigratedEvent(GuildEvent):
    """Failover moved a player; it was silent for about `outage_ms`."""

    __slots__ = ("new_node", "old_node", "outage_ms")

    def __init__(self, player: BasePlayer, old_node: Node, new_node: Node, outage_ms: int) -> None:
        super().__init__(player)
        self.old_node = old_node
        self.new_node = new_node
        self.outage_ms = outage_ms


class PlayerMigrationFailedEvent(GuildEvent):
    """Failover could not move a player to `node`; it stays in the line for the next node that becomes ready."""

    __slots__ = ("error", "node")

    def __init__(self, player: BasePlayer, node: Node | None, error: BaseException) -> None:
        super().__init__(player)
        self.node = node
        self.error = error


class PlayerRestoredEvent(GuildEvent):
    """A player lives again: after a lost session (`adopted` False) or taken over from a resumed one (True)."""

    __slots__ = ("adopted", "outage_ms")

    def __init__(self, player: BasePlayer, adopted: bool, outage_ms: int = 0) -> None:
        super().__init__(player)
        self.adopted = adopted
        self.outage_ms = outage_ms


class PlayerCreatedEvent(GuildEvent):
    """A player was created."""

    __slots__ = ()


class PlayerDestroyedEvent(GuildEvent):
    """A player was destroyed; `reason` says by what: `requested`, `removed` (from the cache), `inactivity`, `errors`,
    `node_removed` or `node_lost` (where a policy says so).
    """

    __slots__ = ("reason",)

    def __init__(self, player: BasePlayer, reason: str) -> None:
        super().__init__(player)
        self.reason = reason


class PlayerMovedEvent(GuildEvent):
    """The bot was moved from one voice channel to another; the music goes on."""

    __slots__ = ("new_channel_id", "old_channel_id")

    def __init__(self, player: BasePlayer, old_channel_id: int, new_channel_id: int) -> None:
        super().__init__(player)
        self.old_channel_id = old_channel_id
        self.new_channel_id = new_channel_id


class PlayerDisconnectedEvent(GuildEvent):
    """The bot is no longer in a voice channel, or its voice connection was lost for good.

    `cause`: `left` (a kick, a deleted channel or a disconnect of the bot's own), or `voice_closed` with Discord's
    `code`.
    """

    __slots__ = ("cause", "channel_id", "code")

    def __init__(self, player: BasePlayer, cause: str, channel_id: int | None, code: int | None = None) -> None:
        super().__init__(player)
        self.cause = cause
        self.channel_id = channel_id
        self.code = code


class PlayerReconnectedEvent(GuildEvent):
    """A player's voice connection is back after a loss."""

    __slots__ = ()


class PlayerPausedEvent(GuildEvent):
    """The player was paused."""

    __slots__ = ()


class PlayerResumedEvent(GuildEvent):
    """The player is no longer paused."""

    __slots__ = ()


class VolumeChangedEvent(GuildEvent):
    """The player's volume changed from `old` to `new`."""

    __slots__ = ("new", "old")

    def __init__(self, player: BasePlayer, old: int, new: int) -> None:
        super().__init__(player)
        self.old = old
        self.new = new


class SeekEvent(GuildEvent):
    """The player was told to go to `position` (ms)."""

    __slots__ = ("position",)

    def __init__(self, player: BasePlayer, position: int) -> None:
        super().__init__(player)
        self.position = position


class FiltersChangedEvent(GuildEvent):
    """The player's filters changed; they are at `player.filters`."""

    __slots__ = ()


class QueueChangedEvent(GuildEvent):
    """The queue changed; `op` is the list operation that did it (`append`, `pop`, `shuffle` …).

    `tracks` are those that it added, removed or moved; for `set` what was there before and what is there now.
    """

    __slots__ = ("op", "tracks")

    def __init__(self, player: BasePlayer, op: str, tracks: Sequence[AudioTrack] = ()) -> None:
        super().__init__(player)
        self.op = op
        self.tracks = tracks


class InactivityEvent(GuildEvent):
    """The player was `idle`, `alone` or `paused` for the time of its inactivity policy."""

    __slots__ = ("kind",)

    def __init__(self, player: BasePlayer, kind: str) -> None:
        super().__init__(player)
        self.kind = kind


class UnknownTypeEvent(Event):
    """An event type that nobody registered; `data` is the message. `player` is None when the guild has none."""

    __slots__ = ("data", "node", "player", "type")

    def __init__(self, node: Node, player: BasePlayer | None, type: str, data: Mapping[str, Any]) -> None:  # noqa: A002 - the wire's word
        self.node = node
        self.player = player
        self.type = type
        self.data = data

    def _guild_key(self) -> int | None:
        return None if self.player is None else self.player.guild_id
