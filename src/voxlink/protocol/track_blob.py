"""The bytes of an encoded track: one pass from text to fields, one from fields to text (server.md 6).

int32 flags and size | u8 version | title | author | int64 length | identifier | u8 stream
| uri (2+) | artwork, isrc (3+) | source | source's tail | int64 position
"""

from __future__ import annotations

import struct
from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from voxlink.errors import InvalidTrack
from voxlink.protocol.data_io import MAX_TEXT_BYTES, DataReader, read_base64
from voxlink.protocol.source_tails import (
    DEFAULT_DECODER_MAPPING,
    EMPTY_TAILS,
    SourceDecoder,
    SourceEncoder,
    encode_tail,
)
from voxlink.protocol.utfm import decode_utfm, encode_utfm

__all__ = ["CURRENT_VERSION", "TrackBlob", "read_blob", "rewrite_blob", "write_blob"]

CURRENT_VERSION = 3

_SIZE_BITS = 30
_SIZE_MASK = (1 << _SIZE_BITS) - 1
_VERSIONED = 1
_HEADER = struct.Struct(">I")
_I64 = struct.Struct(">q")
_HEADER_AND_VERSION = struct.Struct(">IB")
_read_header = _HEADER.unpack_from
_read_long = _I64.unpack_from
_POSITION_BYTES = 8


class TrackBlob(Struct, frozen=True):
    """What an encoded track says. Times in ms; `tail` is the source's fields by Lavalink.py's names.

    `tail_bytes` are the bytes between the source's name and the position, as they came.
    """

    version: int
    title: str
    author: str
    length: int
    identifier: str
    is_stream: bool
    uri: str | None
    artwork_url: str | None
    isrc: str | None
    source_name: str
    tail: Mapping[str, Any]
    tail_bytes: bytes
    position: int


def read_blob(text: str, decoders: Mapping[str, SourceDecoder] | None = None) -> TrackBlob:
    """Read an encoded track; `decoders` of the user come before the built-in ones.

    Raises `InvalidTrack` with the `field` and the byte `offset` where reading failed, for any text that is not
    exactly one track.
    """
    data = read_base64(text)
    if len(data) < 4 or (header := _read_header(data)[0]) & _SIZE_MASK != len(data) - 4:
        raise _wrong_size(data)
    field, at = "version", 4
    try:
        version = 1
        if header >> _SIZE_BITS & _VERSIONED:
            version, at = min(max(data[4], 1), CURRENT_VERSION), 5
        field = "title"
        title, at = _text(data, at)
        field = "author"
        author, at = _text(data, at)
        field = "length"
        length = _read_long(data, at)[0]
        at += 8
        field = "identifier"
        identifier, at = _text(data, at)
        field = "isStream"
        is_stream = data[at] != 0
        at += 1
        uri = artwork_url = isrc = None
        if version >= 2:
            field = "uri"
            uri, at = _text(data, at + 1) if data[at] else (None, at + 1)
        if version >= 3:
            field = "artworkUrl"
            artwork_url, at = _text(data, at + 1) if data[at] else (None, at + 1)
            field = "isrc"
            isrc, at = _text(data, at + 1) if data[at] else (None, at + 1)
        field = "sourceName"
        source_name, at = _text(data, at)
        field = "position"
        if at + _POSITION_BYTES > len(data):
            raise IndexError
    except (IndexError, struct.error):
        raise InvalidTrack(f"the track ends in its {field} (offset {at})", field=field, offset=at) from None
    except UnicodeDecodeError as error:
        offset = at + 2 + error.start + (field in {"uri", "artworkUrl", "isrc"})
        raise InvalidTrack(f"the {field} is no modified UTF-8 (offset {offset})", field=field, offset=offset) from None
    tail, position_at = _read_tail(data, at, source_name, decoders)
    return TrackBlob(
        version, title, author, length, identifier, is_stream, uri, artwork_url, isrc,
        source_name, tail, data[at:position_at], _read_long(data, position_at)[0],
    )  # fmt: skip


def _text(data: bytes, at: int) -> tuple[str, int]:
    """The text at an offset and the offset behind it."""
    start = at + 2
    end = start + (data[at] << 8 | data[at + 1])
    if end > len(data):
        raise IndexError
    return decode_utfm(data[start:end]), end


def _wrong_size(data: bytes) -> InvalidTrack:
    if len(data) < 4:
        return InvalidTrack(f"the track ends in its header (offset {len(data)})", field="header", offset=len(data))
    size = _read_header(data)[0] & _SIZE_MASK
    message = f"the header says that {size} bytes follow, {len(data) - 4} do (offset 0)"
    return InvalidTrack(message, field="header", offset=0)


_NO_TAIL: Mapping[str, Any] = {}


def _read_tail(
    data: bytes, at: int, source: str, decoders: Mapping[str, SourceDecoder] | None
) -> tuple[Mapping[str, Any], int]:
    """The source's fields and the offset of the position, which of an unknown tail is eight bytes before the end."""
    last = len(data) - _POSITION_BYTES
    if decoders is not None and source in decoders:
        reader = DataReader.over(data, at)
        fields = decoders[source](reader)
        if reader.offset > last:
            raise InvalidTrack(f"the track ends in its tail (offset {at})", field="tail", offset=at)
        return fields, reader.offset
    if at == last:
        return _NO_TAIL, at
    if source in EMPTY_TAILS:
        return _NO_TAIL, at
    decoder = DEFAULT_DECODER_MAPPING.get(source)
    if decoder is None:
        return _NO_TAIL, last
    reader = DataReader.over(data, at)
    try:
        fields = decoder(reader)
    except InvalidTrack as error:
        if source == "youtube":  # not LavaSrc's after all: YouTube's own tail is empty, what follows is surplus
            return _NO_TAIL, at
        raise InvalidTrack(f"in the source's tail, {error}", field="tail", offset=error.offset) from None
    if reader.offset > last:
        raise InvalidTrack(f"the track ends in its tail (offset {at})", field="tail", offset=at)
    return fields, reader.offset


def write_blob(
    version: int, title: str, author: str, length: int, identifier: str, is_stream: bool, uri: str | None,
    artwork_url: str | None, isrc: str | None, source_name: str, tail_bytes: bytes, position: int,
) -> str:  # fmt: skip
    """An encoded track of version 2 or 3. Raises `InvalidTrack` that names the field that cannot be written."""
    parts = [
        b"", _packed("title", title), _packed("author", author), _packed_long("length", length),
        _packed("identifier", identifier), b"\1" if is_stream else b"\0", _packed_or_null("uri", uri),
    ]  # fmt: skip
    if version >= CURRENT_VERSION:
        parts += _packed_or_null("artworkUrl", artwork_url), _packed_or_null("isrc", isrc)
    parts += _packed("sourceName", source_name), tail_bytes, _packed_long("position", position)
    body = b"".join(parts)
    head = _HEADER_AND_VERSION.pack(_VERSIONED << _SIZE_BITS | len(body) + 1, version)
    return b2a_base64(head + body, newline=False).decode("ascii")


def rewrite_blob(
    text: str | None, wanted: TrackBlob, encoders: Mapping[str, SourceEncoder] | None = None
) -> tuple[int, str]:
    """The version and text of a track: `text` itself if it says what is `wanted`, else a new one of version 3.

    What the source wrote behind its name is kept byte for byte unless one of its fields was changed, so that tails
    that nobody here knows survive. Without a `text` the tail's encoder writes it.
    """
    tail_bytes = None
    if text and (blob := read_blob(text)).source_name == wanted.source_name:
        if all(wanted.tail.get(name, value) == value for name, value in blob.tail.items()):
            tail_bytes = blob.tail_bytes
        same = replace(wanted, version=blob.version, tail=blob.tail, tail_bytes=tail_bytes)
        if same == blob:
            return blob.version, text
    if tail_bytes is None:
        tail_bytes = encode_tail(wanted.source_name, dict(wanted.tail), encoders)
    return CURRENT_VERSION, write_blob(
        CURRENT_VERSION, wanted.title, wanted.author, wanted.length, wanted.identifier, wanted.is_stream, wanted.uri,
        wanted.artwork_url, wanted.isrc, wanted.source_name, tail_bytes, wanted.position,
    )  # fmt: skip


def _packed(field: str, text: str) -> bytes:
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # tracks come in users' dicts
        raise InvalidTrack(f"{field} must be a text, not {text!r}", field=field)
    data = encode_utfm(text)
    if len(data) > MAX_TEXT_BYTES:
        raise InvalidTrack(f"{field} has {len(data)} bytes, more than {MAX_TEXT_BYTES}", field=field)
    return len(data).to_bytes(2, "big") + data


def _packed_or_null(field: str, text: str | None) -> bytes:
    return b"\0" if text is None else b"\1" + _packed(field, text)


def _packed_long(field: str, number: int) -> bytes:
    try:
        return _I64.pack(number)
    except struct.error:
        raise InvalidTrack(f"{field} must be an integer of 64 bits, not {number!r}", field=field) from None
