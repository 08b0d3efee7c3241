"""Any bytes are a track or `InvalidTrack`; a track is read alike by both ways, and written back as it came."""

from __future__ import annotations

import base64
import contextlib
import struct

from voxlink.errors import InvalidTrack
from voxlink.protocol import decode_track, decode_wire_track, encode_track, encode_wire_track
from voxlink.protocol.track_read import read_carefully, read_straight, read_track


def check(data: bytes) -> None:
    """The first byte says how to make a text of the rest: as it is, as Base64, or with a header that fits."""
    text = as_text(data[:1], data[1:])
    try:
        fields = read_track(text)
    except InvalidTrack as error:
        assert error.field, error
        assert error.offset is not None, error
        return
    check_that_the_ways_agree(fields, text)
    check_that_it_goes_back(fields, text)


def as_text(kind: bytes, rest: bytes) -> str:
    if kind < b"\x20":
        return rest.decode("latin-1")
    if kind >= b"\x80":
        rest = struct.pack(">I", (kind[0] & 0x40) << 24 | len(rest)) + rest
    return base64.b64encode(rest).decode()


def check_that_the_ways_agree(fields: object, text: str) -> None:
    data = base64.b64decode(text.replace(" ", "+") + "=" * (-len(text) % 4))
    with contextlib.suppress(IndexError, struct.error, UnicodeDecodeError, InvalidTrack):
        assert read_straight(data) == fields
    assert read_carefully(data, None) == fields


def check_that_it_goes_back(fields: tuple[object, ...], text: str) -> None:
    track = decode_track(text)
    assert encode_track(track) == (fields[0], text)
    wire = decode_wire_track(text)
    assert encode_wire_track(wire) == text
    again = track.raw["info"] | {"artworkUrl": track.artwork_url, "isrc": track.isrc}
    with contextlib.suppress(InvalidTrack):  # an http track without its container cannot be written anew
        written = read_track(encode_track({**again, "source_specific": track.extra["source_specific"]})[1])
        assert written[0] == 3
        assert written[1:11] == fields[1:11]
        assert written[12] == fields[12]
