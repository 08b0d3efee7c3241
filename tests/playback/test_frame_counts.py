"""Frames per minute, as Lavalink's stats count them (server.md 2.4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.playback.frame_counts import FrameCounter, FrameMinute, frame_stats
from voxlink.protocol import FrameStats


def test_a_full_minute_of_playing_is_counted() -> None:
    counter = FrameCounter()
    counter.started(50)
    for second in range(60, 120):
        counter.count(second, sent=49, nulled=1)
    counter.count(120.5, sent=50)
    assert counter.last_minute(121) == FrameMinute(2940, 60)


def test_a_minute_that_began_before_the_player_is_not_usable() -> None:
    counter = FrameCounter()
    counter.started(61)
    counter.count(62, sent=50)
    counter.count(121, sent=50)
    assert counter.last_minute(122) is None


def test_a_gap_of_more_than_100_ms_makes_the_minute_unusable_a_shorter_one_does_not() -> None:
    for gap, usable in ((0.09, True), (0.2, False)):
        counter = FrameCounter()
        counter.started(50)
        counter.count(70, sent=50)
        counter.stopped(80)
        counter.started(80 + gap)
        counter.count(121, sent=50)
        assert (counter.last_minute(122) is not None) == usable


def test_a_paused_player_is_not_usable() -> None:
    counter = FrameCounter()
    counter.started(50)
    counter.count(70, sent=50)
    counter.count(121, sent=50)
    counter.stopped(122)
    assert counter.last_minute(123) is None


def test_an_old_minute_is_not_the_last_one() -> None:
    counter = FrameCounter()
    counter.started(50)
    counter.count(70, sent=50)
    counter.count(121, sent=50)
    assert counter.last_minute(181) is None


def test_nobody_usable_means_no_frame_stats() -> None:
    assert frame_stats([None, None]) is None


def test_frame_stats_average_over_the_usable_players() -> None:
    stats = frame_stats([FrameMinute(3000, 0), None, FrameMinute(2900, 50)])
    assert stats == FrameStats(sent=2950, nulled=25, deficit=25)


@given(st.lists(st.builds(FrameMinute, st.integers(0, 4000), st.integers(0, 4000)), min_size=1))
def test_deficit_is_what_is_missing_to_fifty_frames_a_second(counts: list[FrameMinute]) -> None:
    stats = frame_stats(counts)
    assert stats is not None
    assert abs(stats.sent + stats.nulled + stats.deficit - 3000) <= 2
