"""What a search found, as a bot handles it: Lavalink.py's `LoadResult` and what belongs to it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

from voxlink.protocol.audio_track import AudioTrack
from voxlink.protocol.enums import LoadType, Severity

__all__ = ["LoadResult", "LoadResultError", "PlaylistInfo", "Plugin"]


def _item(owner: object, names: Mapping[str, str], key: str) -> Any:
    """Item access as in older releases of Lavalink.py: `result["tracks"]`."""
    if key not in names:
        raise KeyError(key)
    kind = owner.__class__.__name__
    warnings.warn(f"{kind}[{key!r}] is deprecated, use .{names[key]}", DeprecationWarning, stacklevel=3)
    return getattr(owner, names[key])


class PlaylistInfo:
    """A playlist's name and the index of its selected track (-1: none)."""

    __slots__ = ("name", "selected_track")

    def __init__(self, name: str, selected_track: int = -1) -> None:
        self.name = name
        self.selected_track = selected_track

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Self:
        """The `info` of a playlist as Lavalink answers it."""
        return cls(mapping["name"], mapping.get("selectedTrack", -1))

    @classmethod
    def none(cls) -> Self:
        """What stands for "no playlist"."""
        return cls("", -1)

    def __getitem__(self, key: str) -> Any:
        return _item(self, {"name": "name", "selectedTrack": "selected_track"}, key)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PlaylistInfo):
            return NotImplemented
        return (self.name, self.selected_track) == (other.name, other.selected_track)

    def __hash__(self) -> int:
        return hash((self.name, self.selected_track))

    def __repr__(self) -> str:
        return f"<PlaylistInfo name={self.name} selected_track={self.selected_track}>"


class LoadResultError:
    """Why loading failed: `message`, `severity`, `cause`, and `cause_stacktrace` ("" from older servers)."""

    __slots__ = ("cause", "cause_stacktrace", "message", "severity")

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.message: str | None = error["message"]
        severity = error["severity"]
        self.severity = severity if isinstance(severity, Severity) else _severity(str(severity))
        self.cause: str = error["cause"]
        self.cause_stacktrace: str = error.get("causeStackTrace") or ""

    @classmethod
    def create(cls, message: str, severity: Severity, cause: str, stacktrace: str = "") -> Self:
        """An error of one's own, for a `Source`."""
        return cls({"message": message, "severity": severity, "cause": cause, "causeStackTrace": stacktrace})

    def __str__(self) -> str:
        return f"{self.message}: {self.cause} ({self.severity})"

    def __repr__(self) -> str:
        return f"<LoadResultError severity={self.severity} message={self.message} cause={self.cause}>"


def _severity(text: str) -> Severity:
    try:
        return Severity.from_str(text)
    except ValueError:
        return Severity.read(text)


class LoadResult:
    """What a search or an identifier gave.

    `playlist_info` is an empty one unless `load_type` is `PLAYLIST`; `error` is None unless it is `ERROR`;
    `plugin_info` is what plugins attached to a playlist.
    """

    __slots__ = ("error", "load_type", "playlist_info", "plugin_info", "tracks")

    def __init__(
        self,
        load_type: LoadType,
        tracks: Sequence[AudioTrack],
        playlist_info: PlaylistInfo | None = None,
        plugin_info: dict[str, Any] | None = None,
        error: LoadResultError | None = None,
    ) -> None:
        self.load_type = load_type
        self.tracks = tracks
        self.playlist_info = playlist_info or PlaylistInfo.none()
        self.plugin_info = plugin_info
        self.error = error

    @classmethod
    def empty(cls) -> Self:
        """Nothing was found."""
        return cls(LoadType.EMPTY, [])

    @classmethod
    def from_search(
        cls,
        tracks: Sequence[AudioTrack],
        playlist_info: PlaylistInfo | None = None,
        plugin_info: dict[str, Any] | None = None,
    ) -> Self:
        """The results of a search, best first."""
        return cls(LoadType.SEARCH, tracks, playlist_info, plugin_info)

    @classmethod
    def from_track(cls, track: AudioTrack, plugin_info: dict[str, Any] | None = None) -> Self:
        """One track."""
        return cls(LoadType.TRACK, [track], plugin_info=plugin_info)

    @classmethod
    def from_playlist(
        cls,
        tracks: Sequence[AudioTrack],
        playlist_info: PlaylistInfo | None = None,
        plugin_info: dict[str, Any] | None = None,
    ) -> Self:
        """A playlist with its tracks."""
        return cls(LoadType.PLAYLIST, tracks, playlist_info, plugin_info)

    @classmethod
    def from_error(cls, error: LoadResultError) -> Self:
        """A failure."""
        return cls(LoadType.ERROR, [], error=error)

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Self:
        """Lavalink's answer; raises `ValueError` for a load type that we do not know."""
        load_type = LoadType.from_str(mapping["loadType"])
        data = mapping.get("data")
        if data is None or load_type is LoadType.EMPTY:
            return cls(load_type, [])
        if load_type is LoadType.ERROR:
            return cls.from_error(LoadResultError(data))
        if load_type is LoadType.SEARCH:
            return cls.from_search([AudioTrack(track) for track in data])
        plugin_info = data.get("pluginInfo")
        if load_type is LoadType.TRACK:
            return cls.from_track(AudioTrack(data), plugin_info)
        tracks = [AudioTrack(track) for track in data["tracks"]]
        return cls.from_playlist(tracks, PlaylistInfo.from_dict(data["info"]), plugin_info)

    @property
    def selected_track(self) -> AudioTrack | None:
        """The playlist's selected track; None if there is none or its index is no track's."""
        index = self.playlist_info.selected_track
        return self.tracks[index] if 0 <= index < len(self.tracks) else None

    def __getitem__(self, key: str) -> Any:
        names = {"loadType": "load_type", "playlistInfo": "playlist_info", "tracks": "tracks"}
        return _item(self, {**names, "selectedTrack": "selected_track"}, key)

    def __repr__(self) -> str:
        return (
            f"<LoadResult load_type={self.load_type} playlist_info={self.playlist_info} "
            f"tracks=[{len(self.tracks)} item(s)]>"
        )


class Plugin:
    """A plugin of a node: `name` and `version`."""

    __slots__ = ("name", "version")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.name: str = data["name"]
        self.version: str = data["version"]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def __repr__(self) -> str:
        return f"<Plugin name={self.name} version={self.version}>"
