"""Reading JSON by Lavalink's rules (server.md 1.1): stricter than most in what is null, laxer in how numbers look.

The text is parsed with its number texts kept, then each struct's fields are read by the rules of their types.
Departures from Lavalink, on purpose: `01` and invalid UTF-8 are refused.
"""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Callable
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UnsetType

from voxlink.errors import InvalidBody
from voxlink.protocol.enums import WireEnum
from voxlink.protocol.java_numbers import float64, integer, shortest_float32
from voxlink.protocol.load import Loaded, LoadedUnknown
from voxlink.protocol.message import EVENTS, MESSAGES, Message, UnknownEvent, UnknownMessage
from voxlink.protocol.value import Value

__all__ = ["MAX_DEPTH", "decode_body", "decode_loaded", "decode_message"]

MAX_DEPTH = 200
"""How deep objects and arrays may be nested; deeper ones could be read, but not written again by everybody."""

T = TypeVar("T")
Read = Callable[[Any], Any]


class _NumberText(str):
    """A JSON number as it was written."""

    __slots__ = ()


class _Missing:
    """Stands for a key that is not there."""


class _Wrong(Exception):
    """A value that does not fit; the path is collected on the way up."""

    def __init__(self, expected: str, got: object) -> None:
        self.expected = expected
        self.got = _describe(got)
        self.steps: list[str] = []


def decode_body(data: bytes | str, kind: type[T]) -> T:
    """The JSON text `data` as a value of `kind`: a class of this room, or a list of them.

    Raises `InvalidBody`, which names the JSON path, what was expected and what came. Nothing else is raised,
    whatever the bytes are.
    """
    return _checked(_reader(kind), data)


def decode_loaded(data: bytes | str) -> Loaded:
    """The answer of `GET /v4/loadtracks`; one of a kind that we do not know is kept. Raises `InvalidBody`."""
    return _checked(_reader(Loaded), data)


def decode_message(data: bytes | str) -> Message:
    """A message from a node's WebSocket; unknown ops and events are kept. Raises `InvalidBody`."""
    return _checked(_read_message, data)


def _checked(read: Callable[[Any], T], data: bytes | str) -> T:
    try:
        return read(_parse(data))
    except _Wrong as wrong:
        raise InvalidBody("$" + "".join(wrong.steps), wrong.expected, wrong.got) from None
    except RecursionError:  # the caller had used up most of the stack
        raise InvalidBody("$", f"at most {MAX_DEPTH} levels", "more") from None


def _refuse_constant(text: str) -> None:
    raise _Wrong("JSON", _Quoted(text))


class _Quoted(str):
    """Text that is put into an error as it is."""

    __slots__ = ()


_PARSER = json.JSONDecoder(
    strict=False, parse_int=_NumberText, parse_float=_NumberText, parse_constant=_refuse_constant
)


def _parse(data: bytes | str) -> Any:
    try:
        return _PARSER.decode(data if isinstance(data, str) else data.decode())
    except UnicodeDecodeError as error:
        raise _Wrong("UTF-8", _Quoted(f"byte 0x{data[error.start]:02x} at offset {error.start}")) from None
    except json.JSONDecodeError as error:
        raise _Wrong("JSON", _Quoted(f"{error.msg.lower()} at line {error.lineno} column {error.colno}")) from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> _Wrong:
    return _Wrong(f"at most {MAX_DEPTH} levels", _Quoted("more"))


def _describe(value: object) -> str:
    """A value in a few words, for an error's text."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _Missing():
            return "nothing"
        case _Quoted():
            return str(value)
        case _NumberText():
            return f"the number {_cut(value)}"
        case str():
            return f'the string "{_cut(value)}"'
        case list():
            return "an array"
        case _:
            return "an object"


def _cut(text: str) -> str:
    """The beginning of a text from outside, with its control characters made visible."""
    shown = text if len(text) <= 40 else text[:39] + "…"
    return shown.encode("unicode_escape").decode() if not shown.isprintable() else shown


def _read_any(value: Any, depth: int = 0) -> Any:
    """A JSON value of somebody else: 64-bit integers stay integers, every other number becomes a double."""
    if isinstance(value, _NumberText):
        number = integer(value) if value.lstrip("-").isdecimal() else None
        if number is not None and -(2**63) <= number < 2**63:
            return number
        double = float64(value)
        if double is None:
            raise _Wrong("a number that a double can hold", value)
        return double
    if not isinstance(value, dict | list):
        return value
    if depth >= MAX_DEPTH:
        raise _too_deep()
    step = ""
    try:
        if isinstance(value, dict):
            whole: dict[str, Any] = {}
            for key, item in cast("dict[str, Any]", value).items():
                step = f".{key}"
                whole[key] = _read_any(item, depth + 1)
            return whole
        items = cast("list[Any]", value)
        for index, item in enumerate(items):
            step = f"[{index}]"
            items[index] = _read_any(item, depth + 1)
    except _Wrong as wrong:
        wrong.steps.insert(0, _shown(step))
        raise
    return items


def _shown(step: str) -> str:
    return _cut(step)


def _read_str(value: Any) -> str:
    if type(value) is not str:
        raise _Wrong("a string", value)
    return value


def _read_secret(value: Any) -> str:
    if type(value) is not str:
        raise _Wrong("a string", _Quoted("a number") if isinstance(value, _NumberText) else value)
    return value


def _read_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if type(value) is str and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise _Wrong("true or false", value)


def _read_none(value: Any) -> None:
    if value is not None:
        raise _Wrong("null", value)


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("an object", value)
    return _read_any(value)


def _integer_reader(bits: int) -> Read:
    lowest, highest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def read(value: Any) -> int:
        number = integer(value) if isinstance(value, str) else None
        if number is None or not lowest <= number <= highest:
            raise _Wrong(f"an integer of {bits} bits", value)
        return number

    return read


def _read_float64(value: Any) -> float:
    number = float64(value) if isinstance(value, str) else None
    if number is None:
        raise _Wrong("a number of 64 bits", value)
    return number


def _read_float32(value: Any) -> float:
    number = float64(value) if isinstance(value, str) else None
    number = None if number is None else shortest_float32(number)
    if number is None:
        raise _Wrong("a number of 32 bits", value)
    return number


def _enum_reader(kind: type[WireEnum]) -> Read:
    return lambda value: kind.read(_read_str(value))


def _nullable(read: Read) -> Read:
    return lambda value: None if value is None else read(value)


def _list_reader(read: Read) -> Read:
    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _Wrong("an array", value)
        index, items = 0, cast("list[Any]", value)
        try:
            for index, item in enumerate(items):
                items[index] = read(item)
        except _Wrong as wrong:
            wrong.steps.insert(0, f"[{index}]")
            raise
        return items

    return read_list


def _struct_reader(kind: type[Value], keys: tuple[str, ...] = ()) -> Read:
    """Reads an object as `kind`. `keys` must be there although their fields could be null."""
    hints = get_type_hints(kind, include_extras=True)
    fields = [field for field in msgspec.structs.fields(kind) if field.name != "unknown"]
    readers = {field.encode_name: (field.name, _reader(hints[field.name])) for field in fields}
    required = {
        field.encode_name: field.name
        for field in fields
        if field.default is NODEFAULT and field.default_factory is NODEFAULT
    }
    may_be_null = {field.encode_name for field in fields if type(None) in get_args(hints[field.name])} - set(keys)

    def read(value: Any) -> Value:
        if not isinstance(value, dict):
            raise _Wrong("an object", value)
        known: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        key = ""
        try:
            for key, item in cast("dict[str, Any]", value).items():
                if key in readers:
                    name, read_field = readers[key]
                    known[name] = read_field(item)
                else:
                    unknown[key] = _read_any(item)
            for key, name in required.items():
                if name not in known:
                    if key not in may_be_null:
                        raise _Wrong("a value", _Missing())
                    known[name] = None
        except _Wrong as wrong:
            wrong.steps.insert(0, _shown(f".{key}"))
            raise
        if unknown:
            known["unknown"] = unknown
        return kind(**known)

    return read


def _tagged_reader(kinds: list[type[Value]]) -> Read:
    """Reads one of several structs by the text at their tag's key; `LoadedUnknown` takes the rest."""
    readers = {str(kind.__struct_config__.tag): _struct_reader(kind) for kind in kinds if kind is not LoadedUnknown}
    key = next(kind.__struct_config__.tag_field for kind in kinds if kind is not LoadedUnknown)
    other = _struct_reader(LoadedUnknown)

    def read(value: Any) -> Value:
        tag = _read_tag(value, str(key))
        if tag not in readers:
            return other(value)
        return readers[tag]({name: item for name, item in value.items() if name != key})

    return read


def _read_tag(value: Any, key: str) -> str:
    if not isinstance(value, dict):
        raise _Wrong("an object", value)
    try:
        return _read_str(cast("dict[str, Any]", value).get(key, _Missing()))
    except _Wrong as wrong:
        wrong.steps.insert(0, f".{key}")
        raise


def _read_message(value: Any) -> Message:
    op = _read_tag(value, "op")
    if op in MESSAGES:
        return _reader(MESSAGES[op])({key: item for key, item in value.items() if key != "op"})
    if op != "event":
        return UnknownMessage(op, _read_any(value))
    kind = _read_tag(value, "type")
    if kind in EVENTS:
        return _reader(EVENTS[kind])({key: item for key, item in value.items() if key not in {"op", "type"}})
    guild_id = value.get("guildId")
    return UnknownEvent(kind, guild_id if type(guild_id) is str else None, _read_any(value))


@functools.cache
def _reader(kind: Any) -> Read:
    """How values of a type are read; made once for each type."""
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {types.UnionType, Union}:
        return _union_reader([part for part in arguments if part is not UnsetType])
    if hasattr(kind, "__metadata__"):
        return _annotated_reader(arguments[0], arguments[1])
    if origin is list:
        return _list_reader(_reader(arguments[0]))
    if origin is dict:
        return _read_object
    if isinstance(kind, type) and issubclass(kind, WireEnum):
        return _enum_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Value):
        return _struct_reader(kind)
    raise TypeError(f"{kind} is no type of the protocol")


_SIMPLE: dict[Any, Read] = {
    str: _read_str,
    bool: _read_bool,
    float: _read_float64,
    Any: _read_any,
    type(None): _read_none,
}


def _annotated_reader(kind: Any, meta: msgspec.Meta) -> Read:
    extra = meta.extra or {}
    if kind is int:
        return _integer_reader(32 if meta.le == 2**31 - 1 else 64)
    if extra.get("bits") == 32:
        return _read_float32
    if extra.get("secret"):
        return _read_secret
    if "keys" in extra:
        return _struct_reader(kind, tuple(extra["keys"]))
    return _reader(kind)


def _union_reader(parts: list[Any]) -> Read:
    if type(None) in parts:
        return _nullable(_union_reader([part for part in parts if part is not type(None)]))
    return _reader(parts[0]) if len(parts) == 1 else _tagged_reader(parts)
