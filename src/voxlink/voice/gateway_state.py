"""The life of a voice connection in one table; the diagram in docs/voice.md is drawn from the same table."""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a connection is in its life."""

    NEW = "new"
    OPENING = "opening"
    IDENTIFYING = "identifying"
    DISCOVERING = "discovering"
    SELECTING = "selecting"
    LIVE = "live"
    RESUME_DELAY = "resume delay"
    REOPENING = "reopening"
    RESUMING = "resuming"
    FRESH_DELAY = "fresh delay"
    WAITING = "waiting"
    CLOSED = "closed"


class On(Enum):
    """What makes it move on."""

    CONNECT = "connect"
    OPENED = "socket opened"
    READY = "Ready (2)"
    DISCOVERED = "address discovered"
    DESCRIBED = "SessionDescription (4)"
    RESUMED = "Resumed (9)"
    LOST_RESUME = "lost: resume"
    LOST_FRESH = "lost: fresh"
    LOST_WAIT = "lost: wait for a login"
    LOST_STOP = "lost: stop"
    TIMER = "time"
    LOGIN = "new login"
    SERVER_GONE = "endpoint null"
    CLOSE = "close"


WITH_SOCKET = (
    State.OPENING, State.IDENTIFYING, State.DISCOVERING, State.SELECTING, State.LIVE, State.REOPENING, State.RESUMING,
)  # fmt: skip
_OPEN = (*WITH_SOCKET, State.RESUME_DELAY, State.FRESH_DELAY, State.WAITING)

TRANSITIONS: dict[tuple[State, On], State] = {
    (State.NEW, On.CONNECT): State.OPENING,
    (State.OPENING, On.OPENED): State.IDENTIFYING,
    (State.IDENTIFYING, On.READY): State.DISCOVERING,
    (State.DISCOVERING, On.DISCOVERED): State.SELECTING,
    (State.SELECTING, On.DESCRIBED): State.LIVE,
    (State.RESUME_DELAY, On.TIMER): State.REOPENING,
    (State.REOPENING, On.OPENED): State.RESUMING,
    (State.RESUMING, On.RESUMED): State.LIVE,
    (State.FRESH_DELAY, On.TIMER): State.OPENING,
    (State.WAITING, On.TIMER): State.CLOSED,
    **{(state, On.LOST_RESUME): State.RESUME_DELAY for state in (State.LIVE, State.REOPENING, State.RESUMING)},
    **{(state, On.LOST_FRESH): State.FRESH_DELAY for state in WITH_SOCKET},
    **{(state, On.LOST_WAIT): State.WAITING for state in WITH_SOCKET},
    **{(state, On.LOST_STOP): State.CLOSED for state in WITH_SOCKET},
    **{(state, On.LOGIN): State.OPENING for state in _OPEN},
    **{(state, On.SERVER_GONE): State.WAITING for state in _OPEN},
    **{(state, On.CLOSE): State.CLOSED for state in (State.NEW, *_OPEN)},
}
