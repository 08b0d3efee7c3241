"""Writing JSON as Lavalink does: compact, in Lavalink's key order, nulls where Lavalink writes nulls."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import msgspec
from msgspec import UNSET

from voxlink.errors import BadType
from voxlink.protocol.enums import WireEnum
from voxlink.protocol.java_numbers import respell
from voxlink.protocol.message import PlayerUpdate, UnknownEvent, UnknownMessage
from voxlink.protocol.player import PlayerState
from voxlink.protocol.value import UNKNOWN_KEY, Value

__all__ = ["encode"]

_ENCODER = msgspec.json.Encoder()
_MARK = json.dumps(UNKNOWN_KEY).encode() + b":"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class _PlayerUpdateAsWritten(Value, frozen=True):
    """The one message whose fields are written in another order than people name them."""

    state: PlayerState
    guild_id: str


def encode(value: object) -> bytes:
    """A value of this room, or JSON values that hold such values, as compact JSON in UTF-8.

    Lone surrogates are written as escapes. Raises `BadType` for an object that has no JSON form.
    """
    if isinstance(value, UnknownEvent | UnknownMessage):
        value = value.data
    head = _head(value)
    if isinstance(value, PlayerUpdate):
        value = _PlayerUpdateAsWritten(value.state, value.guild_id, unknown=value.unknown)
    try:
        body = respell(_write(value))
    except (TypeError, RecursionError) as error:
        raise BadType(str(error)) from None
    return head + body[1:] if head else body


def _write(value: object) -> bytes:
    try:
        body = _ENCODER.encode(value)
    except (UnicodeEncodeError, OverflowError):
        return _write_in_full(value)
    return body if _MARK not in body else _write_in_full(value)


def _head(value: object) -> bytes:
    """The beginning of a message: its brace, its op and its type."""
    op = getattr(type(value), "op", None) if isinstance(value, Value) else None
    if not isinstance(op, str):
        return b""
    kind = getattr(type(value), "type", None)
    tags = {"op": op, "type": kind} if isinstance(kind, str) else {"op": op}
    return _ENCODER.encode(tags)[:-1] + b","


def _write_in_full(value: object) -> bytes:
    """The same JSON, with unknown fields in their place and with what msgspec cannot write: any text, any integer."""
    text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        config = value.__struct_config__
        whole: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
        for name, wire in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            item = getattr(value, name)
            if item is not UNSET and name != "unknown":
                whole[wire] = _plain(item)
        if value.unknown is not UNSET:
            whole.update(_plain(value.unknown))
        return whole
    if isinstance(value, WireEnum):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("list[Any]", value)]
    if value is None or isinstance(value, str | int | float):
        return value
    return msgspec.to_builtins(value)
