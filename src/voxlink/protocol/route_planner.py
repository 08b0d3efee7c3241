"""The route planner's status and its one request body (server.md 1.6)."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from voxlink.protocol.value import Int64, Value

__all__ = ["FailingAddress", "FreeAddress", "IpBlock", "RoutePlannerDetails", "RoutePlannerStatus"]


class IpBlock(Value, frozen=True):
    """A block of addresses: `type` is `Inet4Address` or `Inet6Address`, `size` a number as text."""

    type: str
    size: str


class FailingAddress(Value, frozen=True):
    """An address that a source refused, since `failing_timestamp` (ms since the epoch)."""

    failing_address: str
    failing_timestamp: Int64
    failing_time: str


class RoutePlannerDetails(Value, frozen=True):
    """The planner's state. Which of the last five fields there are depends on the planner's class; all are texts."""

    ip_block: IpBlock
    failing_addresses: list[FailingAddress]
    rotate_index: str | UnsetType = UNSET
    ip_index: str | UnsetType = UNSET
    current_address: str | UnsetType = UNSET
    block_index: str | UnsetType = UNSET
    current_address_index: str | UnsetType = UNSET


class RoutePlannerStatus(Value, frozen=True):
    """The answer of `GET /v4/routeplanner/status`; both are None for a server without a planner (before 4.0)."""

    class_: str | None = field(name="class")
    details: RoutePlannerDetails | None


class FreeAddress(Value, frozen=True):
    """The body of `POST /v4/routeplanner/free/address`."""

    address: str
