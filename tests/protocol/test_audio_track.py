"""A track as bots handle it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voxlink.errors import InvalidTrack
from voxlink.protocol import AudioTrack

INFO: dict[str, Any] = {
    "identifier": "i", "isSeekable": True, "author": "a", "length": 5, "isStream": False, "title": "t", "uri": "u",
}  # fmt: skip


def test_a_track_comes_from_lavalinks_answer_or_from_its_info_alone() -> None:
    data = {
        "encoded": "e", "info": {**INFO, "position": 3, "sourceName": "s", "artworkUrl": "w", "isrc": "c"},
        "pluginInfo": {"p": 1}, "userData": {"d": 2},
    }  # fmt: skip
    track = AudioTrack(data, 7, mood="good")
    assert (track.track, track.identifier, track.is_seekable, track.author, track.duration) == ("e", "i", True, "a", 5)
    assert (track.is_stream, track.stream, track.title, track.uri) == (False, False, "t", "u")
    assert (track.artwork_url, track.isrc, track.position, track.source_name) == ("w", "c", 3, "s")
    assert (track.plugin_info, track.user_data) == ({"p": 1}, {"d": 2})
    assert (track.requester, track.extra) == (7, {"mood": "good", "requester": 7})
    assert track.raw is data
    assert repr(track) == "<AudioTrack title=t identifier=i>"

    bare = AudioTrack.from_dict(INFO)
    assert (bare.track, bare.position, bare.source_name, bare.artwork_url, bare.isrc) == (
        None,
        0,
        "unknown",
        None,
        None,
    )
    assert (bare.plugin_info, bare.user_data, bare.requester) == (None, None, 0)


def test_a_missing_key_is_named() -> None:
    for key in INFO:
        with pytest.raises(InvalidTrack, match=f"Missing key: {key}"):
            AudioTrack({name: value for name, value in INFO.items() if name != key})


def test_a_copy_keeps_the_requester_and_merges_extras() -> None:
    first = AudioTrack(INFO, 7, mood="good", since=1)
    copy = AudioTrack(first, mood="bad")
    assert copy.extra == {"mood": "bad", "since": 1, "requester": 7}
    assert AudioTrack(first, 9).requester == 9
    assert first.extra == {"mood": "good", "since": 1, "requester": 7}


def test_items_can_be_read_as_from_lavalinks_object() -> None:
    track = AudioTrack(INFO, 7)
    assert track["info"] is track
    assert track["info"]["title"] == "t"
    assert track["requester"] == 7


def test_tracks_with_the_same_text_are_equal() -> None:
    one, same = AudioTrack({"encoded": "e", "info": INFO}), AudioTrack({"encoded": "e", "info": INFO}, 9)
    other = AudioTrack({"encoded": "f", "info": INFO})
    assert one == same != other
    assert len({one, same}) == 1
    assert AudioTrack(INFO) == AudioTrack(INFO) != AudioTrack({**INFO, "sourceName": "s"})
    assert one != "e"


def test_the_position_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        AudioTrack(INFO).position = 5  # pyright: ignore[reportAttributeAccessIssue]


def test_the_requester_can_be_set() -> None:
    track = AudioTrack(INFO)
    track.requester = "somebody"
    assert track.extra["requester"] == "somebody"


def test_a_track_can_be_kept_as_json_and_made_again() -> None:
    data = {"encoded": "e", "info": INFO, "pluginInfo": {"p": 1}, "userData": {"d": 2}}
    for track in (AudioTrack(data, 7), AudioTrack(INFO)):
        again = AudioTrack.from_dict(json.loads(json.dumps(track.to_dict())))
        assert again == track
        assert (again.title, again.plugin_info or None, again.user_data or None) == (
            track.title,
            track.plugin_info,
            track.user_data,
        )
    kept = AudioTrack(data).to_dict()
    kept["info"]["title"] = "another"
    assert INFO["title"] == "t"


@pytest.mark.parametrize(
    ("length", "is_stream", "text"),
    [
        (208_000, False, "3:28"),
        (3_735_000, False, "1:02:15"),
        (0, False, "0:00"),
        (754_000, False, "12:34"),
        (5, True, "live"),
    ],
)
def test_a_duration_is_shown_as_people_write_it(length: int, is_stream: bool, text: str) -> None:
    assert AudioTrack({**INFO, "length": length, "isStream": is_stream}).duration_text == text
