"""An encoded track's bytes to its fields, in one pass (server.md 6).

    int32 flags and size | u8 version | title | author | int64 length | identifier | u8 stream
    | uri (2+) | artwork, isrc (3+) | source | source's tail | int64 position

The straight way knows texts of ordinary size and stumbles over anything odd; then the careful way reads field by
field, or says which field cannot be read. A test holds that both ways agree.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import msgspec

from voxlink.errors import InvalidTrack
from voxlink.protocol.data_io import DataReader, read_base64
from voxlink.protocol.source_tails import (
    EMPTY_TAILS,
    LAVASRC_KEYS,
    LAVASRC_SOURCES,
    POSITION_BYTES,
    PROBED_SOURCES,
    SourceDecoder,
    decode_tail,
)
from voxlink.protocol.track_fields import CURRENT_VERSION, SIZE_MASK, VERSIONED, TrackFields
from voxlink.protocol.utfm import decode_utfm, decode_utfm_unlike_utf8

__all__ = ["read_track"]

_ORDINARY_SIZE = 384


def read_track(text: str, decoders: Mapping[str, SourceDecoder] | None = None) -> TrackFields:
    """Read an encoded track; `decoders` of the user come before the built-in ones.

    Raises `InvalidTrack` with the `field` and the byte `offset` where reading failed, for any text that is not
    exactly one track.
    """
    try:
        data = msgspec.convert(text, bytes)  # Base64, strictly, and faster than binascii
    except msgspec.ValidationError:
        data = read_base64(text)
    try:
        fields = read_straight(data)
    except (IndexError, struct.error, UnicodeDecodeError):
        return read_carefully(data, decoders)
    if decoders is not None and fields[9] in decoders:
        return read_carefully(data, decoders)
    return fields


def _readers(form: str) -> list[Any]:
    """For each ordinary size of a text, a function that reads the text and the fixed fields behind it in one step."""
    return [struct.Struct(form.format(size)).unpack_from for size in range(_ORDINARY_SIZE)]


_read_head = struct.Struct(">IBH").unpack_from
_read_size = struct.Struct(">H").unpack_from
_read_flag_size = struct.Struct(">?H").unpack_from
_read_flag_position = struct.Struct(">?q").unpack_from
_read_position = struct.Struct(">q").unpack_from
_read_then_size = _readers(">{}sH")
_read_then_long_size = _readers(">{}sqH")
_read_then_flag_flag_size = _readers(">{}s??H")
_read_then_flag_size = _readers(">{}s?H")
_read_then_position = _readers(">{}sq")


def read_straight(data: bytes) -> TrackFields:
    """The straight way: versions 2 and 3, texts of ordinary size, and no bytes that nobody here knows.

    Each step reads a text and, ahead, the fixed fields behind it; at least the position's eight bytes are there.
    `at` is the offset behind the last byte that is settled, `size` and `after` are the sizes of the next texts.
    Raises `IndexError`, `struct.error` or `UnicodeDecodeError` for everything else.
    """
    header, version, size = _read_head(data)
    if header ^ VERSIONED != len(data) - 4 or not 2 <= version <= 3:
        raise IndexError
    title, after = _read_then_size[size](data, 7)
    at = 9 + size
    author, length, size = _read_then_long_size[after](data, at)
    at += after + 10
    identifier, is_stream, there, after = _read_then_flag_flag_size[size](data, at)
    at += size + 2
    uri = artwork_url = isrc = None
    if version == 3:
        if there:
            uri, there, size = _read_then_flag_size[after](data, at + 2)
            uri, at = uri.decode(), at + after + 3
        else:
            there, size = _read_flag_size(data, at)
            at += 1
        if there:
            artwork_url, there, after = _read_then_flag_size[size](data, at + 2)
            artwork_url, at = artwork_url.decode(), at + size + 3
        else:
            there, after = _read_flag_size(data, at)
            at += 1
    if there:
        last, size = _read_then_size[after](data, at + 2)
        uri, isrc = (uri, last.decode()) if version == 3 else (last.decode(), None)
        at += after + 2
    else:
        size = after
    source_name, position = _read_then_position[size](data, at + 2)
    source_name, at = source_name.decode(), at + size + 2
    tail: Mapping[str, Any] = {}
    end = len(data) - POSITION_BYTES
    if at != end:
        tail, position = _read_tail_straight(data, at, source_name)
    try:
        title = title.decode()
    except UnicodeDecodeError:
        title = decode_utfm_unlike_utf8(title)
    return (
        version, title, decode_utfm(author), length, identifier.decode(), is_stream, uri, artwork_url, isrc,
        source_name, tail, data[at:end], position,
    )  # fmt: skip


def _read_tail_straight(data: bytes, at: int, source: str) -> tuple[Mapping[str, Any], int]:
    """The straight way through a tail, a container's name or all six fields of LavaSrc; and the position."""
    if source in PROBED_SOURCES:
        size = _read_size(data, at)[0]
        probe_info, position = _read_then_position[size](data, at + 2)
        if at + size + 10 != len(data):
            raise IndexError
        return {"probe_info": probe_info.decode()}, position
    if source not in LAVASRC_SOURCES:
        raise IndexError
    texts: list[str | None] = []
    flag, size = _read_flag_size(data, at)
    for _ in range(5):
        if flag:
            text, flag, after = _read_then_flag_size[size](data, at + 3)
            texts.append(text.decode())
            at, size = at + 3 + size, after
        else:
            texts.append(None)
            at += 1
            flag, size = _read_flag_size(data, at)
    is_preview, position = _read_flag_position(data, at)
    if at + 9 != len(data):
        raise IndexError
    return dict(zip(LAVASRC_KEYS, (*texts, is_preview), strict=True)), position


def read_carefully(data: bytes, decoders: Mapping[str, SourceDecoder] | None) -> TrackFields:
    """The careful way: field by field, so that an error can name the one that cannot be read."""
    if len(data) < 4:
        raise InvalidTrack(f"the track ends in its header (offset {len(data)})", field="header", offset=len(data))
    reader = DataReader.over(data)
    header = reader.read_int()
    if header & SIZE_MASK != len(data) - 4:
        message = f"the header says that {header & SIZE_MASK} bytes follow, {len(data) - 4} do (offset 0)"
        raise InvalidTrack(message, field="header", offset=0)
    uri = artwork_url = isrc = None
    field = "version"
    try:
        version = min(max(reader.read_byte()[0], 1), CURRENT_VERSION) if header & VERSIONED else 1
        field = "title"
        title = reader.read_utfm()
        field = "author"
        author = reader.read_utfm()
        field = "length"
        length = reader.read_long()
        field = "identifier"
        identifier = reader.read_utfm()
        field = "isStream"
        is_stream = reader.read_boolean()
        if version >= 2:
            field = "uri"
            uri = reader.read_nullable_utf()
        if version >= 3:
            field = "artworkUrl"
            artwork_url = reader.read_nullable_utf()
            field = "isrc"
            isrc = reader.read_nullable_utf()
        field = "sourceName"
        source_name = reader.read_utfm()
        at = reader.offset
        field = "position"
        position = reader.read_long()
    except InvalidTrack as error:
        raise InvalidTrack(f"in the track's {field}, {error}", field=field, offset=error.offset) from None
    tail, end = _read_tail(data, at, source_name, decoders)
    if end != at:
        position = _read_position(data, end)[0]
    return (
        version, title, author, length, identifier, is_stream, uri, artwork_url, isrc, source_name, tail,
        data[at:end], position,
    )  # fmt: skip


def _read_tail(
    data: bytes, at: int, source: str, decoders: Mapping[str, SourceDecoder] | None
) -> tuple[Mapping[str, Any], int]:
    """The source's fields and the offset of the position, which of an unknown tail is eight bytes before the end."""
    reader = DataReader.over(data, at)
    fields = decode_tail(source, reader, decoders)
    if fields is None:
        return {}, at if source in EMPTY_TAILS else len(data) - POSITION_BYTES
    if reader.remaining < POSITION_BYTES:
        raise InvalidTrack(f"the track ends in its tail (offset {at})", field="tail", offset=at)
    return fields, reader.offset
