"""Numbers as Java reads and spells them: Lavalink's JSON is written by a JVM."""

from __future__ import annotations

import re
import struct
from decimal import Decimal

__all__ = ["float64", "integer", "respell", "shortest_float32", "spell"]

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"(-?)0*([0-9]{1,40}?)(?:[eE]([+-]?)0*([0-9]{1,4}?))?")
_FLOAT32 = struct.Struct(">f")

_PERHAPS_FOREIGN = re.compile(rb"[:\[,]-?(?:[0-9]{8,}\.|0\.000|[0-9.]+e)")
_STRING_OR_FLOAT = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9]+\.[0-9]+(?:e[+-]?[0-9]+)?|-?[0-9]+e[+-]?[0-9]+')


def integer(text: str) -> int | None:
    """The integer that a number text means: digits, perhaps with an exponent (`1e2`); None if it is none.

    server.md 1.1: fractions are no integers, not even `100.0`. Numbers far beyond 64 bits are None, too.
    """
    found = _INTEGER.fullmatch(text)
    if found is None:
        return None
    sign, digits, exponent_sign, exponent_digits = found.groups()
    value, exponent = int(digits), int(exponent_digits or 0)
    if exponent_sign == "-":
        if exponent > len(digits):
            return 0 if value == 0 else None
        value, rest = divmod(value, 10**exponent)
        if rest:
            return None
    elif value:
        if exponent > 20:
            return None
        value *= 10**exponent
    return -value if sign else value


def float64(text: str) -> float | None:
    """The double that a number text means; None for other text and for numbers beyond the type."""
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None


def shortest_float32(value: float) -> float | None:
    """The double with the shortest spelling that is the same Java `float`; None for numbers beyond the type.

    Java spells a `float` by the fewest digits that tell it from its neighbours: 0.1, not 0.10000000149011612.
    """
    packed = _packed_float32(value)
    if packed is None:
        return None
    for digits in range(1, 9):
        short = float(f"{value:.{digits}g}")
        if _packed_float32(short) == packed:
            return short
    return float(f"{_FLOAT32.unpack(packed)[0]:.9g}")


def _packed_float32(value: float) -> bytes | None:
    try:
        return _FLOAT32.pack(value)
    except OverflowError:
        return None


def spell(value: float) -> str:
    """A finite double in Java's spelling: decimal from 1e-3 up to 1e7, else one digit, a fraction and `E`."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0")
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def respell(json: bytes) -> bytes:
    """A JSON text whose fractions are spelled by Python or msgspec, respelled as Java does."""
    if _PERHAPS_FOREIGN.search(json) is None:
        return json
    return _STRING_OR_FLOAT.sub(_respell_one, json)


def _respell_one(found: re.Match[bytes]) -> bytes:
    text = found[0]
    return text if text.startswith(b'"') else spell(float(text)).encode()
