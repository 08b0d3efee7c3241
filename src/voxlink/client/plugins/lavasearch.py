"""LavaSearch: tracks, albums, artists, playlists and texts for one query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from voxlink.client.plugins.plugin import PluginNamespace
from voxlink.errors import BadValue
from voxlink.protocol import AudioTrack, LoadResult

__all__ = ["FoundText", "LavaSearch", "SearchFound"]

TYPES = ("track", "album", "artist", "playlist", "text")


@dataclass(frozen=True, slots=True)
class FoundText:
    """A suggestion."""

    text: str
    plugin: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class SearchFound:
    """What was found. Albums, artists and playlists are playlists without tracks: load their URL to get them."""

    tracks: list[AudioTrack]
    albums: list[LoadResult]
    artists: list[LoadResult]
    playlists: list[LoadResult]
    texts: list[FoundText]
    plugin: Mapping[str, Any] = field(default_factory=dict[str, Any])


class LavaSearch(PluginNamespace):
    """`node.plugins.lavasearch`."""

    _NAMES = ("lavasearch",)

    async def search(self, query: str, types: Sequence[str] = ()) -> SearchFound | None:
        """Search for `query` (with its prefix, such as `spsearch:words`); None if nothing was found or nobody searches.

        `types` limits the answer to some of `track`, `album`, `artist`, `playlist`, `text`; raises ValueError else.
        """
        unknown = set(types) - set(TYPES)
        if unknown:
            raise BadValue(f"no such type: {', '.join(sorted(unknown))}; there are {', '.join(TYPES)}")
        params = {"query": query, **({"types": ",".join(types)} if types else {})}
        raw: Any = await self._ask("GET", "loadsearch", params=params)
        if raw is None:
            return None
        return SearchFound(
            tracks=[AudioTrack(item) for item in _items(raw, "tracks")],
            albums=[_playlist(item) for item in _items(raw, "albums")],
            artists=[_playlist(item) for item in _items(raw, "artists")],
            playlists=[_playlist(item) for item in _items(raw, "playlists")],
            texts=[FoundText(str(item.get("text", "")), item.get("plugin") or {}) for item in _items(raw, "texts")],
            plugin=raw.get("plugin") or {},
        )


def _items(raw: Mapping[str, Any], name: str) -> list[Any]:
    return raw.get(name) or []


def _playlist(raw: Mapping[str, Any]) -> LoadResult:
    return LoadResult.from_dict({"loadType": "playlist", "data": {"pluginInfo": {}, "tracks": [], **raw}})
