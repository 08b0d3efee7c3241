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
    """JSON text; lone surrogates become escapes. Raises TypeError for what JSON cannot hold."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()
