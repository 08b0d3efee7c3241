"""Encoded tracks to `AudioTrack` and back, under Lavalink.py's names and signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voxlink.errors import InvalidTrack
from voxlink.protocol.audio_track import AudioTrack
from voxlink.protocol.source_tails import SourceDecoder, SourceEncoder, encode_tail, from_wire
from voxlink.protocol.track_fields import CURRENT_VERSION
from voxlink.protocol.track_read import read_track
from voxlink.protocol.track_write import rewrite_track, write_track

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
    return AudioTrack.decoded(track, read_track(track, source_decoders))


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
    version = CURRENT_VERSION if "artworkUrl" in track and "isrc" in track else 2
    try:
        return version, write_track(version, track, encode_tail(track["sourceName"], track, source_encoders))
    except KeyError:
        raise _what_is_missing(version, track) from None


def encode_track_v2(track: Mapping[str, Any], source_encoders: Mapping[str, SourceEncoder] | None = None) -> str:
    """A track dict as version 2, which has neither artwork nor ISRC. See `encode_track`."""
    return _encode(2, track, source_encoders)


def encode_track_v3(track: Mapping[str, Any], source_encoders: Mapping[str, SourceEncoder] | None = None) -> str:
    """A track dict as version 3, the current one. See `encode_track`."""
    return _encode(3, track, source_encoders)


def _encode(version: int, track: Mapping[str, Any], encoders: Mapping[str, SourceEncoder] | None) -> str:
    try:
        return write_track(version, track, encode_tail(track["sourceName"], track, encoders))
    except KeyError:
        raise _what_is_missing(version, track) from None


def _what_is_missing(version: int, track: Mapping[str, Any]) -> Exception:
    """The error for a `KeyError`: keys of the track, or else a key that a user's own encoder looked for."""
    missing = sorted((V2_KEYSET if version == 2 else V3_KEYSET) - track.keys())
    keys = ", ".join(missing) or "one that its source's encoder asks for"
    return InvalidTrack(f"Track object is missing keys required for serialization: {keys}", field=keys)


def _encode_audio_track(track: AudioTrack, encoders: Mapping[str, SourceEncoder] | None) -> tuple[int, str]:
    fields = {
        "title": track.title,
        "author": track.author,
        "length": track.duration,
        "identifier": track.identifier,
        "isStream": track.is_stream,
        "uri": track.uri,
        "artworkUrl": track.artwork_url,
        "isrc": track.isrc,
        "sourceName": track.source_name,
        "position": track.position,
    }
    tail: Mapping[str, Any] = track.extra.get("source_specific") or from_wire(track.plugin_info or {})
    return rewrite_track(track.track, fields, tail, encoders)
