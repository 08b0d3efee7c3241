"""What a node's connection means to the client: events, the session's start, and the messages that come in."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from voxlink.client.capabilities import read_capabilities, version_numbers
from voxlink.client.connection import CLOSED_BY_US, NodeState
from voxlink.client.events import (
    IncomingWebSocketMessage,
    NodeConnectedEvent,
    NodeConnectFailedEvent,
    NodeDisconnectedEvent,
    NodeReadyEvent,
    NodeReconnectingEvent,
    NodeStateChangedEvent,
    NodeStatsEvent,
)
from voxlink.client.json_text import decode_json
from voxlink.client.messages import handle_event_message, handle_player_update
from voxlink.client.redact import redacted
from voxlink.client.stats import Stats
from voxlink.errors import ClientError, LavalinkError

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.node import Node

__all__ = ["NodeSession"]

log = logging.getLogger("voxlink.client.node")

EARLY_LIMIT = 10_000
"""How many events of a resumed session are kept until its players have been taken up; the oldest go first."""


class NodeSession:
    """The node's side of its connection: called by the transport, it tells everybody else. Nothing here waits."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._state = NodeState.IDLE
        self._waiters: list[asyncio.Future[None]] = []
        self.refusals = 0
        self.orphans: set[int] = set()
        self._why = ""
        self._beginning = asyncio.Lock()
        self._early: deque[Mapping[str, Any]] | None = None

    # What the connection says

    def connected(self) -> None:
        """A socket is open."""
        self.refusals = 0
        self._why = ""
        self.node.client.publish(NodeConnectedEvent(self.node))

    def ready(self, session_id: str, resumed: bool) -> None:
        """The session has begun, or goes on."""
        node = self.node
        log.info("%s is ready (%s)", node.name, "resumed" if resumed else "a new session")
        self.refusals = 0
        self._early = deque(maxlen=EARLY_LIMIT) if resumed else None
        node.client.publish(NodeReadyEvent(node, session_id, resumed))
        players = list(node.roster.values())
        for player in players:
            player._needs_setup = not resumed  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
        node.client.tasks.spawn(self._begin(session_id, resumed, players), f"begin-{node.name}")
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    def lost(self, code: int | None, reason: str | None, was_ready: bool) -> None:
        """The socket closed."""
        node = self.node
        if reason == CLOSED_BY_US or _is_over(node):
            log.info("The connection to %s is closed", node.name)
        else:
            log.warning("The connection to %s was lost (code %s, %s)", node.name, code, reason or "no reason")
        if was_ready:
            node.client.keeper.lost(node)
        node.client.publish(NodeDisconnectedEvent(node, code, reason))
        node.client.failover.node_lost(node)

    def attempt_failed(self, error: str, status: int | None, refused: bool) -> None:
        """A socket could not be opened."""
        node = self.node
        log.warning("%s cannot be reached: %s", node.name, error)
        self.refusals = self.refusals + 1 if refused else 0
        is_final = status in (401, 403)
        node.client.publish(NodeConnectFailedEvent(node, error, status, is_final))
        if refused:
            node.client.failover.node_refused(node, self.refusals)

    def waiting(self, attempt: int, delay_s: float) -> None:
        """The next attempt is due after `delay_s`."""
        log.info("%s is tried again in %.1f s (attempt %d)", self.node.name, delay_s, attempt)
        self.node.client.publish(NodeReconnectingEvent(self.node, attempt, delay_s))

    def gave_up(self, error: str) -> None:
        """There will be no further attempt."""
        node = self.node
        log.error("%s is given up: %s", node.name, error)
        self._why = error
        node.expect_nothing()
        node.client.failover.node_gone(node)

    def note_state(self) -> None:
        """Tell about a change of the connection's state, and about waits that cannot be fulfilled any more."""
        old, new = self._state, self.node.state
        if old is not new:
            self._state = new
            self.node.client.publish(NodeStateChangedEvent(self.node, old, new))
        if new in (NodeState.CLOSED, NodeState.AUTH_FAILED, NodeState.IDLE):
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(self._not_ready())
            self._waiters.clear()
            if new is NodeState.CLOSED:
                self.node.client.failover.node_gone(self.node)

    async def wait_ready(self, timeout: float | None) -> None:
        """Wait for `ready`. Raises `ClientError`."""
        node = self.node
        if node._transport.machine.state is NodeState.READY:  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
            return
        if node.state in (NodeState.CLOSED, NodeState.AUTH_FAILED):
            raise self._not_ready()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            raise ClientError(f"{node.name} was not ready within {timeout:g} s (it is {node.state.value})") from None
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _not_ready(self) -> ClientError:
        why = f": {self._why}" if self._why else ""
        return ClientError(f"{self.node.name} is {self.node.state.value}{why}")

    # The start of a session

    async def _begin(self, session_id: str, resumed: bool, players: Sequence[BasePlayer]) -> None:
        """Keep the session's id, ask to resume later, take up the players. Each step may fail alone.

        A node that flaps begins several times: one after another, and only for the session that is the last.
        """
        async with self._beginning:
            if self.node.session_id == session_id:
                await self._take_over(session_id, resumed, players)

    async def _take_over(self, session_id: str, resumed: bool, players: Sequence[BasePlayer]) -> None:
        node = self.node
        client = node.client
        try:
            await client.keeper.session_began(node, session_id)
            if client.resume_timeout_s > 0:
                await node.update_session(resuming=True, timeout=int(client.resume_timeout_s))
        except LavalinkError as error:
            if not _is_over(node):
                log.warning("%s does not take the session's settings: %s", node.name, error)
        await client.keeper.take_up(node, resumed, players)
        self.tell_early()
        await self._shake_hands()

    async def _shake_hands(self) -> None:
        """Learn what the node is, and warn about what it lacks."""
        node = self.node
        try:
            node.version = (await node.get_version()).strip()
            info = await node.get_info()
        except LavalinkError as error:
            if not _is_over(node):
                log.warning("%s does not say what it is: %s", node.name, error)
            return
        known = info if isinstance(info, dict) else {}  # pyright: ignore[reportUnnecessaryIsInstance] - may be anything
        node.capabilities = read_capabilities(node.version, known)
        node.info = known
        if version_numbers(node.version) and not node.capabilities.supports_dave:
            log.warning("%s is version %s; Discord's end-to-end encryption needs 4.2 or later", node.name, node.version)

    # Messages

    def keep_early(self, data: Mapping[str, Any]) -> bool:
        """A resumed session sends what happened while we were away before its players have been taken up: keep an event
        of a guild that has no player yet. False when the session has begun.
        """
        if self._early is None:
            return False
        self._early.append(data)
        return True

    def early_of(self, guild_id: int) -> list[Mapping[str, Any]]:
        """What is kept for a guild."""
        return [data for data in self._early or () if data.get("guildId") == str(guild_id)]

    def tell_early(self) -> None:
        """The players of the session have been taken up: handle what was kept."""
        early, self._early = self._early, None
        for data in early or ():
            handle_event_message(self.node, data)

    def message(self, text: str | bytes) -> None:
        """Handle one message; whatever it holds, the connection goes on.

        What comes while the client closes is left to the process that resumes the session: it will find out.
        """
        node = self.node
        if node.client._is_closed:  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - asked for every message
            return
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s <- %s", node.name, redacted(text))
        try:
            data = decode_json(text)
        except ValueError:
            log.warning("%s sent something that is no JSON: %s", node.name, redacted(text)[:200])
            return
        if not isinstance(data, dict):
            log.warning("%s sent JSON that is no message: %s", node.name, redacted(text)[:200])
            return
        message = cast("dict[str, Any]", data)
        if node.client.dispatcher.has_listeners(IncomingWebSocketMessage):
            node.client.publish(IncomingWebSocketMessage(dict(message), node))
        try:
            self._route(message)
        except Exception:
            log.exception("A message of %s could not be handled: %s", node.name, redacted(text)[:300])

    def _route(self, data: Mapping[str, Any]) -> None:
        node = self.node
        match data.get("op"):
            case "playerUpdate":
                handle_player_update(node, data)
            case "event":
                handle_event_message(node, data)
            case "stats":
                node.stats = Stats(node, data)
                node.assigned = 0
                node.client.publish(NodeStatsEvent(node, node.stats))
            case "ready":
                node._transport.on_ready(str(data.get("sessionId")), bool(data.get("resumed")))  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
            case unknown:
                if not node.client.has_listeners(IncomingWebSocketMessage):
                    log.warning("%s sent a message of the unknown kind %r", node.name, unknown)


def _is_over(node: Node) -> bool:
    """Whether we closed the connection ourselves: what fails then is worth no warning."""
    return node.client.is_closed or node.state is NodeState.CLOSED
