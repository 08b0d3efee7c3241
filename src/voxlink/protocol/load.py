"""The five answers of `GET /v4/loadtracks`, and the sixth that a newer server may invent (server.md 1.6)."""

from __future__ import annotations

from typing import Any

from voxlink.protocol.enums import LoadType
from voxlink.protocol.failure import ExceptionDetails
from voxlink.protocol.track import Playlist, Track
from voxlink.protocol.value import Value

__all__ = [
    "Loaded",
    "LoadedEmpty",
    "LoadedError",
    "LoadedPlaylist",
    "LoadedSearch",
    "LoadedTrack",
    "LoadedUnknown",
]


class LoadedTrack(Value, frozen=True, tag_field="loadType", tag="track"):
    """The identifier names one track."""

    data: Track


class LoadedPlaylist(Value, frozen=True, tag_field="loadType", tag="playlist"):
    """The identifier names a playlist, an album, an artist …"""

    data: Playlist


class LoadedSearch(Value, frozen=True, tag_field="loadType", tag="search"):
    """The identifier is a search; the best match comes first."""

    data: list[Track]


class LoadedEmpty(Value, frozen=True, tag_field="loadType", tag="empty"):
    """Nothing was found. Lavalink writes `"data":null`."""

    data: None = None


class LoadedError(Value, frozen=True, tag_field="loadType", tag="error"):
    """Loading failed."""

    data: ExceptionDetails


class LoadedUnknown(Value, frozen=True):
    """An answer of a kind that this version does not know; `data` is what came, as plain JSON values."""

    load_type: LoadType
    data: Any = None


Loaded = LoadedTrack | LoadedPlaylist | LoadedSearch | LoadedEmpty | LoadedError | LoadedUnknown
"""Any answer of `GET /v4/loadtracks`."""
