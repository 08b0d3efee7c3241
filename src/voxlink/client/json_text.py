"""JSON as nodes write it: quickly, and with what strict readers refuse."""

from __future__ import annotations

import json
from typing import Any

import msgspec

__all__ = ["decode_json", "encode_json"]

_decode = msgspec.json.Decoder().decode


def decode_json(data: bytes | str) -> Any:
    """The value of a JSON text. Raises ValueError.

    Lone surrogates, which Java writes and msgspec refuses, are read by Python's own reader.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(data, strict=False)


def encode_json(value: Any) -> bytes:
    """JSON text; lone surrogates become escapes. Raises TypeError for what JSON cannot hold.

    Libraries' own kinds of numbers and texts (hikari's `Snowflake` is an int) are numbers and texts.
    """
    try:
        return msgspec.json.encode(value, enc_hook=_plain)
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def _plain(value: Any) -> Any:
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"JSON cannot hold {type(value).__name__}")
