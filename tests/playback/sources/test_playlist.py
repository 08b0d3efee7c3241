"""Playlists give their first address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import LoadFailed
from voxlink.playback.sources.playlist import first_entry


@pytest.mark.parametrize(
    ("kind", "text", "address", "title"),
    [
        ("m3u", "#EXTM3U\nhttp://a/1.mp3\nhttp://a/2.mp3", "http://a/1.mp3", None),
        ("m3u", "#EXTM3U\r\n#EXTINF:12,Some, title\r\nhttps://a/1.mp3\r\n", "https://a/1.mp3", "Some, title"),
        ("m3u", "#EXTM3U\n#EXTINF:12,Local\nmusic/a.mp3\nhttp://a/1.mp3", "http://a/1.mp3", None),
        ("m3u", "\ufeff#EXTM3U\n\nicy://a:8000/", "icy://a:8000/", None),
        ("pls", "[playlist]\nFile2=http://b\nFile1=http://a\nTitle1=First\nTitle2=Second", "http://a", "First"),
        ("pls", "[playlist]\nfile1=music.mp3\nFile3= http://c \n", "http://c", None),
        ("plain", "http://a/1.mp3\nhttp://a/2.mp3\n", "http://a/1.mp3", None),
    ],
)
def test_the_first_address_is_taken_with_its_title(kind: str, text: str, address: str, title: str | None) -> None:
    assert first_entry(text.encode(), kind) == (address, title)


@pytest.mark.parametrize(
    ("kind", "text"), [("m3u", "#EXTM3U\nmusic.mp3"), ("pls", "[playlist]\nFile1=/etc/x"), ("plain", "ftp://a")]
)
def test_names_of_local_files_are_never_followed(kind: str, text: str) -> None:
    with pytest.raises(LoadFailed, match="contains no links"):
        first_entry(text.encode(), kind)


def test_hls_is_refused_by_name() -> None:
    with pytest.raises(LoadFailed, match="HLS"):
        first_entry(b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://a/1.ts", "m3u")


def test_titles_may_be_latin_1() -> None:
    assert first_entry("#EXTM3U\n#EXTINF:1,Café\nhttp://a".encode("latin-1"), "m3u").title == "Café"


@given(st.binary(max_size=300), st.sampled_from(["m3u", "pls", "plain"]))
def test_any_bytes_give_an_address_or_are_refused_by_name(data: bytes, kind: str) -> None:
    try:
        entry = first_entry(data, kind)
    except LoadFailed:
        return
    assert entry.address.startswith(("http://", "https://", "icy://"))
