"""JSON is read by Lavalink's rules: one line for each coercion and each null."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from protocol.exact import INFO
from voxlink.errors import InvalidBody
from voxlink.protocol import (
    Filters,
    FreeAddress,
    Player,
    Session,
    Track,
    UpdatePlayer,
    UpdateSession,
    decode_body,
    decode_loaded,
    decode_message,
    encode,
)
from voxlink.protocol.read import MAX_DEPTH

ACCEPTED: list[tuple[str, str, Any]] = [
    ("volume", "100", 100),
    ("volume", '"100"', 100),
    ("volume", "1e2", 100),
    ("volume", '"1e2"', 100),
    ("volume", "-0", 0),
    ("volume", '"007"', 7),
    ("volume", "-2147483648", -(2**31)),
    ("volume", "2147483647", 2**31 - 1),
    ("position", "9223372036854775807", 2**63 - 1),
    ("position", "-1", -1),
    ("endTime", '"0"', 0),
    ("endTime", "null", None),
    ("paused", "true", True),
    ("paused", "false", False),
    ("paused", '"True"', True),
    ("paused", '"FALSE"', False),
    ("encodedTrack", "null", None),
    ("encodedTrack", '""', ""),
    ("identifier", '""', ""),
    ("identifier", '"a\tb\u0000"', "a\tb\0"),
    ("identifier", '"\\ud800"', "\ud800"),
    ("identifier", '"\\ud83d\\ude00"', "😀"),
]

REFUSED: list[tuple[str, str]] = [
    ("volume", "100.0"), ("volume", '"1.5"'), ("volume", "1.5"), ("volume", '" 7"'), ("volume", '"7 "'),
    ("volume", "2147483648"), ("volume", "-2147483649"), ("volume", '"abc"'), ("volume", '""'), ("volume", "true"),
    ("volume", "[]"), ("volume", "{}"), ("volume", "null"), ("volume", "1e-1"),
    ("position", "9223372036854775808"), ("position", "1e19"), ("position", "null"), ("position", "true"),
    ("endTime", "true"), ("endTime", "{}"), ("endTime", "1.5"),
    ("paused", "1"), ("paused", "0"), ("paused", '"1"'), ("paused", '"yes"'), ("paused", '""'), ("paused", "null"),
    ("paused", "[]"), ("paused", "{}"),
    ("encodedTrack", "123"), ("encodedTrack", "true"), ("encodedTrack", "{}"),
    ("identifier", "null"), ("identifier", "123"), ("identifier", "[]"),
    ("track", "null"), ("track", "[]"), ("track", "1"), ("filters", "null"), ("filters", "[]"), ("filters", '"x"'),
    ("voice", "null"), ("voice", "[]"), ("voice", "{}"),
]  # fmt: skip

VOICE = '{"token":"t","endpoint":"e","sessionId":"s","channelId":"1"}'

NULLS_REFUSED = [
    '{"track":{"identifier":null}}', '{"track":{"userData":null}}', '{"filters":{"volume":null}}',
    '{"filters":{"equalizer":null}}', '{"filters":{"pluginFilters":null}}', '{"filters":{"karaoke":{"level":null}}}',
    '{"filters":{"timescale":{"rate":null}}}', '{"filters":{"equalizer":[null]}}',
    '{"filters":{"equalizer":[{"band":null}]}}', '{"filters":{"lowPass":{"smoothing":null}}}',
    *(f'{{"voice":{VOICE.replace(f"{chr(34)}{value}{chr(34)}", "null")}}}' for value in "tes"),
]  # fmt: skip

NULLABLE_FILTERS = [
    "karaoke", "timescale", "tremolo", "vibrato", "distortion", "rotation", "channelMix", "lowPass",
]  # fmt: skip


def snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


@pytest.mark.parametrize(("field", "text", "value"), ACCEPTED)
def test_a_value_is_accepted(field: str, text: str, value: Any) -> None:
    found = getattr(decode_body(f'{{"{field}":{text}}}', UpdatePlayer), snake(field))
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("field", "text"), REFUSED)
def test_a_value_is_refused_by_its_path(field: str, text: str) -> None:
    with pytest.raises(InvalidBody) as caught:
        decode_body(f'{{"{field}":{text}}}', UpdatePlayer)
    path = "$.voice.token" if (field, text) == ("voice", "{}") else f"$.{field}"
    assert caught.value.path == path
    assert caught.value.expected
    assert caught.value.got
    assert str(caught.value) == f"{path}: expected {caught.value.expected}, got {caught.value.got}"


@pytest.mark.parametrize("text", NULLS_REFUSED)
def test_null_is_refused_where_lavalink_refuses_it(text: str) -> None:
    with pytest.raises(InvalidBody, match="got null"):
        decode_body(text, UpdatePlayer)


@pytest.mark.parametrize("field", ["resuming", "timeout"])
def test_null_is_no_session_setting(field: str) -> None:
    with pytest.raises(InvalidBody):
        decode_body(f'{{"{field}":null}}', UpdateSession)


@pytest.mark.parametrize("name", NULLABLE_FILTERS)
def test_null_unsets_a_filter(name: str) -> None:
    filters = decode_body(f'{{"{name}":null}}', Filters)
    assert getattr(filters, snake(name)) is None
    assert filters.settled() == Filters()


def test_null_is_a_channel_but_a_missing_key_is_not() -> None:
    change = decode_body(f'{{"voice":{VOICE.replace(chr(34) + "1" + chr(34), "null")}}}', UpdatePlayer)
    assert change.voice is not UNSET
    assert change.voice.channel_id is None
    with pytest.raises(InvalidBody, match=r"\$\.voice\.channelId: expected a value, got nothing"):
        decode_body('{"voice":{"token":"t","endpoint":"e","sessionId":"s"}}', UpdatePlayer)
    with pytest.raises(InvalidBody, match=r"\$\.voice\.channelId: expected a string, got the number 77"):
        decode_body(f'{{"voice":{VOICE.replace(chr(34) + "1" + chr(34), "77")}}}', UpdatePlayer)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("1", 1.0),
        ('"0.5"', 0.5),
        ("1e-3", 0.001),
        ("0.123456789123", 0.12345679),
        ("-0", -0.0),
        ('"1e2"', 100.0),
    ],
)
def test_a_float_field_takes_any_number_of_32_bits(text: str, value: float) -> None:
    found = decode_body(f'{{"volume":{text}}}', Filters).volume
    assert (found, str(found)) == (value, str(value))


@pytest.mark.parametrize(
    "text", ["1e39", "-1e39", "NaN", "Infinity", '"NaN"', '"Infinity"', "true", "null", '""', "[]", '"a"']
)
def test_a_float_field_takes_nothing_else(text: str) -> None:
    with pytest.raises(InvalidBody):
        decode_body(f'{{"volume":{text}}}', Filters)


def test_a_double_field_takes_what_a_float_field_cannot() -> None:
    for name in ("speed", "pitch", "rate"):
        filters = decode_body(f'{{"timescale":{{"{name}":1e39}}}}', Filters)
        assert getattr(filters.timescale, name) == 1e39
    with pytest.raises(InvalidBody):
        decode_body('{"rotation":{"rotationHz":1e309}}', Filters)


@pytest.mark.parametrize(
    ("text", "path"),
    [('{"equalizer":[{"gain":0.2}]}', "$.equalizer[0].band"),
     ('{"equalizer":[{"band":0},{"band":1.5}]}', "$.equalizer[1].band"),
     ('{"equalizer":{}}', "$.equalizer"), ('{"pluginFilters":[]}', "$.pluginFilters")],
)  # fmt: skip
def test_the_path_leads_to_the_place(text: str, path: str) -> None:
    with pytest.raises(InvalidBody) as caught:
        decode_body(text, Filters)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("text", "written"),
    [("1", "1"), ("-0", "0"), ("1E5", "100000.0"), ("1.10", "1.1"), ("9223372036854775807", "9223372036854775807"),
     ("9223372036854775808", "9.223372036854775808E18"), ("123456789012345678901234567890", "1.2345678901234568E29"),
     ("1e2", "100.0"), ("-0.0", "-0.0"), ('"1"', '"1"')],
)  # fmt: skip
def test_numbers_in_user_data_are_respelled(text: str, written: str) -> None:
    change = decode_body(f'{{"track":{{"userData":{{"n":{text}}}}}}}', UpdatePlayer)
    expected = written.replace("9.223372036854775808E18", "9.223372036854776E18")
    assert encode(change).decode() == f'{{"track":{{"userData":{{"n":{expected}}}}}}}'


@pytest.mark.parametrize("text", ["1e400", "-1e400", "[1e400]", '{"a":{"b":1e999}}'])
def test_a_number_in_user_data_that_no_double_can_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidBody, match=r"\$\.track\.userData\.n.*a double can hold"):
        decode_body(f'{{"track":{{"userData":{{"n":{text}}}}}}}', UpdatePlayer)


@pytest.mark.parametrize("text", ["[]", '"x"', "1", "true"])
def test_user_data_is_an_object(text: str) -> None:
    with pytest.raises(InvalidBody, match=r"\$\.track\.userData: expected an object"):
        decode_body(f'{{"track":{{"userData":{text}}}}}', UpdatePlayer)


def test_the_last_of_two_equal_keys_wins_and_keys_have_a_case() -> None:
    change = decode_body('{"volume":1,"volume":2,"Volume":"x"}', UpdatePlayer)
    assert change == UpdatePlayer(volume=2, unknown={"Volume": "x"})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"x"',
        b"1",
        b"{} x",
        b"{}{}",
        b"{/**/}",
        b'{"a":1,}',
        b"{'a':1}",
        b"{a:1}",
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-16-le"),
        b'{"volume":+1}',
        b'{"volume":.5}',
        b'{"volume":0x10}',
        b'{"volume":NaN}',
        b'{"volume":-Infinity}',
        b"{",
        b'{"a"',
        b'{"a":"',
        b'{"a":"\\x"}',
        b'{"volume":1.}',
        b'{"volume":--1}',
        b"\xa0{}",
        b'{"volume":01}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
    ],
)
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidBody) as caught:
        decode_body(data, UpdatePlayer)
    assert caught.value.path in {"$", "$.volume"}


def test_white_space_around_the_body_and_raw_control_characters_are_accepted() -> None:
    assert decode_body(b' \r\n\t{"identifier" : "a\nb"}\n', UpdatePlayer).identifier == "a\nb"


def test_a_large_body_is_fine() -> None:
    data = '{"track":{"userData":{"x":"' + "y" * 2_000_000 + '"}}}'
    assert decode_body(data, UpdatePlayer).track is not UNSET


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_what_is_nested_too_deep_is_refused(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    for depth in (MAX_DEPTH + 1, 10_000, 200_000):
        text = opening * depth + "1" + closing * depth
        with pytest.raises(InvalidBody, match=f"at most {MAX_DEPTH} levels"):
            decode_body(f'{{"pluginFilters":{{"a":{text}}}}}', Filters)


def test_lists_of_texts_are_read() -> None:
    assert decode_body('["a","b"]', list[str]) == ["a", "b"]
    with pytest.raises(InvalidBody) as caught:
        decode_body('["a",1]', list[str])
    assert caught.value.path == "$[1]"
    with pytest.raises(InvalidBody):
        decode_body("{}", list[str])


def test_an_error_shows_only_the_beginning_of_what_came() -> None:
    with pytest.raises(InvalidBody) as caught:
        decode_body('{"volume":"' + "é\n" * 1000 + '"}', UpdatePlayer)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [UpdatePlayer, UpdateSession, Player, Session, Track, Filters, FreeAddress, list[str]])
@given(data=st.binary() | st.text().map(str.encode))
def test_any_bytes_give_a_value_or_invalid_body(kind: type[Any], data: bytes) -> None:
    with contextlib.suppress(InvalidBody):
        decode_body(data, kind)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "1", "true", "x", "\ud800"])
fields = st.sampled_from(
    ["op", "type", "guildId", "track", "state", "time", "encoded", "info", "volume", "filters", "equalizer", "band",
     "voice", "token", "userData", "loadType", "data", "tracks", "event", "ready", "resumed", "sessionId"]
)  # fmt: skip
shapes = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=6))


@given(shapes)
def test_any_json_gives_a_message_or_invalid_body(value: Any) -> None:
    text = json.dumps(value)
    for read in (decode_message, lambda text: decode_body(text, UpdatePlayer), decode_loaded):
        with contextlib.suppress(InvalidBody):
            read(text)


def test_a_track_of_the_tests_is_read() -> None:
    assert decode_body(f'{{"encoded":"e","info":{INFO}}}', Track).info.title == "t"
