"""Containers are told by their first bytes, in Lavalink's order and under its names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.media import KINDS, make_media, plucks
from voxlink.audio.probe import HEAD_BYTES, id3_bytes, mp3_frame_bytes, probe

NAMES = {"wav", "matroska/webm", "mp4", "flac", "ogg", "m3u", "pls", "plain", "mp3", "adts", "mpegts-adts"}
MP3_HEADER = bytes.fromhex("fffb9064")
ADTS_HEADER = bytes.fromhex("fff150800c1ffc")  # AAC-LC, 44.1 kHz, 96 bytes
ADTS_FRAME = ADTS_HEADER + bytes(96 - len(ADTS_HEADER))
MP3_FRAME = MP3_HEADER + bytes(413)


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_is_known_under_lavalinks_name(kind: str, tmp_path) -> None:
    path = make_media(tmp_path / "a", plucks(0.5), kind)
    assert probe(path.read_bytes()[:HEAD_BYTES]) == KINDS[kind].container


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
        (b"RIFF\x24\0\0\0AVI LIST", None),
        (b"\0\0\0\x20ftypM4A ", "mp4"),
        (b"\0\0\1\x20ftypM4A ", None),
        (b"#EXTM3U\nhttp://a/b.mp3", "m3u"),
        (b"#EXTINF:1,x\nhttp://a/b.mp3", "m3u"),
        (b"[playlist]\nFile1=http://a", "pls"),
        (b"[Playlist]\nFile1=http://a", "pls"),
        (b"https://a/b.mp3\n", "plain"),
        (b"\xef\xbb\xbf#EXTM3U\n", "m3u"),
        (b"ID3\x04\0\0\0\0\0\0", "mp3"),
        (MP3_FRAME * 3, "mp3"),
        (bytes(1000) + MP3_FRAME * 3, "mp3"),
        (bytes(1030) + MP3_FRAME * 3, None),
        (MP3_FRAME + b"no second frame" * 9, None),
        (ADTS_FRAME * 3, "adts"),
        ((b"\x47" + bytes(187)) * 4, "mpegts-adts"),
        (b"just some text that is no music at all", None),
        (b"<!doctype html><html></html>", None),
        (b"", None),
    ],
)
def test_the_first_bytes_decide(head: bytes, name: str | None) -> None:
    assert probe(head) == name


@pytest.mark.parametrize("hint", [None, "mp3", ".MP3", "audio/mpeg; charset=x", "flac", "nonsense/type"])
def test_a_hint_never_overrules_the_bytes(hint: str | None) -> None:
    assert probe(b"fLaC" + bytes(40), hint) == "flac"
    assert probe(b"plain text", hint) is None


def test_a_hint_decides_what_is_asked_first() -> None:
    both = b"ID3" + bytes(20) + ADTS_FRAME * 3
    assert probe(both) == "mp3"
    assert probe(both, "audio/aac") == "adts"


@given(st.binary(max_size=600), st.text(max_size=8))
def test_any_bytes_have_a_known_name_or_none(head: bytes, hint: str) -> None:
    assert probe(head, hint) in NAMES | {None}


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("fffb9064", 417),  # MPEG-1 layer III, 128 kbit/s, 44.1 kHz
        ("fffb9264", 418),  # the same with padding
        ("fff38064", 208),  # MPEG-2 layer III, 64 kbit/s, 22.05 kHz
        ("ffe318c4", 72),  # MPEG-2.5 layer III, 8 kbit/s, 8 kHz
        ("fffd7064", 365),  # MPEG-1 layer II, 112 kbit/s, 44.1 kHz
        ("fffbf064", 0),  # bit rate 15
        ("fffb9c64", 0),  # sample rate 3
        ("ffeb9064", 0),  # reserved version
        ("fff99064", 0),  # reserved layer
        ("00000000", 0),
        ("ff", 0),
    ],
)
def test_mp3_frames_have_the_standards_length(header: str, length: int) -> None:
    assert mp3_frame_bytes(bytes.fromhex(header)) == length


def test_id3_tags_have_a_length() -> None:
    assert id3_bytes(b"ID3\x04\0\0\0\0\x02\x01") == 10 + 257
    assert id3_bytes(b"ID3\x04\0\x10\0\0\x02\x01") == 20 + 257
    assert id3_bytes(b"ID3\x04\0\0\0\0\x82\x01") == 0
    assert id3_bytes(b"nothing at all") == 0
