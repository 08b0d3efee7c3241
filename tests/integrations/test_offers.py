"""Iterators as tracks: the client's name and the engine's name of each are never mixed up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.scripted_engine import song
from voxlink.integrations.offers import Offers
from voxlink.playback.feed import stream_track
from voxlink.protocol import EndReason, TrackEnd, TrackStart


def add(offers: Offers, title: str = "Live"):
    return offers.add([b""], sound="opus", title=title, author="")


def test_an_offer_is_taken_once() -> None:
    offers = Offers()
    track = add(offers)
    assert offers.take(7, "other", None) is None
    assert offers.take(7, None, None) is None
    taken = offers.take(7, track.encoded, {})
    assert taken is not None
    assert taken.track is track
    assert offers.take(7, track.encoded, {}) is None


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=6))
def test_each_start_and_end_names_the_offer_that_it_is_about(titles: list[str]) -> None:
    """The engine tells of the end of the old one before the start of the new one, all under one name."""
    offers = Offers()
    seen: list[tuple[str, str]] = []
    expected: list[tuple[str, str]] = []
    before = ""
    for title in titles:
        track = add(offers, title)
        offers.take(7, track.encoded, {})
        engines = stream_track(title=title, author="")
        if before:
            end = offers.translated(TrackEnd(guild_id="7", track=engines, reason=EndReason.REPLACED))
            seen.append(("end", end.track.encoded))
            expected.append(("end", before))
        seen.append(("start", offers.translated(TrackStart(guild_id="7", track=engines)).track.encoded))
        expected.append(("start", track.encoded))
        before = track.encoded
    assert seen == expected


def test_other_tracks_and_other_guilds_are_left_alone() -> None:
    offers = Offers()
    offers.take(7, add(offers).encoded, {})
    start = TrackStart(guild_id="7", track=song())
    assert offers.translated(start) is start
    elsewhere = TrackStart(guild_id="8", track=stream_track(title="", author=""))
    assert offers.translated(elsewhere) is elsewhere
