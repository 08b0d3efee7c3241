"""LavaSrc: what Spotify, Deezer, Apple Music and their like say of a track or a list beside its title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from voxlink.client.plugins.plugin import PluginNamespace, read_value
from voxlink.protocol import AudioTrack, LoadResult

__all__ = ["LavaSrc", "ListDetails", "TrackDetails"]


class TrackDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A track's album, artist and preview; None for what its source does not say."""

    album_name: str | None = None
    album_url: str | None = None
    artist_url: str | None = None
    artist_artwork_url: str | None = None
    preview_url: str | None = None
    is_preview: bool = False


class ListDetails(msgspec.Struct, frozen=True, rename="camel"):
    """A list of tracks: `type` is `album`, `playlist`, `artist` or `recommendations`; `total_tracks` may be more than
    were loaded.
    """

    type: str | None = None
    url: str | None = None
    artwork_url: str | None = None
    author: str | None = None
    total_tracks: int | None = None


class LavaSrc(PluginNamespace):
    """`node.plugins.lavasrc`. Nothing is asked of the node: the details come with the tracks."""

    _NAMES = ("lavasrc",)

    def track(self, track: AudioTrack) -> TrackDetails:
        """The details of a track, loaded or decoded; empty for a track of another source."""
        decoded: Mapping[str, Any] = track.extra.get("source_specific") or {}
        named = {_camel(name): value for name, value in decoded.items()}
        return read_value(TrackDetails, {**named, **(track.plugin_info or {})})

    def playlist(self, found: LoadResult) -> ListDetails:
        """The details of a loaded list; empty for one of another source."""
        return read_value(ListDetails, found.plugin_info)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
