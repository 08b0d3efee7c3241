"""A node's connection as a pure machine: what happened and the time go in, what must be done comes out.

    IDLE ──start──▶ CONNECTING ──opened──▶ CONNECTED ──ready──▶ READY
                       ▲  │ 401/403                │ lost         │ lost
                       │  ▼                        ▼              ▼
                       │ AUTH_FAILED            RECONNECTING ◀────┘
                       └───────── its delay is over ┘

`close` leads to CLOSED from everywhere; `start` and `reconnect` lead back to CONNECTING from everywhere.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass

from voxlink.client.backoff import ReconnectPolicy

__all__ = ["NodeState"]

CLOSED_BY_US = "closed by us"
"""The reason of a `Disconnected` that nobody else brought about."""
OPEN_TIMEOUT_S = 10.0
"""How long the TCP connection and the WebSocket handshake may take together."""
READY_TIMEOUT_S = 15.0
"""How long an open socket may stay silent before its `ready` message (server.md 1.5: it is the first or the second)."""
AUTH_STATUSES = frozenset({401, 403})


class NodeState(enum.Enum):
    """What a node's connection is doing."""

    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    READY = "ready"
    RECONNECTING = "reconnecting"
    DRAINING = "draining"
    CLOSED = "closed"
    AUTH_FAILED = "auth_failed"


@dataclass(frozen=True, slots=True)
class Open:
    """Open a socket; send `session_id` as `Session-Id` when it is not None."""

    session_id: str | None


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket that is open or being opened."""

    code: int


@dataclass(frozen=True, slots=True)
class Connected:
    """The handshake succeeded."""


@dataclass(frozen=True, slots=True)
class BecameReady:
    """The node sent `ready`."""

    session_id: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """An open socket closed."""

    code: int | None
    reason: str | None
    was_ready: bool


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """A socket could not be opened; `status` is the HTTP answer where there was one."""

    error: str
    status: int | None
    refused: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next attempt comes after `delay_s`."""

    attempt: int
    delay_s: float


@dataclass(frozen=True, slots=True)
class GaveUp:
    """No further attempt will be made until somebody calls `start`."""

    error: str


Effect = Open | Close | Connected | BecameReady | Disconnected | AttemptFailed | Waiting | GaveUp


class Connection:
    """One node's connection. Owns no socket and no clock; every method returns the effects in order.

    Call `tick(now)` at `next_deadline()`. `session_id` is kept over losses so that the next handshake asks to resume.
    """

    def __init__(
        self,
        policy: ReconnectPolicy,
        session_id: str | None = None,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self.state = NodeState.IDLE
        self.session_id = session_id
        self.attempt = 0
        self._policy = policy
        self._rand = rand
        self._deadline: float | None = None
        self._ready_since: float | None = None

    def next_deadline(self) -> float | None:
        """When `tick` must be called, or None."""
        return self._deadline

    @property
    def is_open(self) -> bool:
        """Whether a socket is open (with or without `ready`)."""
        return self.state in {NodeState.CONNECTED, NodeState.READY}

    def start(self, now: float) -> list[Effect]:
        """Connect now, from any state; an open socket is closed first."""
        effects = self._drop_socket()
        self.attempt = 0
        return effects + self._open(now)

    def reconnect(self, now: float) -> list[Effect]:
        """Cut the current wait or socket short and connect now; attempts go on counting."""
        return self._drop_socket() + self._open(now)

    def close(self, now: float) -> list[Effect]:
        """Close for good."""
        effects = self._drop_socket()
        self.state = NodeState.CLOSED
        self._deadline = None
        return effects

    def opened(self, now: float) -> list[Effect]:
        """The handshake succeeded."""
        if self.state is not NodeState.CONNECTING:
            return [Close(1000)]
        self.state = NodeState.CONNECTED
        self._deadline = now + READY_TIMEOUT_S
        return [Connected()]

    def refused(self, status: int, now: float) -> list[Effect]:
        """The handshake was answered with another status than 101."""
        words = f"the handshake was answered with HTTP {status}"
        failed = AttemptFailed(words, status, refused=True)
        if status in AUTH_STATUSES:
            # The one answer that trying again cannot change: server.md 1.2 gives it for a wrong password only.
            self.state = NodeState.AUTH_FAILED
            self._deadline = None
            return [failed, GaveUp("the node refused the password")]
        return [failed, *self._wait(now, words)]

    def failed(self, error: str, now: float, *, refused: bool = False) -> list[Effect]:
        """No connection came about; `refused` says that the machine answered and nothing listened."""
        return [AttemptFailed(error, None, refused), *self._wait(now, error)]

    def ready(self, session_id: str, resumed: bool, now: float) -> list[Effect]:
        """The node sent `ready`."""
        if self.state not in {NodeState.CONNECTED, NodeState.READY}:
            return []
        self.state = NodeState.READY
        self.session_id = session_id
        self._deadline = None
        self._ready_since = now
        return [BecameReady(session_id, resumed)]

    def lost(self, code: int | None, reason: str | None, now: float) -> list[Effect]:
        """The open socket closed, whoever closed it."""
        if not self.is_open:
            return []
        was_ready = self.state is NodeState.READY
        if self._ready_since is not None and now - self._ready_since >= self._policy.reset_after_s:
            self.attempt = 0
        self._ready_since = None
        gone = Disconnected(code, reason, was_ready)
        return [gone, *self._wait(now, f"the socket closed ({code})")]

    def forget_session(self) -> None:
        """The node no longer knows the session; the next handshake asks for a new one."""
        self.session_id = None

    def tick(self, now: float) -> list[Effect]:
        """Do what is due at `now`."""
        if self._deadline is None or now < self._deadline:
            return []
        match self.state:
            case NodeState.RECONNECTING:
                return self._open(now)
            case NodeState.CONNECTING:
                words = f"no answer to the handshake within {OPEN_TIMEOUT_S:g} s"
                return [Close(1000), AttemptFailed(words, None, refused=False), *self._wait(now, words)]
            case NodeState.CONNECTED:
                words = f"no ready message within {READY_TIMEOUT_S:g} s"
                return [Close(1000), Disconnected(None, words, was_ready=False), *self._wait(now, words)]
            case _:
                self._deadline = None
                return []

    def _open(self, now: float) -> list[Effect]:
        self.state = NodeState.CONNECTING
        self._deadline = now + OPEN_TIMEOUT_S
        self._ready_since = None
        return [Open(self.session_id)]

    def _wait(self, now: float, error: str) -> list[Effect]:
        self.attempt += 1
        if self._policy.max_attempts is not None and self.attempt > self._policy.max_attempts:
            self.state = NodeState.IDLE
            self._deadline = None
            return [GaveUp(f"gave up after {self._policy.max_attempts} attempts: {error}")]
        delay = self._policy.delay_s(self.attempt, self._rand)
        self.state = NodeState.RECONNECTING
        self._deadline = now + delay
        return [Waiting(self.attempt, delay)]

    def _drop_socket(self) -> list[Effect]:
        match self.state:
            case NodeState.CONNECTED | NodeState.READY:
                was_ready = self.state is NodeState.READY
                return [Close(1000), Disconnected(1000, CLOSED_BY_US, was_ready)]
            case NodeState.CONNECTING:
                return [Close(1000)]
            case _:
                return []
