"""Beside Lavalink.py 5.11.1: where it decodes, we agree, but for its defects, each of which is shown here."""

from __future__ import annotations

import base64
import struct
from typing import Any

import lavalink
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lavalink.utfm_codec import read_utfm as their_read_utfm

from protocol import examples
from protocol.tracks import blob, nullable, text_of, tracks
from voxlink import protocol
from voxlink.errors import InvalidTrack

BARE: dict[str, Any] = {
    "title": "t", "author": "a", "length": 5, "identifier": "i", "isStream": False, "uri": "u", "artworkUrl": None,
    "isrc": "c", "sourceName": "s", "position": 7,
}  # fmt: skip
THEIR_TAILS = {"http", "local", "deezer", "spotify", "applemusic"}
WHAT_THEY_RAISE = (struct.error, ValueError, IndexError)  # Base64 and Unicode errors are ValueErrors


def their_track(text: str) -> Any:
    """What Lavalink.py reads; None where it fails, in whichever way."""
    try:
        return lavalink.decode_track(text)
    except WHAT_THEY_RAISE:
        return None


def our_track(text: str) -> protocol.AudioTrack | None:
    try:
        return protocol.decode_track(text)
    except InvalidTrack:
        return None


def refusal(text: str) -> InvalidTrack:
    with pytest.raises(InvalidTrack) as refused:
        protocol.decode_track(text)
    return refused.value


def unsigned(number: int) -> int:
    """Lavalink.py reads signed numbers as unsigned ones."""
    return number % 2**64


def check_that_we_agree(text: str, data: bytes) -> None:
    theirs, ours = their_track(text), our_track(text)
    if theirs is None or data[4] not in {2, 3} or not data[0] & 0x40:  # m7 and other versions: see below
        return
    if ours is None:
        is_wrong_size = struct.unpack(">I", data[:4])[0] & 0x3FFF_FFFF != len(data) - 4
        is_tail_of_ours = theirs.source_name not in THEIR_TAILS and refusal(text).field == "tail"
        assert is_wrong_size or is_tail_of_ours, "only a wrong size is refused, and a bad tail that they do not read"
        return
    same = ["title", "author", "identifier", "is_stream", "is_seekable", "uri", "artwork_url", "isrc", "source_name",
            "track", "requester", "plugin_info", "user_data"]  # fmt: skip
    assert {name: getattr(ours, name) for name in same} == {name: getattr(theirs, name) for name in same}
    assert unsigned(ours.duration) == theirs.duration
    tail_is_theirs = ours.source_name in THEIR_TAILS or unsigned(ours.position) == theirs.extra["position"]
    end_of_source = len(data) - 8
    if tail_is_theirs:
        assert unsigned(ours.position) == theirs.extra["position"]
        assert ours.extra["source_specific"] == theirs.extra["source_specific"] or ours.source_name not in THEIR_TAILS
    else:
        at = data.rindex(ours.source_name.encode()) + len(ours.source_name.encode())
        assert at != end_of_source, "with no tail, the positions agree"


@pytest.mark.parametrize("version", [2, 3])
@given(track=tracks())
def test_where_lavalink_py_decodes_a_track_we_agree(version: int, track: dict[str, Any]) -> None:
    data = blob(track, version)
    assert our_track(text_of(data)) is not None
    check_that_we_agree(text_of(data), data)


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_we_agree_on_the_worked_examples(text: str) -> None:
    assert their_track(text) is not None
    check_that_we_agree(text, base64.b64decode(text))


@given(track=tracks(), at=st.integers(4), byte=st.integers(0, 255))
def test_we_agree_on_tracks_with_a_flipped_byte(track: dict[str, Any], at: int, byte: int) -> None:
    data = bytearray(blob(track, 3))
    data[at % len(data)] = byte
    if data[:4] == blob(track, 3)[:4]:
        check_that_we_agree(text_of(bytes(data)), bytes(data))


def test_a_bad_tail_that_lavalink_py_does_not_read_is_refused() -> None:
    text = "QAAAJwMAAAAAAAAAAAAAAAAAAAAAAAAACGppb3NhYXZuAQAAAAAAAAAAAA=="
    assert their_track(text) is not None
    assert refusal(text).field == "tail"
    check_that_we_agree(text, base64.b64decode(text))


@given(st.binary(max_size=60).map(lambda data: struct.pack(">I", 1 << 30 | len(data)) + data))
def test_we_agree_on_other_bytes(data: bytes) -> None:
    check_that_we_agree(text_of(data), data)


@given(st.binary())
def test_where_their_text_reader_reads_we_agree(data: bytes) -> None:
    try:
        theirs = their_read_utfm(len(data), data)
    except (UnicodeDecodeError, IndexError):
        return
    assert protocol.read_utfm(len(data), data) == theirs


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\0")))
def test_plain_tracks_are_encoded_to_the_same_text(title: str) -> None:
    track = {**BARE, "title": title}
    assert protocol.encode_track(track) == lavalink.encode_track(track)


# Its defects, by their numbers in the list of Lavalink.py's defects.


def test_m1_enums_cannot_be_keys() -> None:
    with pytest.raises(TypeError):
        hash(lavalink.LoadType.TRACK)
    assert hash(protocol.LoadType.TRACK) == hash("track")


def test_m2_tracks_are_never_equal_and_their_position_can_be_set() -> None:
    assert lavalink.decode_track(examples.A) != lavalink.decode_track(examples.A)
    assert protocol.decode_track(examples.A) == protocol.decode_track(examples.A)
    lavalink.decode_track(examples.A).position = 5
    with pytest.raises(AttributeError):
        protocol.decode_track(examples.A).position = 5  # pyright: ignore[reportAttributeAccessIssue]


def test_m3_an_empty_result_needs_data() -> None:
    with pytest.raises(KeyError):
        lavalink.LoadResult.from_dict({"loadType": "empty"})
    assert protocol.LoadResult.from_dict({"loadType": "empty"}).tracks == []


def test_m4_the_position_goes_to_extra() -> None:
    text = protocol.encode_track({**BARE, "position": 61_500})[1]
    theirs, ours = lavalink.decode_track(text), protocol.decode_track(text)
    assert (theirs.position, theirs.extra["position"]) == (0, 61_500)
    assert (ours.position, ours.extra["position"]) == (61_500, 61_500)


@pytest.mark.parametrize("title", ["😀", "a\0b"])
def test_m5_texts_are_written_as_plain_utf8(title: str) -> None:
    track = {**BARE, "title": title}
    theirs, ours = lavalink.encode_track(track)[1], protocol.encode_track(track)[1]
    assert theirs != ours
    assert base64.b64decode(ours) == blob(track, 3)
    assert title.encode() in base64.b64decode(theirs)
    assert protocol.decode_track(theirs).title == protocol.decode_track(ours).title == title
    if title == "😀":
        with pytest.raises(UnicodeDecodeError):
            lavalink.decode_track(theirs)


@pytest.mark.parametrize("field", ["identifier", "uri", "artworkUrl", "isrc", "sourceName"])
@pytest.mark.parametrize("value", ["😀", "a\0b"])
def test_m6_other_texts_are_read_as_plain_utf8(field: str, value: str) -> None:
    text = text_of(blob({**BARE, field: value}, 3))
    with pytest.raises(UnicodeDecodeError):
        lavalink.decode_track(text)
    found = protocol.decode_track(text)
    assert value in {found.identifier, found.uri, found.artwork_url, found.isrc, found.source_name}


def test_m7_a_uri_is_read_from_version_1() -> None:
    text = text_of(blob(BARE, 1))
    assert their_track(text) is None
    assert (protocol.decode_track(text).uri, protocol.decode_track(text).source_name) == (None, "s")


def test_m8_signed_numbers_are_taken_for_unsigned() -> None:
    text = text_of(blob({**BARE, "length": -1, "position": -2}, 3))
    theirs, ours = lavalink.decode_track(text), protocol.decode_track(text)
    assert (theirs.duration, theirs.extra["position"]) == (2**64 - 1, 2**64 - 2)
    assert (ours.duration, ours.position) == (-1, -2)
    with pytest.raises(struct.error):
        lavalink.encode_track({**BARE, "length": -1})
    assert protocol.decode_track(protocol.encode_track({**BARE, "length": -1})[1]).duration == -1


def test_m9_a_cut_track_gives_an_error_of_another_kind() -> None:
    for cut in range(0, len(examples.A) - 8, 4):
        with pytest.raises((struct.error, IndexError, UnicodeDecodeError)):
            lavalink.decode_track(examples.A[:cut])
        with pytest.raises(InvalidTrack):
            protocol.decode_track(examples.A[:cut])


def test_m9_bytes_behind_the_track_and_a_wrong_size_are_ignored() -> None:
    data = base64.b64decode(examples.B)
    for wrong in (data + b"more", b"\x40\0\0\0" + data[4:]):
        assert lavalink.decode_track(text_of(wrong)).identifier == "3KL9mRus19o"
        with pytest.raises(InvalidTrack):
            protocol.decode_track(text_of(wrong))


def test_m9_characters_that_are_no_base64_are_skipped() -> None:
    text = examples.B[:10] + "!\n" + examples.B[10:]
    assert lavalink.decode_track(text).identifier == "3KL9mRus19o"
    with pytest.raises(InvalidTrack) as caught:
        protocol.decode_track(text)
    assert (caught.value.field, caught.value.offset) == ("base64", 10)


def test_m10_tails_are_not_written() -> None:
    track = {**BARE, "sourceName": "http", "probe_info": "mp3"}
    theirs = base64.b64decode(lavalink.encode_track(track)[1])
    assert theirs == blob(track, 3, b"")
    assert base64.b64decode(protocol.encode_track(track)[1]) == blob(track, 3, b"\0\3mp3")
    deezer = protocol.decode_track(examples.E)
    fields = {**deezer.raw["info"], **deezer.extra["source_specific"]}
    assert protocol.encode_track(fields)[1] == examples.E
    assert lavalink.encode_track(fields)[1] != examples.E


@pytest.mark.parametrize("source", ["yandexmusic", "vkmusic", "tidal", "qobuz", "jiosaavn", "youtube"])
def test_m11_other_sources_of_lavasrc_are_not_known(source: str) -> None:
    tail = {"album_name": "n", "album_url": "u", "artist_url": None, "artist_artwork_url": None, "preview_url": None,
            "is_preview": False}  # fmt: skip
    text = text_of(blob({**BARE, "sourceName": source, **tail}, 3))
    theirs, ours = lavalink.decode_track(text), protocol.decode_track(text)
    assert (theirs.extra["source_specific"], theirs.extra["position"]) != (tail, 7)
    assert (ours.extra["source_specific"], ours.position) == (tail, 7)


def test_m11_the_older_tail_of_lavasrc_is_not_known() -> None:
    text = text_of(blob({**BARE, "sourceName": "deezer"}, 3, nullable("n") + nullable(None)))
    assert their_track(text) is None
    assert protocol.decode_track(text).extra["source_specific"] == {"album_name": "n", "album_url": None}


def test_m11_an_unknown_tail_is_taken_for_the_position() -> None:
    text = text_of(blob(BARE, 3, b"tail"))
    assert lavalink.decode_track(text).extra["position"] == int.from_bytes(b"tail\0\0\0\0", "big")
    assert protocol.decode_track(text).position == 7


def test_m12_times_are_rounded_up_to_sixty_seconds() -> None:
    assert (lavalink.format_time(3_599_999), protocol.format_time(3_599_999)) == ("00:59:60", "00:59:59")


@pytest.mark.parametrize(("text", "theirs"), [("-1:30", -30_000), ("0:99", 99_000)])
def test_m12_timestamps_that_make_no_sense_are_numbers(text: str, theirs: int) -> None:
    assert lavalink.timestamp_to_millis(text) == theirs
    with pytest.raises(ValueError, match=text.strip("-").split(":")[1] if theirs > 0 else "integers"):
        protocol.timestamp_to_millis(text)


def test_m13_a_lone_surrogate_cannot_be_read() -> None:
    data = b"\xed\xa0\xbd"
    with pytest.raises(UnicodeDecodeError):
        their_read_utfm(3, data)
    assert protocol.read_utfm(3, data) == "\ud83d"


@pytest.mark.parametrize("byte", [0, 4, 255])
def test_other_version_bytes_are_misread(byte: int) -> None:
    data = bytearray(blob(BARE, 3) if byte else b"\x40\0\0\0\0" + blob(BARE, 1)[4:])
    data[:5] = struct.pack(">IB", 1 << 30 | len(data) - 4, byte)
    theirs, ours = their_track(text_of(bytes(data))), protocol.decode_track(text_of(bytes(data)))
    assert theirs is None or theirs.source_name != "s"
    assert (ours.source_name, ours.position) == ("s", 7)
