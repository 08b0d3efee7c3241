"""Titles, lengths and whether a file can be searched, as Lavalink takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio.test_file import one_way
from support.media import KINDS, make_media, plucks
from voxlink.audio import open_media
from voxlink.audio.info import announced_ms

TAGS = {"title": "Näme ☃", "artist": "Who, 二人"}


@pytest.mark.parametrize("kind", KINDS)
def test_title_artist_and_length_come_from_the_file(kind: str, tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(3), kind, tags=TAGS)
    with open_media(path) as media:
        assert (media.info.title, media.info.author) == (TAGS["title"], TAGS["artist"])
        assert media.info.container == KINDS[kind].container
        assert media.info.length_ms == pytest.approx(3000, abs=30)
        assert media.info.is_seekable


@pytest.mark.parametrize(("kind", "tag"), [("mp3", "TSRC"), ("flac", "ISRC"), ("vorbis", "isrc"), ("ogg-opus", "ISRC")])
def test_the_isrc_is_found_under_each_formats_name(kind: str, tag: str, tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(0.5), kind, tags={tag: "USIR19600978"})
    with open_media(path) as media:
        assert media.info.isrc == "USIR19600978"


@pytest.mark.parametrize("kind", KINDS)
def test_an_untagged_file_has_no_title(kind: str, tmp_path: Path) -> None:
    with open_media(make_media(tmp_path / "a", plucks(0.5), kind)) as media:
        assert (media.info.title, media.info.author, media.info.isrc) == (None, None, None)


@pytest.mark.parametrize("kind", ["mp3", "vorbis", "ogg-opus"])
def test_what_needs_its_end_for_the_length_is_a_stream_without_seeking(kind: str, tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(1), kind)
    with open_media(one_way(path.read_bytes())) as media:
        assert media.info.length_ms is None
        assert not media.info.is_seekable
        assert sum(len(block.samples) for block in media.blocks()) == pytest.approx(48_000, abs=2400)


def test_flac_keeps_its_length_without_seeking(tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(1), "flac")
    with open_media(one_way(path.read_bytes())) as media:
        assert media.info.length_ms == 1000
        assert not media.info.is_seekable


def test_only_a_counted_mp3_announced_ms(tmp_path: Path) -> None:
    counted = make_media(tmp_path / "a", plucks(1), "mp3")
    head = counted.read_bytes()[:4096]
    with open_media(counted) as media:
        assert announced_ms(media._input, "mp3", head) == media.info.length_ms
        assert announced_ms(media._input, "mp3", head.replace(b"Info", b"no!!")) is None
        assert announced_ms(media._input, "ogg", b"") is None


def test_a_wav_announces_what_its_header_says(tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(2), "wav")
    head = path.read_bytes()[:4096]
    with open_media(path) as media:
        assert announced_ms(media._input, "wav", head) == 2000
        size = head.index(b"data") + 4
        for unknown in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
            assert announced_ms(media._input, "wav", head[:size] + unknown + head[size + 4 :]) is None
        assert announced_ms(media._input, "wav", head[:30]) is None
