"""Encoded tracks to `AudioTrack` and back, under Lavalink.py's names and signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voxlink.errors import InvalidTrack
from voxlink.protocol.audio_track import AudioTrack
from voxlink.protocol.source_tails import SourceDecoder, SourceEncoder, encode_tail, from_wire
from voxlink.protocol.track_blob import CURRENT_VERSION, TrackBlob, read_blob, rewrite_blob, write_blob

__all__ = ["V2_KEYSET", "V3_KEYSET", "decode_track", "encode_track", "encode_track_v2", "encode_track_v3"]

V2_KEYSET = {"title", "author", "length", "identifier", "isStream", "uri", "sourceName", "position"}
"""The keys that a track dict must have."""

V3_KEYSET = V2_KEYSET | {"artworkUrl", "isrc"}
"""The keys with which a track is encoded as version 3."""


def decode_track(track: str, source_decoders: Mapping[str, SourceDecoder] | None = None) -> AudioTrack:
    """The track that a Base64 text holds: versions 1 to 3, with the tails of all sources that are known.

    `source_decoders` map a source's name to a function that reads its tail from a `DataReader`; they come before the
    built-in ones. What they give is in `extra["source_specific"]`, the version in `extra["encoder_version"]`.
    Raises `InvalidTrack`, with `field` and `offset`, for anything that is not exactly one track.
    """
    blob = read_blob(track, source_decoders)
    info: dict[str, Any] = {
        "identifier": blob.identifier,
        "isSeekable": not blob.is_stream,
        "author": blob.author,
        "length": blob.length,
        "isStream": blob.is_stream,
        "position": blob.position,
        "title": blob.title,
        "uri": blob.uri,
        "sourceName": blob.source_name,
    }
    if blob.version >= CURRENT_VERSION:
        info["artworkUrl"] = blob.artwork_url
        info["isrc"] = blob.isrc
    return AudioTrack(
        {"encoded": track, "info": info}, 0,
        position=blob.position, encoder_version=blob.version, source_specific=dict(blob.tail),
    )  # fmt: skip


def encode_track(
    track: Mapping[str, Any] | AudioTrack, source_encoders: Mapping[str, SourceEncoder] | None = None
) -> tuple[int, str]:
    """A track as Base64 text that any Lavalink server reads, with the version it was encoded in.

    A dict needs the keys of `V2_KEYSET`; with those of `V3_KEYSET` it is encoded as version 3. `source_encoders` map a
    source's name to a function that writes its tail to a `DataWriter`; they come before the built-in ones, which take
    the fields from the dict itself, its `pluginInfo` or its `source_specific`. An `AudioTrack` whose fields are still
    what its text says gives that text. Raises `InvalidTrack` that names what is missing or cannot be written.
    """
    if isinstance(track, AudioTrack):
        return _encode_audio_track(track, source_encoders)
    missing = sorted(V2_KEYSET - track.keys())
    if missing:
        raise InvalidTrack(
            f"Track object is missing keys required for serialization: {', '.join(missing)}", field=missing[0]
        )
    if track.keys() >= V3_KEYSET:
        return CURRENT_VERSION, encode_track_v3(track, source_encoders)
    return 2, encode_track_v2(track, source_encoders)


def encode_track_v2(track: Mapping[str, Any], source_encoders: Mapping[str, SourceEncoder] | None = None) -> str:
    """A track dict as version 2, which has neither artwork nor ISRC. See `encode_track`."""
    return _encode(2, track, source_encoders)


def encode_track_v3(track: Mapping[str, Any], source_encoders: Mapping[str, SourceEncoder] | None = None) -> str:
    """A track dict as version 3, the current one. See `encode_track`."""
    return _encode(3, track, source_encoders)


def _encode(version: int, track: Mapping[str, Any], encoders: Mapping[str, SourceEncoder] | None) -> str:
    try:
        source = track["sourceName"]
        artwork_url, isrc = (track["artworkUrl"], track["isrc"]) if version == CURRENT_VERSION else (None, None)
        return write_blob(
            version, track["title"], track["author"], track["length"], track["identifier"], track["isStream"],
            track["uri"], artwork_url, isrc, source, encode_tail(source, track, encoders), track["position"],
        )  # fmt: skip
    except KeyError as error:
        key = error.args[0]
        raise InvalidTrack(f"Track object is missing keys required for serialization: {key}", field=key) from None


def _encode_audio_track(track: AudioTrack, encoders: Mapping[str, SourceEncoder] | None) -> tuple[int, str]:
    tail: Mapping[str, Any] = track.extra.get("source_specific") or from_wire(track.plugin_info or {})
    wanted = TrackBlob(
        CURRENT_VERSION, track.title, track.author, track.duration, track.identifier, track.is_stream, track.uri,
        track.artwork_url, track.isrc, track.source_name, tail, b"", track.position,
    )  # fmt: skip
    return rewrite_blob(track.track, wanted, encoders)
