"""The body of every error answer (server.md 1.1)."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from voxlink.protocol.value import Int32, Int64, Value

__all__ = ["ErrorBody"]


class ErrorBody(Value, frozen=True, kw_only=True):
    """An error: `timestamp` in ms since the epoch, `error` the status in words, `trace` only if it was asked for."""

    timestamp: Int64
    status: Int32
    error: str
    trace: str | UnsetType = UNSET
    message: str
    path: str | UnsetType = UNSET
