"""A track and a playlist, as every route and event of Lavalink carries them (server.md 1.5 and 1.6)."""

from __future__ import annotations

from typing import Any

from msgspec import field

from voxlink.protocol.value import Int32, Int64, JsonObject, Value

__all__ = ["UNKNOWN_LENGTH_MS", "Playlist", "PlaylistHeader", "Track", "TrackInfo"]

UNKNOWN_LENGTH_MS = 2**63 - 1
"""`TrackInfo.length` of a live stream, or of a file that does not tell its length."""


class TrackInfo(Value, frozen=True):
    """What a track is. `length` and `position` are in ms; an unknown length is `UNKNOWN_LENGTH_MS`."""

    identifier: str
    is_seekable: bool
    author: str
    length: Int64
    is_stream: bool
    position: Int64
    title: str
    uri: str | None
    source_name: str
    artwork_url: str | None = None
    isrc: str | None = None


class Track(Value, frozen=True):
    """A track: its encoded text, what the text says, and what plugins and the user attached to it."""

    encoded: str
    info: TrackInfo
    plugin_info: JsonObject = field(default_factory=dict[str, Any])
    user_data: JsonObject = field(default_factory=dict[str, Any])


class PlaylistHeader(Value, frozen=True):
    """A playlist's name and the index of its selected track (-1: none)."""

    name: str
    selected_track: Int32 = -1


class Playlist(Value, frozen=True):
    """A playlist with its tracks in order."""

    info: PlaylistHeader
    plugin_info: JsonObject
    tracks: list[Track]
