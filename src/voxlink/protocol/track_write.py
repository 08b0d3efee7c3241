"""A track's fields to its encoded text, in one pass (server.md 6; the format is drawn in `track_read`).

The straight way knows texts of ordinary size; the careful way writes the others, or says which field cannot be
written. A test holds that both ways agree.
"""

from __future__ import annotations

import struct
from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any

from voxlink.errors import InvalidTrack
from voxlink.protocol.data_io import DataWriter, pack_name, pack_nullable
from voxlink.protocol.source_tails import SourceEncoder, encode_tail
from voxlink.protocol.track_fields import CURRENT_VERSION, VERSIONED
from voxlink.protocol.track_read import read_track
from voxlink.protocol.utfm import encode_utfm

__all__ = ["rewrite_track", "write_track"]

_SIZES = [size.to_bytes(2, "big") for size in range(512)]
"""The sizes of almost all texts."""

_pack_head = struct.Struct(">IB").pack
_pack_long_size = struct.Struct(">qH").pack
_pack_long = struct.Struct(">q").pack


def write_track(version: int, track: Mapping[str, Any], tail: bytes) -> str:
    """A track dict, and what its source writes behind its name, as an encoded track of version 2 or 3.

    Raises `KeyError` for a missing key, and `InvalidTrack` that names the field that cannot be written.
    """
    try:
        text = track["title"]
        title = text.encode() if text.isascii() and "\0" not in text else encode_utfm(text)
        text = track["author"]
        author = text.encode() if text.isascii() and "\0" not in text else encode_utfm(text)
        text = track["identifier"]
        identifier = text.encode() if text.isascii() and "\0" not in text else encode_utfm(text)
        parts = [
            _SIZES[len(title)], title, _SIZES[len(author)], author, _pack_long_size(track["length"], len(identifier)),
            identifier, b"\1" if track["isStream"] else b"\0", pack_nullable(track["uri"]),
        ]  # fmt: skip
        if version == CURRENT_VERSION:
            artwork_url, isrc = track["artworkUrl"], track["isrc"]
            parts.append(b"\0" if artwork_url is None else pack_nullable(artwork_url))
            parts.append(b"\0" if isrc is None else pack_nullable(isrc))
        parts += pack_name(track["sourceName"]), tail, _pack_long(track["position"])
        body = b"".join(parts)
    except (AttributeError, IndexError, InvalidTrack, TypeError, struct.error):
        body = write_carefully(version, track, tail)
    return b2a_base64(_pack_head(VERSIONED | len(body) + 1, version) + body, newline=False).decode("ascii")


def write_carefully(version: int, track: Mapping[str, Any], tail: bytes) -> bytes:
    """The careful way: field by field, so that an error can name the one that cannot be written."""
    writer = DataWriter()
    nullable = ["uri", "artworkUrl", "isrc"] if version == CURRENT_VERSION else ["uri"]
    for field in ["title", "author", "length", "identifier", "isStream", *nullable, "sourceName", "tail", "position"]:
        try:
            if field in {"length", "position"}:
                writer.write_long(track[field])
            elif field == "isStream":
                writer.write_boolean(track[field])
            elif field == "tail":
                writer.write_byte(tail)
            elif field in nullable:
                writer.write_nullable_utf(track[field])
            else:
                writer.write_utf(track[field])
        except InvalidTrack as error:
            raise InvalidTrack(f"the track's {field}: {error}", field=field) from None
    return writer.body()


def rewrite_track(
    text: str | None,
    track: Mapping[str, Any],
    tail: Mapping[str, Any],
    encoders: Mapping[str, SourceEncoder] | None = None,
) -> tuple[int, str]:
    """The version and text of a track: `text` itself if it says what `track` does, else a new one of version 3.

    What the source wrote behind its name is kept byte for byte unless one of its fields in `tail` is another, so that
    tails that nobody here knows survive. Without a `text` the tail's encoder writes it.
    """
    tail_bytes = None
    if text:
        version, *fields, old_tail, old_bytes, position = read_track(text)
        wanted = [track[key] for key in _KEYS]
        if wanted[-1] == fields[-1] and all(tail.get(name, value) == value for name, value in old_tail.items()):
            if wanted == fields and track["position"] == position:
                return version, text
            tail_bytes = old_bytes
    if tail_bytes is None:
        tail_bytes = encode_tail(track["sourceName"], tail, encoders)
    return CURRENT_VERSION, write_track(CURRENT_VERSION, track, tail_bytes)


_KEYS = ["title", "author", "length", "identifier", "isStream", "uri", "artworkUrl", "isrc", "sourceName"]
