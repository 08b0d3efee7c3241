"""Encoded tracks under Lavalink.py's names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import examples
from protocol.tracks import blob, java, text_of, tracks
from voxlink.errors import InvalidTrack
from voxlink.protocol import (
    AudioTrack,
    DataReader,
    DataWriter,
    decode_track,
    encode_track,
    encode_track_v2,
    encode_track_v3,
)

BARE: dict[str, Any] = {
    "title": "t", "author": "a", "length": 5, "identifier": "i", "isStream": True, "uri": "u", "sourceName": "s",
    "position": 7,
}  # fmt: skip
FULL = {**BARE, "artworkUrl": None, "isrc": "c"}


@pytest.mark.parametrize("text", examples.FIELDS, ids=list("ABCDE"))
def test_the_worked_examples_go_through_a_track_and_a_dict_unchanged(text: str) -> None:
    fields = examples.FIELDS[text]
    track = decode_track(text)
    assert (track.track, track.title, track.author) == (text, fields["title"], fields["author"])
    assert (track.duration, track.position, track.identifier) == (fields["length"], 0, fields["identifier"])
    assert (track.is_stream, track.is_seekable) == (fields["is_stream"], not fields["is_stream"])
    assert (track.uri, track.artwork_url, track.isrc) == (fields["uri"], fields["artwork_url"], fields["isrc"])
    assert (track.source_name, track.requester) == (fields["source_name"], 0)
    assert (track.plugin_info, track.user_data) == (None, None)
    assert (track.extra["source_specific"], track.extra["encoder_version"]) == (fields["tail"], fields["version"])
    assert encode_track(track) == (fields["version"], text)
    assert encode_track({**track.raw["info"], **fields["tail"]}) == (fields["version"], text)
    assert encode_track({**track.raw["info"], "source_specific": fields["tail"]}) == (fields["version"], text)


@given(tracks())
def test_what_we_encode_we_decode(track: dict[str, Any]) -> None:
    version, text = encode_track(track)
    assert version == (3 if "isrc" in track else 2)
    found = decode_track(text)
    info = java(track)
    tail = {name: info.pop(name) for name in list(info) if "_" in name}
    assert found.raw["encoded"] == text
    assert {name: found.raw["info"][name] for name in info} == info
    assert found.extra["source_specific"] == tail
    assert found.position == track["position"]
    assert encode_track(found) == (version, text)
    assert encode_track(AudioTrack(found)) == (version, text)


@pytest.mark.parametrize("length", [0, 1, -1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("title", ["", "\0", "😀", "\ud83d", "a\0b😀\ude00é二"])
def test_any_title_and_length_come_back(title: str, length: int) -> None:
    found = decode_track(encode_track({**FULL, "title": title, "length": length, "position": length})[1])
    assert (found.title, found.duration, found.position) == (title, length, length)


def test_the_keys_of_a_dict_choose_the_version() -> None:
    assert encode_track(BARE) == (2, encode_track_v2(BARE))
    assert encode_track({**BARE, "isrc": "c"}) == (2, encode_track_v2(BARE))
    assert encode_track(FULL) == (3, encode_track_v3(FULL))
    assert decode_track(encode_track_v2(FULL)).isrc is None
    assert decode_track(encode_track_v3(FULL)).isrc == "c"


@pytest.mark.parametrize("encode", [encode_track, encode_track_v2, encode_track_v3])
@pytest.mark.parametrize("key", sorted(BARE))
def test_a_missing_key_is_named(encode: Any, key: str) -> None:
    with pytest.raises(InvalidTrack, match=f"missing keys.*{key}") as caught:
        encode({name: value for name, value in FULL.items() if name != key})
    assert caught.value.field == key


def test_version_3_needs_artwork_and_isrc() -> None:
    with pytest.raises(InvalidTrack, match="artworkUrl, isrc"):
        encode_track_v3(BARE)
    assert decode_track(encode_track_v3({**FULL, "isrc": None})).isrc is None


def test_a_value_of_the_wrong_kind_is_named() -> None:
    with pytest.raises(InvalidTrack) as caught:
        encode_track({**FULL, "length": "5"})
    assert caught.value.field == "length"


def test_the_users_decoder_comes_first() -> None:
    def read_mine(reader: DataReader) -> dict[str, Any]:
        return {"mine": reader.read_utfm(), "left": reader.remaining}

    text = text_of(blob({**FULL, "sourceName": "http"}, 3, b"\0\3mp3"))
    found = decode_track(text, {"http": read_mine})
    assert found.extra["source_specific"] == {"mine": "mp3", "left": 8}
    assert decode_track(text, {"other": read_mine}).extra["source_specific"] == {"probe_info": "mp3"}
    unknown = text_of(blob(FULL, 3, b"\0\1x"))
    assert decode_track(unknown, source_decoders={"s": read_mine}).extra["source_specific"]["mine"] == "x"
    assert decode_track(unknown).position == 7


def test_a_users_decoder_that_reads_too_much_gives_invalid_track() -> None:
    text = encode_track(FULL)[1]
    for decoder in (lambda reader: {"a": reader.read_long()}, lambda reader: {"a": reader.read_utf() * 9}):
        with pytest.raises(InvalidTrack) as caught:
            decode_track(text, {"s": lambda reader, decoder=decoder: decoder(reader) and decoder(reader)})
        assert caught.value.field == "tail"
        assert caught.value.offset is not None


def test_the_users_encoder_comes_first() -> None:
    def write_mine(writer: DataWriter, track: dict[str, Any]) -> None:
        writer.write_utf(track["mine"])
        writer.write_long(9)

    version, text = encode_track({**FULL, "mine": "x"}, {"s": write_mine})
    assert (version, text) == (3, text_of(blob(FULL, 3, b"\0\1x" + b"\0" * 7 + b"\t")))
    assert encode_track({**FULL, "mine": "x"}, {"another": write_mine}) == encode_track(FULL)
    with pytest.raises(InvalidTrack, match="source's encoder"):
        encode_track(FULL, source_encoders={"s": write_mine})


def test_a_track_of_a_server_is_written_from_its_fields_when_they_changed() -> None:
    text = encode_track({**FULL, "sourceName": "http", "probe_info": "mp3"})[1]
    track = decode_track(text)
    track.title = "new 😀"
    version, changed = encode_track(track)
    found = decode_track(changed)
    assert (version, found.title, found.extra["source_specific"]) == (3, "new 😀", {"probe_info": "mp3"})


def test_a_track_without_a_text_is_written_from_its_fields() -> None:
    info = {**FULL, "sourceName": "http", "isSeekable": True}
    track = AudioTrack({"info": info, "pluginInfo": {"probeInfo": "ogg"}})
    assert encode_track(track) == (3, text_of(blob({**info, "probe_info": "ogg"}, 3)))


@given(tracks(), st.sampled_from([1, 2, 3]))
def test_a_track_of_any_version_keeps_its_text(track: dict[str, Any], version: int) -> None:
    text = text_of(blob(track, version))
    assert encode_track(decode_track(text)) == (version, text)
