"""One Lavalink node: its address, its connection, its statistics, its players."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voxlink.client.address import NodeAddress
from voxlink.client.capabilities import NodeCapabilities
from voxlink.client.connection import NodeState
from voxlink.client.node_rest import NodeRest
from voxlink.client.plugins import Plugins
from voxlink.client.regions import place_of
from voxlink.client.report_age import ReportAge
from voxlink.client.session import NodeSession
from voxlink.client.stats import Stats
from voxlink.client.transport import Transport
from voxlink.errors import ClientError

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.node_manager import NodeManager

__all__ = ["Node"]

COMING = frozenset({NodeState.CONNECTING, NodeState.CONNECTED, NodeState.RECONNECTING})
SHAKING_HANDS = frozenset({NodeState.CONNECTING, NodeState.CONNECTED})
PLACES = 64
NEWEST_WEIGHT = 0.2
UNUSABLE_PENALTY = 9e30
"""Lavalink.py's penalty of a node whose socket is closed."""


class Node(NodeRest):
    """A connection to a node; made by `Client.add_node`.

    `client`, `manager`, `region`, `name`, `tags` and `stats` as in Lavalink.py. `version`, `info` and `capabilities`
    are what the node said of itself when it became ready (None before). `store_key` is under what a store keeps its
    session and players: the name, with a number if nodes share it. `repr` never shows the password.
    """

    def __init__(
        self,
        manager: NodeManager,
        host: str,
        port: int,
        password: str,
        region: str,
        name: str | None = None,
        ssl: bool = False,
        session_id: str | None = None,
        connect: bool = True,
        tags: Mapping[str, Any] | None = None,
    ) -> None:
        self.manager = manager
        self.client = manager.client
        self.address = NodeAddress.of(host, port, ssl)
        self.password = password
        self.region = region
        self.name = name or f"{region}-{self.address.host}:{self.address.port}"
        self.store_key = manager.free_store_key(self.name)
        self.tags: dict[str, Any] = dict(tags or {})
        self.stats = Stats.empty(self)
        self.version: str | None = None
        self.info: Mapping[str, Any] | None = None
        self.capabilities: NodeCapabilities | None = None
        self.request_tracebacks = self.client.request_tracebacks
        self._is_draining = False
        self.keeps_players = False
        self.assigned = 0
        self.roster: dict[int, BasePlayer] = {}
        self._pings: dict[str, float] = {}
        self.plugins = Plugins(self)
        self.session = NodeSession(self)
        self.report_age = ReportAge()
        self._transport = Transport(self, session_id)
        self._is_expected = connect
        if connect:
            self.client.connect_soon(self)

    @property
    def session_id(self) -> str | None:
        """The session's id; None before the first `ready`."""
        return self._transport.session_id

    @property
    def state(self) -> NodeState:
        """What the connection is doing."""
        state = self._transport.machine.state
        return NodeState.DRAINING if self._is_draining and state is NodeState.READY else state

    @property
    def available(self) -> bool:
        """Whether a WebSocket is open. REST may work without one."""
        return self._transport.ws_connected

    @property
    def is_draining(self) -> bool:
        """Whether the node takes no new players, because of `drain` or `Client.remove_node`. `connect` ends that."""
        return self._is_draining

    @is_draining.setter
    def is_draining(self, value: bool) -> None:
        if value is not self._is_draining:
            self._is_draining = value
            self.session.note_state()

    @property
    def is_ready(self) -> bool:
        """Whether the node is connected, ready, and not being drained."""
        return self.state is NodeState.READY

    @property
    def is_coming(self) -> bool:
        """Whether the node is not ready yet but tries to be."""
        state = self._transport.machine.state
        return state in COMING or (state is NodeState.IDLE and self._is_expected)

    @property
    def players(self) -> list[BasePlayer]:
        """The players on this node."""
        return list(self.roster.values())

    @property
    def _original_players(self) -> list[BasePlayer]:
        """The players that started here and were moved away by failover."""
        players = self.client.player_manager.players.values()
        return [player for player in players if player._original_node is self]  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

    @property
    def penalty(self) -> float:
        """Lavalink.py's penalty: higher is busier; huge when the socket is closed."""
        return self.stats.penalty.total if self.available else UNUSABLE_PENALTY

    @property
    def effective_penalty(self) -> float:
        """The penalty for our own choices: with the players assigned since the last statistics, and unready nodes
        last.
        """
        return self.stats.penalty.total + self.assigned if self.is_ready else UNUSABLE_PENALTY

    def note_ping(self, endpoint: str, ping_ms: float) -> None:
        """A player reported its ping to a voice server; the last few reports of a place count."""
        place = place_of(endpoint)
        before = self._pings.get(place)
        if before is None and len(self._pings) >= PLACES:
            del self._pings[next(iter(self._pings))]
        self._pings[place] = ping_ms if before is None else before + (ping_ms - before) * NEWEST_WEIGHT

    def voice_ping(self, endpoint: str | None = None) -> float:
        """The ping in ms to the place of a voice server, the mean of all places without one; -1 if nobody measured
        it.
        """
        pings = self._pings
        if endpoint:
            return pings.get(place_of(endpoint), -1.0)
        return sum(pings.values()) / len(pings) if pings else -1.0

    def set_request_tracebacks(self, enabled: bool) -> None:
        """Ask this node for stack traces with every request."""
        self.request_tracebacks = enabled

    async def connect(self, force: bool = False) -> asyncio.Task[Any] | None:
        """Connect now; a wait for the next attempt is cut short.

        None if a socket is open and `force` is False; with `force` the socket is closed first and the session resumed.
        Otherwise the task that keeps the connection alive (it ends when the node is destroyed). A node that was
        drained takes players again.
        """
        self._is_expected = True
        self.is_draining = False
        return await self._transport.connect(force=force)

    async def wait_ready(self, timeout: float | None = 10.0) -> None:
        """Wait until the node is ready. Raises `ClientError` when it is closed, refused or not ready after `timeout`
        s.
        """
        await self.session.wait_ready(timeout)

    async def destroy(self) -> None:
        """Close the connection for good; its players are moved to another node if there is one."""
        self._is_expected = False
        await self._transport.close()

    async def drain(self, target: Node | None = None) -> None:
        """Move every player away (to `target`, or each to the best node) and take no new ones until `connect`.

        Raises `ClientError` if a player could not be moved; those that could have been.
        """
        self.is_draining = True
        await self.client.failover.drain(self, target)

    async def usable_session(self) -> str:
        """The session id, waiting a bounded time while the node connects."""
        if self.session_id is None:
            if not self.is_coming:
                raise ClientError(f"{self.name} has no session: it is {self.state.value}; connect it first")
            await self.wait_ready(self.client.rest_options.timeout_s)
        session_id = self.session_id
        if session_id is None:
            raise ClientError(f"{self.name} has no session")
        return session_id

    async def renew_session(self, stale: str) -> None:
        """Get a new session in place of one that the node forgot."""
        if self.session_id == stale:
            machine = self._transport.machine
            machine.forget_session()
            if machine.state not in SHAKING_HANDS:  # else a new one is on its way
                with contextlib.suppress(ClientError):
                    await self._transport.reconnect()
        await self.wait_ready(self.client.rest_options.timeout_s)

    def expect_nothing(self) -> None:
        """No connection will come by itself any more."""
        self._is_expected = False

    def use_session(self, session_id: str | None) -> None:
        """Ask to resume this session at the next connection."""
        self._transport.machine.session_id = session_id

    def move_to(self, host: str, port: int) -> None:
        """The node lives at another address from the next connection on; used for the embedded node."""
        self.address = NodeAddress.of(host, port, self.address.secure)

    def __repr__(self) -> str:
        return f"<Node name={self.name} region={self.region} state={self.state.value} players={len(self.roster)}>"
