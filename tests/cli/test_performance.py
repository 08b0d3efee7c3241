"""What was asked for is worked out before anything plays, and a broken performance is named."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from voxlink.cli.performance import NothingToPlay, PlayRequest, asked_span, perform, title_of
from voxlink.protocol import AudioTrack


def track(**info: Any) -> AudioTrack:
    facts = {
        "identifier": "x",
        "isSeekable": True,
        "author": "Somebody",
        "length": 10_000,
        "isStream": False,
        "title": "Song",
        "uri": None,
    }
    return AudioTrack({"encoded": "", "info": facts | info})


def request(start_ms: int = 0, span_ms: int | None = None) -> PlayRequest:
    return PlayRequest(None, None, start_ms, span_ms, 100)


@pytest.mark.parametrize(
    ("start_ms", "span_ms", "asked_ms"),
    [(0, None, 10_000), (4_000, None, 6_000), (4_000, 2_000, 2_000), (0, 99_000, 10_000)],
)
def test_the_span_is_the_rest_of_the_track_or_what_was_asked_of_it(
    start_ms: int, span_ms: int | None, asked_ms: int
) -> None:
    assert asked_span(track(), request(start_ms, span_ms)) == asked_ms


def test_a_live_stream_needs_a_span() -> None:
    radio = track(isStream=True, length=2**63 - 1)
    assert asked_span(radio, request(span_ms=5_000)) == 5_000
    with pytest.raises(NothingToPlay, match="--seconds"):
        asked_span(radio, request())


def test_a_start_behind_the_end_is_refused() -> None:
    with pytest.raises(NothingToPlay, match="behind the end"):
        asked_span(track(), request(start_ms=10_000))


def test_a_track_is_shown_with_its_author() -> None:
    assert title_of(track()) == "Somebody - Song"


async def test_a_performance_gives_a_true_account_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    report = await perform(request(start_ms=1_000, span_ms=1_000))
    assert report.is_whole, list(report.shortcomings())
    assert report.passthrough is True
    assert report.missing == 0
    assert 15 < report.median_gap_ms < 25
    assert 0 < report.join_to_first_packet_ms < 20_000
    assert asyncio.all_tasks() == before
