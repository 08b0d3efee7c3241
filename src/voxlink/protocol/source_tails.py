"""What single sources write between their name and the position (server.md 6, "Tails"), read and written.

`http` and `local` name the container that was probed; LavaSrc's sources write album, artist and preview. A tail that
is not in these tables is skipped when reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, cast

from voxlink.errors import InvalidTrack
from voxlink.protocol.data_io import DataReader, DataWriter, pack_name, pack_nullable

__all__ = [
    "DEFAULT_DECODER_MAPPING",
    "DEFAULT_ENCODER_MAPPING",
    "EMPTY_TAILS",
    "SourceDecoder",
    "SourceEncoder",
    "decode_lavasrc_fields",
    "decode_probe_info",
    "decode_tail",
    "encode_lavasrc_fields",
    "encode_probe_info",
    "encode_tail",
    "from_wire",
    "to_wire",
]

SourceDecoder = Callable[[DataReader], Mapping[str, Any]]
SourceEncoder = Callable[[DataWriter, dict[str, Any]], None]

POSITION_BYTES = 8

LAVASRC_SOURCES = frozenset(
    ["applemusic", "deezer", "jiosaavn", "qobuz", "spotify", "tidal", "vkmusic", "yandexmusic", "youtube"]
)
"""LavaSrc's sources. Its yt-dlp takes the name `youtube`, whose own tail is empty: that is one of LavaSrc's shapes."""

PROBED_SOURCES = frozenset(["http", "local"])
"""Sources that name the container which they probed."""

EMPTY_TAILS = frozenset(
    ["bandcamp", "beam.pro", "flowery-tts", "gcloud-tts", "getyarn.io", "niconico", "soundcloud", "twitch", "vimeo",
     "yandex-music", "youtube"]
)  # fmt: skip
"""Sources that are known to write nothing: their position follows their name, whatever comes after it."""

LAVASRC_KEYS = {
    "album_name": "albumName",
    "album_url": "albumUrl",
    "artist_url": "artistUrl",
    "artist_artwork_url": "artistArtworkUrl",
    "preview_url": "previewUrl",
    "is_preview": "isPreview",
}
"""Lavalink.py's names of LavaSrc's fields and the names in `pluginInfo`, in the order of the tail."""

_WIRE_KEYS = {"probe_info": "probeInfo", **LAVASRC_KEYS}
_PROBE_NAMES = frozenset(["probe_info", "probeInfo"])
_LAVASRC_NAMES = frozenset([*LAVASRC_KEYS, *LAVASRC_KEYS.values()])
_all_of_lavasrc = itemgetter(*LAVASRC_KEYS)
_AFTER_THE_ALBUM = _LAVASRC_NAMES - {"album_name", "albumName", "album_url", "albumUrl"}


def decode_probe_info(reader: DataReader) -> Mapping[str, Any]:
    """The container of an http or local track, with its parameters: `mp3`, `m3u|hls-outer`.

    NodeLink writes none: nothing but the position is left then, and the mapping is empty.
    """
    return {"probe_info": reader.read_utfm()} if reader.remaining != POSITION_BYTES else {}


def decode_lavasrc_fields(reader: DataReader) -> Mapping[str, Any]:
    """LavaSrc's fields: six, in older tracks the first two, in the oldest none; told by the bytes that are left."""
    if reader.remaining <= POSITION_BYTES:
        return {}
    fields: dict[str, Any] = {"album_name": reader.read_nullable_utf(), "album_url": reader.read_nullable_utf()}
    if reader.remaining > POSITION_BYTES:
        fields["artist_url"] = reader.read_nullable_utf()
        fields["artist_artwork_url"] = reader.read_nullable_utf()
        fields["preview_url"] = reader.read_nullable_utf()
        fields["is_preview"] = reader.read_boolean()
    return fields


def encode_probe_info(writer: DataWriter, track: dict[str, Any]) -> None:
    """Write the container of an http or local track; raises `InvalidTrack` if the track does not tell it."""
    writer.write_byte(_probe_tail(track))


def encode_lavasrc_fields(writer: DataWriter, track: dict[str, Any]) -> None:
    """Write the LavaSrc fields that the track tells: all six, the two of the album, or none."""
    writer.write_byte(_lavasrc_tail(track))


def _probe_tail(track: Mapping[str, Any]) -> bytes:
    place = track if "probe_info" in track else _place(track, _PROBE_NAMES)
    probe_info = place["probe_info"] if "probe_info" in place else place.get("probeInfo")
    if probe_info is None:
        raise InvalidTrack("an http or local track needs its probeInfo: no server could read it", field="probeInfo")
    return pack_name(probe_info)


def _lavasrc_tail(track: Mapping[str, Any]) -> bytes:
    place = track if "album_name" in track else _place(track, _LAVASRC_NAMES)
    if not place:
        return b""
    try:
        album_name, album_url, artist_url, artwork_url, preview_url, is_preview = _all_of_lavasrc(place)
    except KeyError:
        values = {name: place[name] if name in place else place.get(wire) for name, wire in LAVASRC_KEYS.items()}
        album_name, album_url, artist_url, artwork_url, preview_url, is_preview = values.values()
        if _AFTER_THE_ALBUM.isdisjoint(place):
            return pack_nullable(album_name) + pack_nullable(album_url)
    return (
        pack_nullable(album_name)
        + pack_nullable(album_url)
        + pack_nullable(artist_url)
        + pack_nullable(artwork_url)
        + pack_nullable(preview_url)
        + (b"\1" if is_preview else b"\0")
    )


DEFAULT_DECODER_MAPPING: dict[str, SourceDecoder] = {
    "http": decode_probe_info,
    "local": decode_probe_info,
    **dict.fromkeys(LAVASRC_SOURCES, decode_lavasrc_fields),
}
"""The built-in readers of tails, by source."""

DEFAULT_ENCODER_MAPPING: dict[str, SourceEncoder] = {
    "http": encode_probe_info,
    "local": encode_probe_info,
    **dict.fromkeys(LAVASRC_SOURCES, encode_lavasrc_fields),
}
"""The built-in writers of tails, by source."""


def decode_tail(
    source: str, reader: DataReader, decoders: Mapping[str, SourceDecoder] | None = None
) -> Mapping[str, Any] | None:
    """The source's fields, by the user's decoder or else the built-in one; None for an unknown or an empty tail."""
    own = decoders.get(source) if decoders else None
    decoder = own or DEFAULT_DECODER_MAPPING.get(source)
    if decoder is None:
        return None
    may_be_empty = own is None and source == "youtube"  # whose tail is LavaSrc's only if it is exactly that
    try:
        fields = decoder(reader)
    except InvalidTrack as error:
        if may_be_empty:
            return None
        raise InvalidTrack(f"in the track's tail, {error}", field="tail", offset=error.offset) from None
    return None if may_be_empty and reader.remaining != POSITION_BYTES else fields


def encode_tail(source: str, track: Mapping[str, Any], encoders: Mapping[str, SourceEncoder] | None = None) -> bytes:
    """What the source's encoder writes for a track dict, the user's before the built-in one; nothing without one."""
    if encoders is not None and source in encoders:
        writer = DataWriter()
        encoders[source](writer, cast("dict[str, Any]", track))
        return writer.body()
    if source == "youtube" and not ("album_name" in track or "source_specific" in track or "pluginInfo" in track):
        return b""  # most tracks
    if source in PROBED_SOURCES:
        return _probe_tail(track)
    return _lavasrc_tail(track) if source in LAVASRC_SOURCES else b""


def to_wire(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A tail's fields under the names that Lavalink uses in `pluginInfo`."""
    return {_WIRE_KEYS.get(name, name): value for name, value in fields.items()}


def from_wire(plugin_info: Mapping[str, Any]) -> dict[str, Any]:
    """The tail's fields that a track's `pluginInfo` tells."""
    return {name: plugin_info[wire] for name, wire in _WIRE_KEYS.items() if wire in plugin_info}


def _place(track: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    """Where a track dict keeps its tail's fields: in itself, in `source_specific` or in `pluginInfo`; or nowhere."""
    if not names.isdisjoint(track):
        return track
    for key in ("source_specific", "pluginInfo"):
        if key in track and isinstance(place := track[key], Mapping):
            place = cast("Mapping[str, Any]", place)
            if not names.isdisjoint(place):
                return place
    return {}
