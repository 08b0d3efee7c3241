"""A track's fields give their bytes, and what did not change keeps its text."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import examples
from protocol.tracks import blob, text_of, tracks
from voxlink.errors import InvalidTrack
from voxlink.protocol.source_tails import encode_tail
from voxlink.protocol.track_read import read_track
from voxlink.protocol.track_write import rewrite_track, write_carefully, write_track

BARE: dict[str, Any] = {
    "title": "t", "author": "a", "length": 5, "identifier": "i", "isStream": True, "uri": "u", "artworkUrl": None,
    "isrc": "c", "sourceName": "s", "position": 7,
}  # fmt: skip


def as_dict(text: str) -> dict[str, Any]:
    version, title, author, length, identifier, stream, uri, artwork, isrc, source, _, _, position = read_track(text)
    del version
    return {
        "title": title, "author": author, "length": length, "identifier": identifier, "isStream": stream, "uri": uri,
        "artworkUrl": artwork, "isrc": isrc, "sourceName": source, "position": position,
    }  # fmt: skip


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_the_fields_of_the_worked_examples_give_their_bytes(text: str) -> None:
    version, tail = read_track(text)[0], read_track(text)[11]
    assert write_track(version, as_dict(text), tail) == text
    assert write_carefully(version, as_dict(text), tail) == base64.b64decode(text)[5:]


@pytest.mark.parametrize("version", [2, 3])
@given(track=tracks())
def test_tracks_are_written_as_java_writes_them(version: int, track: dict[str, Any]) -> None:
    track = {"artworkUrl": None, "isrc": None, **track}
    tail = encode_tail(track["sourceName"], track)
    expected = blob(track, version)
    assert base64.b64decode(write_track(version, track, tail)) == expected
    assert write_carefully(version, track, tail) == expected[5:]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", b"x"),
        ("title", 5),
        ("author", None),
        ("length", 2**63),
        ("length", "5"),
        ("length", 1.5),
        ("identifier", ["a"]),
        ("uri", 5),
        ("uri", b"x"),
        ("artworkUrl", 5),
        ("isrc", {}),
        ("sourceName", None),
        ("sourceName", []),
        ("position", -(2**63) - 1),
        ("position", None),
        ("title", "é" * 32_768),
        ("uri", "a" * 65_536),
    ],
)
def test_what_cannot_be_written_is_named(field: str, value: Any) -> None:
    with pytest.raises(InvalidTrack) as caught:
        write_track(3, {**BARE, field: value}, b"")
    assert caught.value.field == field


def test_the_longest_text_can_be_written() -> None:
    track = {**BARE, "title": "é" * 32_767, "uri": "a" * 65_535}
    assert read_track(write_track(3, track, b""))[1] == track["title"]


@pytest.mark.parametrize("version", [1, 2, 3])
@given(track=tracks())
def test_a_track_that_says_the_same_keeps_its_text(version: int, track: dict[str, Any]) -> None:
    text = text_of(blob(track, version))
    assert rewrite_track(text, as_dict(text), read_track(text)[10]) == (version, text)
    assert rewrite_track(text, as_dict(text), {}) == (version, text)


@given(track=tracks(), position=st.integers(0, 2**40), tail=st.binary(max_size=30))
def test_an_unknown_tail_survives_a_new_position(track: dict[str, Any], position: int, tail: bytes) -> None:
    text = text_of(blob({**track, "sourceName": "somebody's"}, 3, tail))
    version, moved = rewrite_track(text, {**as_dict(text), "position": position}, {})
    assert (version, read_track(moved)[11], read_track(moved)[12]) == (3, tail, position)
    assert base64.b64decode(moved)[:-8] == base64.b64decode(text)[:-8]


def test_odd_bytes_that_mean_the_same_are_kept_while_nothing_changes() -> None:
    """A version byte 255, a true that is not 1, an overlong character, bits behind the Base64 text."""
    data = bytearray(blob(BARE, 3, b"\xff"))
    data[4] = 255
    data[data.index(b"\0\1i") + 3] = 9
    text = text_of(bytes(data))
    assert rewrite_track(text, as_dict(text), {}) == (3, text)
    assert rewrite_track(text.rstrip("="), as_dict(text), {})[1] == text.rstrip("=")


def test_an_older_track_that_moved_becomes_version_3() -> None:
    text = examples.C
    version, moved = rewrite_track(text, {**as_dict(text), "position": 5}, {"probe_info": "mp3"})
    assert (version, read_track(moved)[0], read_track(moved)[11:]) == (3, 3, (b"\0\3mp3", 5))


def test_a_changed_field_of_the_tail_is_written() -> None:
    text = examples.E
    tail = {**read_track(text)[10], "is_preview": True, "album_name": None}
    assert read_track(rewrite_track(text, as_dict(text), tail)[1])[10] == tail


def test_another_source_gets_its_own_tail() -> None:
    moved = rewrite_track(examples.E, {**as_dict(examples.E), "sourceName": "local"}, {"probe_info": "flac"})[1]
    assert read_track(moved)[9:12] == ("local", {"probe_info": "flac"}, b"\0\4flac")


def test_without_a_text_the_tail_is_written_anew() -> None:
    for nothing in (None, ""):
        text = rewrite_track(nothing, {**BARE, "sourceName": "http"}, {"probe_info": "ogg"})[1]
        assert base64.b64decode(text) == blob({**BARE, "sourceName": "http", "probe_info": "ogg"}, 3)


def test_the_header_counts_what_follows() -> None:
    data = base64.b64decode(write_track(2, BARE, b"tail"))
    assert struct.unpack(">I", data[:4])[0] == 1 << 30 | len(data) - 4
