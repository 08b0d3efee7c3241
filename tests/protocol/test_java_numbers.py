"""Numbers as Java reads and spells them."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.protocol.java_numbers import float64, integer, respell, shortest_float32, spell


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("-0", 0), ("12", 12), ("-7", -7), ("007", 7), ("1e2", 100), ("1E2", 100), ("1e+2", 100), ("10e-1", 1),
     ("0e99", 0), ("0e-99", 0), ("9223372036854775807", 2**63 - 1)],
)  # fmt: skip
def test_a_whole_number_is_an_integer(text: str, value: int) -> None:
    assert integer(text) == value


@pytest.mark.parametrize(
    "text", ["", "1.0", "1.5", "1e-1", " 7", "7 ", "+1", "0x10", "1_0", "--1", "e5", "1e", "1e99999", "9" * 5000, "١"]
)
def test_anything_else_is_none(text: str) -> None:
    assert integer(text) is None


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e400", "-1e400", "0x1p3", "1f", ".5", "1.", " 1", "1_0"])
def test_what_is_no_double_is_refused(text: str) -> None:
    assert float64(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_as_it_was_written(value: float) -> None:
    assert float64(repr(value)) == value
    assert float64(spell(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e5, "100000.0"), (1.1, "1.1"), (1.2345678901234568e29, "1.2345678901234568E29"), (1e7, "1.0E7"),
     (0.0005, "5.0E-4"), (0.001, "0.001"), (9999999.5, "9999999.5"), (-1.5e-7, "-1.5E-7"), (0.0, "0.0"),
     (-0.0, "-0.0"), (123456789.0, "1.23456789E8")],
)  # fmt: skip
def test_doubles_are_spelled_as_java_spells_them(value: float, text: str) -> None:
    assert spell(value) == text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_keeps_its_value_and_gets_its_shortest_spelling(value: float) -> None:
    short = shortest_float32(value)
    assert short is not None
    assert struct.pack(">f", short) == struct.pack(">f", value)
    assert len(repr(short)) <= max(len(repr(value)), 17)
    assert shortest_float32(short) == short


def test_a_float_is_rounded_to_32_bits() -> None:
    assert shortest_float32(0.10000000149011612) == 0.1
    assert shortest_float32(0.123456789123) == 0.12345679
    assert shortest_float32(1e39) is None
    assert shortest_float32(-1e39) is None


doubles = st.floats(allow_nan=False, allow_infinity=False)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | doubles | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(any_json)
def test_respelling_changes_no_value(value: object) -> None:
    assert json.loads(respell(json.dumps(value).encode())) == value


def test_text_that_looks_like_numbers_is_left_alone() -> None:
    text = b'{"a":"x\\":1e30,","b":1e30,"c":[0.0000001,":12345678901.5"]}'
    assert respell(text) == b'{"a":"x\\":1e30,","b":1.0E30,"c":[1.0E-7,":12345678901.5"]}'
