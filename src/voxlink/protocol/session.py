"""A session's settings and the change of them."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from voxlink.protocol.value import Int64, Value

__all__ = ["Session", "UpdateSession"]


class Session(Value, frozen=True):
    """Whether the session waits for its client after a lost connection, and for how many seconds."""

    resuming: bool
    timeout: Int64


class UpdateSession(Value, frozen=True):
    """The body of `PATCH /v4/sessions/{session}`; `timeout` in seconds, 0 or less expires at once."""

    resuming: bool | UnsetType = UNSET
    timeout: Int64 | UnsetType = UNSET
