"""Times as people write them, with the defects of Lavalink.py's functions mended and shown."""

from __future__ import annotations

import lavalink
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.protocol import format_time, parse_time, timestamp_to_millis


@pytest.mark.parametrize(
    ("text", "ms"),
    [("03:28", 208_000), ("02:15:53", 8_153_000), ("1:13", 73_000), ("45", 45_000), ("90:00", 5_400_000),
     ("1:00:00:00", 86_400_000), ("0", 0), ("600", 600_000)],
)  # fmt: skip
def test_a_timestamp_is_that_many_milliseconds(text: str, ms: int) -> None:
    assert timestamp_to_millis(text) == lavalink.timestamp_to_millis(text) == ms


@pytest.mark.parametrize(
    ("text", "theirs"), [("-1:30", -30_000), ("0:99", 99_000), ("1:-5", 55_000), ("1:75:00", 8_100_000)]
)
def test_a_timestamp_that_makes_no_sense_is_refused_where_lavalink_py_gives_a_number(text: str, theirs: int) -> None:
    assert lavalink.timestamp_to_millis(text) == theirs
    with pytest.raises(ValueError, match=r"must be less than|integers and colons"):
        timestamp_to_millis(text)


@pytest.mark.parametrize("text", ["", ":", "a", "1:x", "1.5", "1::2", "١:٣٠"])
def test_other_text_is_no_timestamp(text: str) -> None:
    with pytest.raises(ValueError, match="integers and colons"):
        timestamp_to_millis(text)


def test_five_sections_are_too_many() -> None:
    with pytest.raises(TypeError, match="Too many segments"):
        timestamp_to_millis("1:2:3:4:5")


def test_a_second_that_has_not_passed_does_not_count() -> None:
    assert lavalink.format_time(3_599_999) == "00:59:60"
    assert format_time(3_599_999) == "00:59:59"
    assert [format_time(ms) for ms in (0, 999, 1_000, 61_000, 86_400_000, 360_000_000)] == [
        "00:00:00", "00:00:00", "00:00:01", "00:01:01", "24:00:00", "100:00:00",
    ]  # fmt: skip
    assert format_time(-1_000) == "-00:00:01"


@given(st.integers(0, 10**12))
def test_whole_seconds_are_written_as_lavalink_py_writes_them(seconds: int) -> None:
    assert format_time(seconds * 1_000) == lavalink.format_time(seconds * 1_000)


@given(st.integers(0, 99 * 3_600_000))
def test_what_is_written_can_be_read(ms: int) -> None:
    assert timestamp_to_millis(format_time(ms)) == ms // 1_000 * 1_000


@given(st.integers(0, 10**14))
def test_the_parts_are_those_of_lavalink_py(ms: int) -> None:
    assert parse_time(ms) == lavalink.parse_time(ms)
