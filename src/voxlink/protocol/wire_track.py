"""Encoded tracks to the node's `Track` and back."""

from __future__ import annotations

from voxlink.protocol.source_tails import from_wire, to_wire
from voxlink.protocol.track import Track, TrackInfo
from voxlink.protocol.track_blob import CURRENT_VERSION, TrackBlob, read_blob, rewrite_blob

__all__ = ["decode_wire_track", "encode_wire_track"]


def decode_wire_track(text: str) -> Track:
    """The track that an encoded text holds, as `GET /v4/decodetrack` answers it: `encoded` is the text as given.

    The source's fields are in `plugin_info` (`probeInfo`, `albumName` …). Raises `InvalidTrack`.
    """
    blob = read_blob(text)
    info = TrackInfo(
        blob.identifier, not blob.is_stream, blob.author, blob.length, blob.is_stream, blob.position, blob.title,
        blob.uri, blob.source_name, blob.artwork_url, blob.isrc,
    )  # fmt: skip
    return Track(text, info, to_wire(blob.tail))


def encode_wire_track(track: Track) -> str:
    """The encoded text of what `track.info` says, position included; `track.encoded` itself if it says the same.

    The source's tail is taken over from `track.encoded` if that is from the same source; a track without an encoded
    text gets it from `plugin_info` (`probeInfo` for http and local). Raises `InvalidTrack`.
    """
    info = track.info
    wanted = TrackBlob(
        CURRENT_VERSION, info.title, info.author, info.length, info.identifier, info.is_stream, info.uri,
        info.artwork_url, info.isrc, info.source_name, from_wire(track.plugin_info), b"", info.position,
    )  # fmt: skip
    return rewrite_blob(track.encoded, wanted)[1]
