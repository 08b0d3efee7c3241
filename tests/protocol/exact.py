"""What every value must do: read a JSON text and write the very same text."""

from __future__ import annotations

from typing import Any, TypeVar

from voxlink.protocol import Loaded, decode_body, decode_loaded, encode

T = TypeVar("T")

INFO = (
    '{"identifier":"i","isSeekable":true,"author":"a","length":9223372036854775807,"isStream":false,"position":0,'
    '"title":"t","uri":null,"sourceName":"s","artworkUrl":null,"isrc":null}'
)
TRACK = f'{{"encoded":"e","info":{INFO},"pluginInfo":{{}},"userData":{{}}}}'
STATE = '{"time":1,"position":2,"connected":true,"ping":-1}'
FAILURE = '{"message":null,"severity":"common","cause":"c","causeStackTrace":"s"}'


def exact(text: str, kind: type[T]) -> T:
    """The value that a text holds, after it was written again as the same text."""
    value: Any = decode_body(text, kind)
    assert encode(value).decode() == text
    return value


def exact_loaded(text: str) -> Loaded:
    """The answer that a text holds, after it was written again as the same text."""
    loaded = decode_loaded(text)
    assert encode(loaded).decode() == text
    return loaded
