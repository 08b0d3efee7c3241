"""What single sources write between their name and the position."""

from __future__ import annotations

from typing import Any

import pytest

from voxlink.errors import InvalidTrack
from voxlink.protocol import DataReader, DataWriter
from voxlink.protocol.source_tails import (
    DEFAULT_DECODER_MAPPING,
    DEFAULT_ENCODER_MAPPING,
    decode_lavasrc_fields,
    decode_probe_info,
    encode_tail,
    from_wire,
    to_wire,
)

POSITION = b"\0" * 8

SIX: dict[str, Any] = {
    "album_name": "n", "album_url": None, "artist_url": "é", "artist_artwork_url": "", "preview_url": "p",
    "is_preview": True,
}  # fmt: skip
TWO = {name: SIX[name] for name in ("album_name", "album_url")}


@pytest.mark.parametrize("fields", [{}, TWO, SIX])
def test_lavasrc_wrote_three_shapes(fields: dict[str, Any]) -> None:
    data = encode_tail("spotify", fields)
    assert decode_lavasrc_fields(DataReader.over(data + POSITION)) == fields
    assert len(data) == [0, 5, 18][[{}, TWO, SIX].index(fields)]


@pytest.mark.parametrize(
    "source", ["spotify", "applemusic", "deezer", "yandexmusic", "vkmusic", "tidal", "qobuz", "jiosaavn"]
)
def test_every_lavasrc_source_is_known_both_ways(source: str) -> None:
    assert DEFAULT_DECODER_MAPPING[source] is decode_lavasrc_fields
    assert encode_tail(source, SIX) == encode_tail("deezer", SIX)
    assert source in DEFAULT_ENCODER_MAPPING


def test_an_http_track_names_its_container() -> None:
    for source in ("http", "local"):
        data = encode_tail(source, {"probe_info": "m3u|hls-outer"})
        assert DEFAULT_DECODER_MAPPING[source](DataReader.over(data + POSITION)) == {"probe_info": "m3u|hls-outer"}


def test_nodelink_names_no_container() -> None:
    assert decode_probe_info(DataReader.over(POSITION)) == {}


def test_an_http_track_without_its_container_cannot_be_written() -> None:
    with pytest.raises(InvalidTrack) as caught:
        encode_tail("http", {"title": "t"})
    assert caught.value.field == "probeInfo"


@pytest.mark.parametrize(
    "track",
    [
        {"probeInfo": "mp3"},
        {"probe_info": "mp3"},
        {"pluginInfo": {"probeInfo": "mp3"}},
        {"source_specific": {"probe_info": "mp3"}},
        {"pluginInfo": None, "source_specific": {"probeInfo": "mp3"}},
    ],
)
def test_the_fields_are_found_wherever_a_track_keeps_them(track: dict[str, Any]) -> None:
    assert encode_tail("http", track) == b"\0\3mp3"


def test_the_users_encoder_comes_first() -> None:
    def encode(writer: DataWriter, track: dict[str, Any]) -> None:
        writer.write_utf(track["mine"])

    assert encode_tail("http", {"mine": "x"}, {"http": encode}) == b"\0\1x"
    assert encode_tail("other", {"mine": "x"}, {"other": encode}) == b"\0\1x"
    assert encode_tail("other", {"mine": "x"}) == b""


def test_the_names_in_plugin_info_are_the_servers() -> None:
    assert to_wire(SIX) == {
        "albumName": "n", "albumUrl": None, "artistUrl": "é", "artistArtworkUrl": "", "previewUrl": "p",
        "isPreview": True,
    }  # fmt: skip
    assert from_wire(to_wire(SIX)) == SIX
    assert from_wire({"probeInfo": "mp3", "other": 1}) == {"probe_info": "mp3"}
