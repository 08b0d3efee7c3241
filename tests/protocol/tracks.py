"""Strategies for tracks of every shape, and their bytes written the slow and obvious way."""

from __future__ import annotations

import base64
import struct
from typing import Any

from hypothesis import strategies as st

from voxlink.protocol.track_fields import VERSIONED

LAVASRC = ["applemusic", "deezer", "jiosaavn", "qobuz", "spotify", "tidal", "vkmusic", "yandexmusic"]
EMPTY = ["youtube", "soundcloud", "bandcamp", "twitch", "vimeo", "niconico"]

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
"""Any characters: lone surrogates, NUL and emoji included."""

emoji = st.text(st.sampled_from("😀🎵é二\0a\ud83d\ude00"), max_size=8)
long_text = st.integers(300, 700).map(lambda size: "é" * size)
texts = any_text | emoji | long_text | st.sampled_from(["", "\0", "https://example.org/x?y=z"])
longs = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, -1, 1, 212_000, 2**63 - 1])

probe_tail = st.fixed_dictionaries({"probe_info": texts})
album_tail = st.fixed_dictionaries({"album_name": st.none() | texts, "album_url": st.none() | texts})
lavasrc_tail = st.fixed_dictionaries(
    {
        "album_name": st.none() | texts,
        "album_url": st.none() | texts,
        "artist_url": st.none() | texts,
        "artist_artwork_url": st.none() | texts,
        "preview_url": st.none() | texts,
        "is_preview": st.booleans(),
    }
)
sources_and_tails = st.one_of(
    st.tuples(st.sampled_from(EMPTY) | any_text.map(lambda text: f"my {text}"), st.just({})),
    st.tuples(st.sampled_from(["http", "local"]), probe_tail),
    st.tuples(st.sampled_from([*LAVASRC, "youtube"]), st.just({}) | album_tail | lavasrc_tail),
)


@st.composite
def tracks(draw: st.DrawFn) -> dict[str, Any]:
    """A track dict as `encode_track` takes it, its tail's fields among the others; version 2 or 3."""
    source, tail = draw(sources_and_tails)
    track: dict[str, Any] = {
        "title": draw(texts), "author": draw(texts), "length": draw(longs), "identifier": draw(texts),
        "isStream": draw(st.booleans()), "uri": draw(st.none() | texts), "sourceName": source,
        "position": draw(longs), **tail,
    }  # fmt: skip
    if draw(st.booleans()):
        track |= {"artworkUrl": draw(st.none() | texts), "isrc": draw(st.none() | texts)}
    return track


def java_text(text: str) -> str:
    """The text as Java sees it: two surrogates in a row are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def java(value: Any) -> Any:
    """A value with all its texts as Java sees them."""
    if isinstance(value, str):
        return java_text(value)
    if isinstance(value, dict):
        return {key: java(item) for key, item in value.items()}
    return value


def utf(text: str) -> bytes:
    """A text as Java's `writeUTF` writes it, character by character."""
    data = bytearray()
    units = text.encode("utf-16-be", "surrogatepass")
    for unit in struct.unpack(f">{len(units) // 2}H", units):
        if 0 < unit < 0x80:
            data.append(unit)
        elif unit < 0x800:
            data += bytes([0xC0 | unit >> 6, 0x80 | unit & 0x3F])
        else:
            data += bytes([0xE0 | unit >> 12, 0x80 | unit >> 6 & 0x3F, 0x80 | unit & 0x3F])
    return struct.pack(">H", len(data)) + data


def nullable(text: str | None) -> bytes:
    return b"\0" if text is None else b"\1" + utf(text)


def blob(track: dict[str, Any], version: int, tail: bytes | None = None) -> bytes:
    """The decoded bytes of a track, header included."""
    body = b"" if version == 1 else bytes([version])
    body += utf(track["title"]) + utf(track["author"]) + struct.pack(">q", track["length"]) + utf(track["identifier"])
    body += bytes([track["isStream"]])
    body += nullable(track["uri"]) if version >= 2 else b""
    body += nullable(track.get("artworkUrl")) + nullable(track.get("isrc")) if version >= 3 else b""
    body += utf(track["sourceName"]) + (tail_of(track) if tail is None else tail) + struct.pack(">q", track["position"])
    return struct.pack(">I", len(body) | (VERSIONED if version > 1 else 0)) + body


def tail_of(track: dict[str, Any]) -> bytes:
    if "probe_info" in track:
        return utf(track["probe_info"])
    if "album_name" not in track:
        return b""
    data = nullable(track["album_name"]) + nullable(track["album_url"])
    if "artist_url" not in track:
        return data
    data += nullable(track["artist_url"]) + nullable(track["artist_artwork_url"]) + nullable(track["preview_url"])
    return data + bytes([track["is_preview"]])


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()
