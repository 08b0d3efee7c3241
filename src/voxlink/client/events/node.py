"""Events about nodes and about the client itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voxlink.client.events.base import Event

if TYPE_CHECKING:
    from voxlink.client.connection import NodeState
    from voxlink.client.node import Node
    from voxlink.client.stats import Stats

__all__ = [
    "HookErrorEvent",
    "IncomingWebSocketMessage",
    "NoNodesAvailableEvent",
    "NodeConnectFailedEvent",
    "NodeConnectedEvent",
    "NodeDisconnectedEvent",
    "NodeEvent",
    "NodeReadyEvent",
    "NodeReconnectingEvent",
    "NodeStateChangedEvent",
    "NodeStatsEvent",
]


class NodeEvent(Event):
    """The base of all events about one node."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node


class NodeConnectedEvent(NodeEvent):
    """The WebSocket to a node is open. Its `ready` message is still to come."""

    __slots__ = ()


class NodeDisconnectedEvent(NodeEvent):
    """The WebSocket to a node closed. `code` is None when the connection was cut; `reason` is the close frame's
    text.
    """

    __slots__ = ("code", "reason")

    def __init__(self, node: Node, code: int | None, reason: str | None) -> None:
        super().__init__(node)
        self.code = code
        self.reason = reason


class NodeReadyEvent(NodeEvent):
    """A node is ready. `resumed` says whether the session and its players live on."""

    __slots__ = ("resumed", "session_id")

    def __init__(self, node: Node, session_id: str, resumed: bool) -> None:
        super().__init__(node)
        self.session_id = session_id
        self.resumed = resumed

    def __repr__(self) -> str:
        return f"<NodeReadyEvent node={self.node!r} resumed={self.resumed}>"


class NodeStateChangedEvent(NodeEvent):
    """A node's connection went from `old` to `new`."""

    __slots__ = ("new", "old")

    def __init__(self, node: Node, old: NodeState, new: NodeState) -> None:
        super().__init__(node)
        self.old = old
        self.new = new


class NodeReconnectingEvent(NodeEvent):
    """The next attempt to reach a node, number `attempt`, comes after `delay_s` seconds."""

    __slots__ = ("attempt", "delay_s")

    def __init__(self, node: Node, attempt: int, delay_s: float) -> None:
        super().__init__(node)
        self.attempt = attempt
        self.delay_s = delay_s


class NodeConnectFailedEvent(NodeEvent):
    """A node could not be reached. `error` says why, `status` is the HTTP answer if there was one.

    `is_final` is True when no further attempt will be made: the password is wrong, or the policy's attempts are used
    up.
    """

    __slots__ = ("error", "is_final", "status")

    def __init__(self, node: Node, error: str, status: int | None = None, is_final: bool = False) -> None:
        super().__init__(node)
        self.error = error
        self.status = status
        self.is_final = is_final


class NodeStatsEvent(NodeEvent):
    """A node sent statistics; they are also at `node.stats`."""

    __slots__ = ("stats",)

    def __init__(self, node: Node, stats: Stats) -> None:
        super().__init__(node)
        self.stats = stats


class IncomingWebSocketMessage(Event):
    """A message of a node as it came, before anything else is done with it. `data` is the decoded JSON."""

    __slots__ = ("data", "node")

    def __init__(self, data: Mapping[str, Any], node: Node) -> None:
        self.data = data
        self.node = node


class NoNodesAvailableEvent(Event):
    """Players wait because no node can take them. `guild_ids` names them."""

    __slots__ = ("guild_ids",)

    def __init__(self, guild_ids: list[int]) -> None:
        self.guild_ids = guild_ids


class HookErrorEvent(Event):
    """A hook raised. `event` is what it was given. Errors of hooks of this event are only logged."""

    __slots__ = ("error", "event", "hook")

    def __init__(self, hook: object, event: Event, error: BaseException) -> None:
        self.hook = hook
        self.event = event
        self.error = error
