"""The account of a song is true: whole means whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.cli.play_report import PlayReport, clock


def report(**changes: Any) -> PlayReport:
    values: dict[str, Any] = {
        "title": "a - b",
        "asked_ms": 2000,
        "heard": 100,
        "holes": 0,
        "median_gap_ms": 20.0,
        "p99_gap_ms": 20.4,
        "max_gap_ms": 21.0,
        "jitter_ms": 0.1,
        "join_to_first_packet_ms": 30.0,
        "passthrough": True,
        "faults": (),
    }
    return PlayReport(**values | changes)


def test_everything_heard_is_whole() -> None:
    assert report().is_whole
    assert not list(report().shortcomings())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"heard": 97}, "the listener heard 0:01.9 of 0:02.0"),
        ({"heard": 90, "holes": 10}, "the listener heard 0:01.8 of 0:02.0, 10 frames did not arrive"),
        ({"faults": ("nonce 7 was used twice",)}, "nonce 7 was used twice"),
        (
            {"failure": "The file is cut off.", "heard": 50},
            "the track failed: The file is cut off. (heard 0:01.0 of 0:02.0)",
        ),
    ],
)
def test_each_shortcoming_is_named_and_the_song_is_not_whole(changes: dict[str, Any], words: str) -> None:
    short = report(**changes)
    assert not short.is_whole
    assert words in list(short.shortcomings())


def test_a_skipped_slot_is_told_and_takes_nothing_from_the_song() -> None:
    late = report(holes=4)
    assert late.is_whole
    assert ("frames missing", "0") in late.rows()
    assert ("slots skipped", "4") in late.rows()


def test_the_table_says_how_the_music_went() -> None:
    assert ("way", "passthrough") in report().rows()
    assert ("way", "transcode") in report(passthrough=False).rows()


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0:00.0"), (59_960, "1:00.0"), (187_200, "3:07.2"), (3_723_000, "1:02:03.0")]
)
def test_times_are_written_as_people_read_them(ms: int, text: str) -> None:
    assert clock(ms) == text


@given(st.integers(0, 10**9))
def test_seconds_never_reach_sixty(ms: int) -> None:
    assert float(clock(ms).rsplit(":", 1)[1]) < 60
