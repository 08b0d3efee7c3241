"""An encoded track gives its fields, and anything else gives `InvalidTrack`."""

from __future__ import annotations

import base64
import contextlib
import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import examples
from protocol.tracks import blob, java, text_of, tracks
from voxlink.errors import InvalidTrack
from voxlink.protocol.track_read import read_carefully, read_straight, read_track

NAMES = [
    "version", "title", "author", "length", "identifier", "is_stream", "uri", "artwork_url", "isrc", "source_name",
    "tail", "tail_bytes", "position",
]  # fmt: skip
BARE: dict[str, Any] = {
    "title": "t", "author": "a", "length": 5, "identifier": "i", "isStream": True, "uri": "u", "artworkUrl": None,
    "isrc": "c", "sourceName": "s", "position": 7,
}  # fmt: skip


def fields_of(text: str) -> dict[str, Any]:
    return dict(zip(NAMES, read_track(text), strict=True))


def check_that_the_ways_agree(data: bytes) -> None:
    """Whatever the straight way reads, the careful way reads the same."""
    with contextlib.suppress(IndexError, struct.error, UnicodeDecodeError):
        straight = read_straight(data)
        assert straight == read_carefully(data, None)


@pytest.mark.parametrize(("text", "fields"), examples.FIELDS.items(), ids=list("ABCDE"))
def test_the_worked_examples_hold_the_stated_fields(text: str, fields: dict[str, Any]) -> None:
    found = fields_of(text)
    del found["tail_bytes"]
    assert found == fields
    assert read_straight(base64.b64decode(text)) == read_carefully(base64.b64decode(text), None)


@pytest.mark.parametrize("version", [1, 2, 3])
@given(track=tracks())
def test_every_field_of_every_version_is_read(version: int, track: dict[str, Any]) -> None:
    data = blob(track, version)
    found = fields_of(text_of(data))
    track = java(track)
    assert found["version"] == version
    assert (found["title"], found["author"], found["length"]) == (track["title"], track["author"], track["length"])
    assert (found["identifier"], found["is_stream"]) == (track["identifier"], track["isStream"])
    assert found["uri"] == (track["uri"] if version >= 2 else None)
    assert found["artwork_url"] == (track.get("artworkUrl") if version >= 3 else None)
    assert found["isrc"] == (track.get("isrc") if version >= 3 else None)
    assert (found["source_name"], found["position"]) == (track["sourceName"], track["position"])
    assert found["tail"] == {name: track[name] for name in found["tail"]}
    assert len(found["tail"]) == len([name for name in track if "_" in name])
    check_that_the_ways_agree(data)


@given(track=tracks(), cut=st.integers(0))
def test_cutting_the_bytes_anywhere_gives_invalid_track(track: dict[str, Any], cut: int) -> None:
    data = blob(track, 3)
    cut %= len(data)
    with pytest.raises(InvalidTrack) as caught:
        read_track(text_of(data[:cut]))
    assert caught.value.field
    assert caught.value.offset is not None


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_cutting_the_text_anywhere_but_in_its_padding_gives_invalid_track(text: str) -> None:
    digits = text.rstrip("=")
    for cut in range(len(digits)):
        with pytest.raises(InvalidTrack) as caught:
            read_track(text[:cut])
        assert caught.value.field
        assert caught.value.offset is not None
    for cut in range(len(digits), len(text)):
        assert read_track(text[:cut]) == read_track(text)


@given(track=tracks(), cut=st.integers(0))
def test_a_size_that_hides_a_cut_helps_nobody(track: dict[str, Any], cut: int) -> None:
    """Cut inside a track whose header is made to fit: a track that lost its end is not read as another."""
    data = blob(track, 3)
    cut = 4 + cut % (len(data) - 4)
    mended = struct.pack(">I", 1 << 30 | cut - 4) + data[4:cut]
    with contextlib.suppress(InvalidTrack):
        read_track(text_of(mended))
    check_that_the_ways_agree(mended)


@given(st.binary() | st.binary(max_size=200).map(lambda data: struct.pack(">I", 1 << 30 | len(data)) + data))
def test_any_bytes_give_a_track_or_invalid_track(data: bytes) -> None:
    with contextlib.suppress(InvalidTrack):
        read_track(text_of(data))
    check_that_the_ways_agree(data)


@given(st.text() | st.text(st.sampled_from("QAAA+/= x")))
@example("===")
@example("QAAA====")
def test_any_text_gives_a_track_or_invalid_track(text: str) -> None:
    with contextlib.suppress(InvalidTrack):
        read_track(text)


@given(track=tracks(), at=st.integers(4), byte=st.integers(0, 255), version=st.sampled_from([1, 2, 3]))
def test_a_flipped_byte_gives_a_track_or_invalid_track(track: dict[str, Any], at: int, byte: int, version: int) -> None:
    data = bytearray(blob(track, version))
    data[at % len(data)] = byte
    with contextlib.suppress(InvalidTrack):
        read_track(text_of(bytes(data)))
    check_that_the_ways_agree(bytes(data))


@pytest.mark.parametrize("value", [None, 5, b"\xff", ["a"]])
def test_what_is_no_text_is_invalid(value: Any) -> None:
    with pytest.raises(InvalidTrack):
        read_track(value)


@pytest.mark.parametrize(("byte", "version"), [(0, 1), (1, 1), (4, 3), (255, 3)])
def test_any_version_byte_is_read_as_the_nearest_version(byte: int, version: int) -> None:
    data = bytearray(blob(BARE, version) if version > 1 else blob(BARE, 1)[:4] + b"\0" + blob(BARE, 1)[4:])
    data[:4] = struct.pack(">I", 1 << 30 | len(data) - 4)
    data[4] = byte
    assert fields_of(text_of(bytes(data)))["version"] == version


def test_the_second_flag_is_ignored() -> None:
    data = bytearray(blob(BARE, 3))
    data[0] |= 0x80
    assert read_track(text_of(bytes(data))) == read_track(text_of(blob(BARE, 3)))


def test_a_version_1_track_has_no_uri() -> None:
    assert fields_of(text_of(blob(BARE, 1)))["uri"] is None


@pytest.mark.parametrize("tail", [b"\0", b"anything", b"\1\0\5abcde", b"\0" * 30])
def test_a_tail_that_nobody_knows_is_skipped(tail: bytes) -> None:
    found = fields_of(text_of(blob(BARE, 3, tail)))
    assert (found["position"], found["tail"], found["tail_bytes"]) == (7, {}, tail)


def test_surplus_behind_a_known_tail_is_ignored() -> None:
    """server.md 6: with a known tail the position is read right after it."""
    after = struct.pack(">q", 99)
    for source in ("soundcloud", "youtube"):
        assert fields_of(text_of(blob({**BARE, "sourceName": source}, 3, after)))["position"] == 99
    probe = b"\0\3mp3"
    found = fields_of(text_of(blob({**BARE, "sourceName": "http"}, 3, probe + after)))
    assert (found["position"], found["tail"]) == (99, {"probe_info": "mp3"})


def test_an_http_track_of_nodelink_has_no_tail() -> None:
    found = fields_of(text_of(blob({**BARE, "sourceName": "http"}, 3, b"")))
    assert (found["position"], found["tail"]) == (7, {})


@pytest.mark.parametrize(
    ("data", "field", "offset"),
    [
        (b"", "header", 0),
        (b"\x40\0", "header", 2),
        (b"\0\0\0\0", "title", 4),
        (b"\x40\0\0\0", "version", 4),
        (b"\x40\0\0\5\3", "header", 0),
        (b"\x40\0\0\1\3x", "header", 0),
        (b"\x40\0\0\3\3\0\5", "title", 5),
        (b"\x40\0\0\5\3\0\2a\xff", "title", 8),
        (blob({**BARE, "sourceName": "http"}, 3, b"\0\xff"), "tail", 38),
        (blob({**BARE, "sourceName": "deezer"}, 3, b"\1\0\1\xff\0\0\0\0\0"), "tail", 43),
    ],
)
def test_the_field_and_the_offset_are_named(data: bytes, field: str, offset: int) -> None:
    with pytest.raises(InvalidTrack) as caught:
        read_track(text_of(data))
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_every_field_that_a_track_can_end_in_is_named() -> None:
    data = blob(BARE, 3)[4:]
    named: list[str] = []
    for cut in range(1, len(data)):
        with pytest.raises(InvalidTrack) as caught:
            read_track(text_of(struct.pack(">I", 1 << 30 | cut) + data[:cut]))
        assert caught.value.field is not None
        assert caught.value.offset is not None
        assert caught.value.offset <= cut + 4
        if caught.value.field not in named:
            named.append(caught.value.field)
    assert named == [
        "title", "author", "length", "identifier", "isStream", "uri", "artworkUrl", "isrc", "sourceName", "position",
    ]  # fmt: skip
