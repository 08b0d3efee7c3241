"""The shell of a node's connection: it opens the sockets that the machine asks for and reads them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from voxlink._version import __version__
from voxlink.client.connection import (
    AttemptFailed,
    BecameReady,
    Close,
    Connected,
    Connection,
    Disconnected,
    Effect,
    GaveUp,
    NodeState,
    Open,
    Waiting,
)
from voxlink.client.edge import HandshakeRefused, Line
from voxlink.errors import NodeTimeout, NodeUnreachable, VoxlinkError

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["Transport"]

log = logging.getLogger("voxlink.client.socket")

MESSAGES_BEFORE_A_BREATH = 128


class Transport:
    """The WebSocket of one node. One task runs it and owns its socket; `connect`, `reconnect` and `destroy` are its
    only commands, carried out one after another.
    """

    def __init__(self, node: Node, session_id: str | None) -> None:
        self._node = node
        self.client = node.client
        self.machine = Connection(node.client.reconnect_policy, session_id)
        self._task: asyncio.Task[Any] | None = None
        self._line: Line | None = None
        self._commands = asyncio.Lock()

    @property
    def session_id(self) -> str | None:
        """The session that requests name; kept while the socket is lost."""
        return self.machine.session_id

    @property
    def ws_connected(self) -> bool:
        """Whether a socket is open."""
        return self.machine.is_open

    @property
    def destroyed(self) -> bool:
        """Whether it was closed for good."""
        return self.machine.state is NodeState.CLOSED

    @property
    def http_uri(self) -> str:
        """The node's address as a URL."""
        return self._node.address.http_url("")

    async def connect(self, *, force: bool = False) -> asyncio.Task[Any] | None:
        """Connect now. None when a socket is open and `force` is False; otherwise the task that runs the connection."""
        async with self._commands:
            if self.machine.is_open and not force:
                return None
            if self.machine.state is NodeState.CONNECTING and not force:
                return self._task
            await self._stop()
            self._perform(self.machine.start(self._now()))
            return self._run_soon()

    async def reconnect(self) -> None:
        """Drop the socket (or the wait) and connect again at once; used when the node forgot the session.

        Does nothing once the transport is closed: only `connect` opens it again.
        """
        async with self._commands:
            if self.destroyed:
                return
            await self._stop()
            self._perform(self.machine.reconnect(self._now()))
            self._run_soon()

    async def close(self) -> None:
        """Close the socket for good."""
        async with self._commands:
            await self._stop()
            self._perform(self.machine.close(self._now()))

    destroy = close

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _run_soon(self) -> asyncio.Task[Any]:
        self._task = self.client.tasks.spawn(self._run(), f"node-{self._node.name}")
        return self._task

    async def _stop(self) -> None:
        """End the running task and its socket; returns within a bound."""
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task() and not task.done():
            task.cancel()
            await asyncio.wait([task])
        await self._hang_up()

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close(1000)

    async def _run(self) -> None:
        """Live through connections until the machine says that it is over; leaves no socket open, however it ends."""
        machine = self.machine
        try:
            while True:
                match machine.state:
                    case NodeState.CONNECTING:
                        await self._open()
                    case NodeState.CONNECTED | NodeState.READY:
                        await self._read()
                    case NodeState.RECONNECTING:
                        deadline = machine.next_deadline()
                        await asyncio.sleep(max(0.0, (deadline or 0.0) - self._now()))
                        self._perform(machine.tick(max(self._now(), deadline or 0.0)))
                    case _:
                        return
        finally:
            await self._hang_up()

    async def _open(self) -> None:
        machine = self.machine
        try:
            async with asyncio.timeout_at(machine.next_deadline()):
                self._line = await self.client.edge.open_line(
                    self._node.address.ws_url("/v4/websocket"), self._headers(machine.session_id)
                )
        except HandshakeRefused as refusal:
            self._perform(machine.refused(refusal.status, self._now()))
        except NodeUnreachable as error:
            self._perform(machine.failed(str(error), self._now(), refused=_is_refusal(error)))
        except (NodeTimeout, TimeoutError):
            self._perform(machine.failed("no answer to the handshake in time", self._now()))
        except VoxlinkError as error:
            self._perform(machine.failed(str(error), self._now()))
        else:
            self._perform(machine.opened(self._now()))

    def _headers(self, session_id: str | None) -> dict[str, str]:
        """Made anew for each attempt, so that the session of the last connection is asked for."""
        headers = {
            "Authorization": self._node.password,
            "User-Id": str(self.client.user_id),
            "Client-Name": f"Voxlink/{__version__}",
        }
        if session_id is not None:
            headers["Session-Id"] = session_id
        return headers

    async def _read(self) -> None:
        """Read one socket until it ends."""
        line = self._line
        machine = self.machine
        assert line is not None
        messages = line.messages()
        count = 0
        try:
            while True:
                async with asyncio.timeout_at(machine.next_deadline()):
                    text = await anext(messages, None)
                if text is None:
                    break
                self._node.session.message(text)
                count += 1
                if count % MESSAGES_BEFORE_A_BREATH == 0:
                    await asyncio.sleep(0)
        except TimeoutError:
            self._perform(machine.tick(max(self._now(), machine.next_deadline() or 0.0)))
        except (VoxlinkError, OSError) as error:
            log.warning("The socket of %s failed: %s", self._node.name, error)
            self._perform(machine.lost(None, str(error), self._now()))
        else:
            closed = line.closed
            self._perform(machine.lost(closed.code, closed.reason, self._now()))
        finally:
            await messages.aclose()
        await self._hang_up()

    def on_ready(self, session_id: str, resumed: bool) -> None:
        """The node sent `ready`."""
        self._perform(self.machine.ready(session_id, resumed, self._now()))

    def _perform(self, effects: Iterable[Effect]) -> None:
        """Tell the node what happened. `Open` and `Close` are carried out by the task itself."""
        session = self._node.session
        for effect in effects:
            match effect:
                case Connected():
                    session.connected()
                case BecameReady(session_id, resumed):
                    session.ready(session_id, resumed)
                case Disconnected(code, reason, was_ready):
                    session.lost(code, reason, was_ready)
                case AttemptFailed(error, status, refused):
                    session.attempt_failed(error, status, refused)
                case Waiting(attempt, delay_s):
                    session.waiting(attempt, delay_s)
                case GaveUp(error):
                    session.gave_up(error)
                case Open() | Close():
                    pass
        session.note_state()


def _is_refusal(error: BaseException) -> bool:
    """Whether the machine answered that nothing listens there: the node's process is gone."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ConnectionRefusedError):
            return True
        inner = getattr(seen, "os_error", None)
        if isinstance(inner, ConnectionRefusedError):
            return True
        seen = seen.__cause__
    return False
