"""Values are written as Lavalink writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.exact import TRACK
from voxlink.errors import BadType
from voxlink.protocol import LoadedTrack, Track, TrackStart, decode_body, encode

any_text = st.text(st.characters(codec=None, exclude_categories=()))
doubles = st.floats(allow_nan=False, allow_infinity=False)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | doubles | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=20,
)
track = decode_body(TRACK, Track)


def java(text: str) -> str:
    """The text as a JSON reader sees it: two surrogates in a row are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def java_json(value: Any) -> Any:
    if isinstance(value, str):
        return java(value)
    if isinstance(value, list):
        return [java_json(item) for item in value]
    if isinstance(value, dict):
        return {java(key): java_json(item) for key, item in value.items()}
    return value


@given(st.dictionaries(any_text, any_json, max_size=4))
def test_any_user_data_is_read_back(data: dict[str, Any]) -> None:
    written = encode(replace(track, user_data=data))
    assert json.loads(written.decode())["userData"] == java_json(data)
    assert decode_body(written, Track).user_data == java_json(data)


def test_lone_surrogates_are_written_as_escapes() -> None:
    assert encode(replace(track, encoded="a\ud83dé")).startswith('{"encoded":"a\\ud83dé"'.encode())
    event = TrackStart("1", replace(track, encoded="\udc00", unknown={"x": "\ud800"}))
    assert encode(event).startswith(
        b'{"op":"event","type":"TrackStartEvent","guildId":"1","track":{"encoded":"\\udc00"'
    )
    assert encode(event).endswith(b'"userData":{},"x":"\\ud800"}}')
    assert encode(LoadedTrack(event.track)).startswith(b'{"loadType":"track","data":{"encoded":"\\udc00"')


def test_unknown_fields_of_inner_values_stay_inside() -> None:
    text = f'{{"loadType":"track","data":{TRACK[:-1]},"later":1}},"more":2}}'
    assert encode(decode_body(text, LoadedTrack)).decode() == text


def test_doubles_are_spelled_as_java_spells_them() -> None:
    data = {"a": 1e5, "b": 1.2345678901234568e29, "c": 5e-324, "d": -1e-7, "e": "1e30", "f": 12345678.9}
    written = encode(data).decode()
    assert written == (
        '{"a":100000.0,"b":1.2345678901234568E29,"c":4.9E-324,"d":-1.0E-7,"e":"1e30","f":1.23456789E7}'
    ).replace("4.9E-324", "5.0E-324")


def test_integers_beyond_64_bits_are_written_in_full() -> None:
    assert encode({"a": 2**70}) == f'{{"a":{2**70}}}'.encode()


def test_lists_of_values_are_written_as_arrays() -> None:
    assert encode([track, track]).decode() == f"[{TRACK},{TRACK}]"
    assert encode([]) == b"[]"


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(BadType):
        encode(replace(track, user_data={"a": object()}))
    with pytest.raises(BadType):
        encode({"a": "\ud800", "b": object()})
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(BadType):
        encode(endless)
