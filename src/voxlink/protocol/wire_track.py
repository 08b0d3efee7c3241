"""Encoded tracks to the node's `Track` and back."""

from __future__ import annotations

from voxlink.protocol.source_tails import from_wire, to_wire
from voxlink.protocol.track import Track, TrackInfo
from voxlink.protocol.track_read import read_track
from voxlink.protocol.track_write import rewrite_track

__all__ = ["decode_wire_track", "encode_wire_track"]


def decode_wire_track(text: str) -> Track:
    """The track that an encoded text holds, as `GET /v4/decodetrack` answers it: `encoded` is the text as given.

    The source's fields are in `plugin_info` (`probeInfo`, `albumName` …). Raises `InvalidTrack`.
    """
    (
        _, title, author, length, identifier, is_stream, uri, artwork_url, isrc, source_name, tail, _, position,
    ) = read_track(text)  # fmt: skip
    info = TrackInfo(
        identifier, not is_stream, author, length, is_stream, position, title, uri, source_name, artwork_url, isrc
    )
    return Track(text, info, to_wire(tail))


def encode_wire_track(track: Track) -> str:
    """The encoded text of what `track.info` says, position included; `track.encoded` itself if it says the same.

    The source's tail is taken over from `track.encoded` if that is from the same source; a track without an encoded
    text gets it from `plugin_info` (`probeInfo` for http and local). Raises `InvalidTrack`.
    """
    info = track.info
    fields = {
        "title": info.title,
        "author": info.author,
        "length": info.length,
        "identifier": info.identifier,
        "isStream": info.is_stream,
        "uri": info.uri,
        "artworkUrl": info.artwork_url,
        "isrc": info.isrc,
        "sourceName": info.source_name,
        "position": info.position,
    }
    return rewrite_track(track.encoded, fields, from_wire(track.plugin_info))[1]
