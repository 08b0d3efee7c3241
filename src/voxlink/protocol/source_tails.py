"""What single sources write between their name and the position (server.md 6, "Tails"), read and written.

`http` and `local` name the container that was probed; LavaSrc's sources write album, artist and preview. A tail that
is not in these tables is skipped when reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from voxlink.errors import InvalidTrack
from voxlink.protocol.data_io import DataReader, DataWriter

__all__ = [
    "DEFAULT_DECODER_MAPPING",
    "DEFAULT_ENCODER_MAPPING",
    "EMPTY_TAILS",
    "SourceDecoder",
    "SourceEncoder",
    "decode_lavasrc_fields",
    "decode_probe_info",
    "encode_lavasrc_fields",
    "encode_probe_info",
    "encode_tail",
    "from_wire",
    "to_wire",
]

SourceDecoder = Callable[[DataReader], Mapping[str, Any]]
SourceEncoder = Callable[[DataWriter, dict[str, Any]], None]

POSITION_BYTES = 8

LAVASRC_SOURCES = [
    "applemusic", "deezer", "jiosaavn", "qobuz", "spotify", "tidal", "vkmusic", "yandexmusic",
    "youtube",  # LavaSrc's yt-dlp source takes this name; YouTube's own tail is empty, which is a LavaSrc shape, too
]  # fmt: skip

EMPTY_TAILS = frozenset(
    ["bandcamp", "beam.pro", "flowery-tts", "gcloud-tts", "getyarn.io", "niconico", "soundcloud", "twitch", "vimeo",
     "yandex-music"]
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
    probe_info = _fields(track).get("probe_info")
    if not isinstance(probe_info, str):
        raise InvalidTrack("an http or local track needs its probeInfo: no server could read it", field="probeInfo")
    writer.write_utf(probe_info)


def encode_lavasrc_fields(writer: DataWriter, track: dict[str, Any]) -> None:
    """Write the LavaSrc fields that the track tells: all six, the two of the album, or none."""
    fields = _fields(track)
    names = list(LAVASRC_KEYS)
    if not any(name in fields for name in names):
        return
    writer.write_nullable_utf(fields.get("album_name"))
    writer.write_nullable_utf(fields.get("album_url"))
    if any(name in fields for name in names[2:]):
        writer.write_nullable_utf(fields.get("artist_url"))
        writer.write_nullable_utf(fields.get("artist_artwork_url"))
        writer.write_nullable_utf(fields.get("preview_url"))
        writer.write_boolean(bool(fields.get("is_preview")))


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


def encode_tail(source: str, track: Mapping[str, Any], encoders: Mapping[str, SourceEncoder] | None = None) -> bytes:
    """What the source's encoder writes for a track dict, the user's before the built-in one; nothing without one."""
    encoder = encoders.get(source) if encoders is not None else None
    encoder = encoder or DEFAULT_ENCODER_MAPPING.get(source)
    if encoder is None:
        return b""
    writer = DataWriter()
    encoder(writer, cast("dict[str, Any]", track))
    return writer.body()


def to_wire(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A tail's fields under the names that Lavalink uses in `pluginInfo`."""
    return {_WIRE_KEYS.get(name, name): value for name, value in fields.items()}


def from_wire(plugin_info: Mapping[str, Any]) -> dict[str, Any]:
    """The tail's fields that a track's `pluginInfo` tells."""
    return {name: plugin_info[wire] for name, wire in _WIRE_KEYS.items() if wire in plugin_info}


def _fields(track: Mapping[str, Any]) -> dict[str, Any]:
    """The tail's fields, from wherever a track dict keeps them: itself, its `pluginInfo`, its `source_specific`."""
    fields: dict[str, Any] = {}
    for place in (track, track.get("pluginInfo"), track.get("source_specific")):
        if isinstance(place, Mapping):
            known = cast("Mapping[str, Any]", place)
            fields.update(from_wire(known))
            fields.update((name, known[name]) for name in _WIRE_KEYS if name in known)
    return fields
