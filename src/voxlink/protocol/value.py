"""The ground of every Lavalink value: a frozen msgspec struct that keeps the fields it does not know."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

__all__ = ["UNKNOWN_KEY", "Float32", "Int32", "Int64", "JsonObject", "Value"]

UNKNOWN_KEY = "<unknown>"
"""The key that stands for a value's unknown fields until the writer has put them in their place."""

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""A Java `int`."""

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A Java `long`: milliseconds, bytes, ids."""

Float32 = Annotated[float, Meta(extra={"bits": 32})]
"""A Java `float`, held as the double that has the same shortest spelling."""

JsonObject = dict[str, Any]
"""A JSON object whose content is somebody else's (user data, a plugin's fields); key order is kept."""


class Value(Struct, frozen=True, kw_only=True, rename="camel", repr_omit_defaults=True):
    """A Lavalink JSON object. Field names are the wire's, in snake case; field order is the wire's order.

    `unknown` holds the fields that the sender wrote and this version does not know (absent if there are none);
    `voxlink.protocol.encode` writes them back after the known ones.
    """

    unknown: JsonObject | UnsetType = field(default=UNSET, name=UNKNOWN_KEY)
