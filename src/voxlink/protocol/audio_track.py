"""The track as a bot handles it: Lavalink.py's `AudioTrack`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

from voxlink.errors import InvalidTrack
from voxlink.protocol.time_text import format_time
from voxlink.protocol.track_fields import TrackFields

__all__ = ["AudioTrack"]


class AudioTrack:
    """A track with its data, its requester and whatever else its owner keeps with it.

    `data` is a track as Lavalink answers it, its `info` object alone, or another `AudioTrack`, whose requester and
    extras are taken over. Raises `InvalidTrack` if a required key is missing. Tracks with the same encoded text (or,
    without one, from the same source with the same identifier) are equal.

    Attributes: `track` (the encoded text; None for a deferred track), `identifier`, `is_seekable`, `author`,
    `duration` (ms), `is_stream`, `title`, `uri`, `artwork_url`, `isrc`, `source_name`, `plugin_info`, `user_data`
    (sent to the node when the track is played), `extra` and `raw` (the data it was made from).
    """

    __slots__ = (
        "_position",
        "_raw",
        "artwork_url",
        "author",
        "duration",
        "extra",
        "identifier",
        "is_seekable",
        "is_stream",
        "isrc",
        "plugin_info",
        "source_name",
        "title",
        "track",
        "uri",
        "user_data",
    )

    def __init__(self, data: AudioTrack | Mapping[str, Any], requester: Any = 0, **extra: Any) -> None:
        if isinstance(data, AudioTrack):
            requester = requester or data.requester
            extra = {**data.extra, **extra}
            data = data.raw
        info = cast("Mapping[str, Any]", data.get("info", data))
        self._raw: Mapping[str, Any] | None = data
        try:
            self.track: str | None = data.get("encoded")
            self.identifier: str = info["identifier"]
            self.is_seekable: bool = info["isSeekable"]
            self.author: str = info["author"]
            self.duration: int = info["length"]
            self.is_stream: bool = info["isStream"]
            self.title: str = info["title"]
            self.uri: str | None = info["uri"]
        except KeyError as error:
            missing = error.args[0]
            raise InvalidTrack(
                f"Cannot build a track from partial data! (Missing key: {missing})", field=missing
            ) from None
        self.artwork_url: str | None = info.get("artworkUrl")
        self.isrc: str | None = info.get("isrc")
        self._position: int = info.get("position", 0)
        self.source_name: str = info.get("sourceName", "unknown")
        self.plugin_info: dict[str, Any] | None = data.get("pluginInfo")
        self.user_data: dict[str, Any] | None = data.get("userData")
        extra["requester"] = requester
        self.extra: dict[Any, Any] = extra

    @classmethod
    def decoded(cls, text: str, fields: TrackFields) -> Self:
        """The track that an encoded text holds."""
        self = cls.__new__(cls)
        (
            version, self.title, self.author, self.duration, self.identifier, is_stream, self.uri, self.artwork_url,
            self.isrc, self.source_name, tail, _, position,
        ) = fields  # fmt: skip
        self.is_stream = is_stream
        self.is_seekable = not is_stream
        self.track = text
        self.plugin_info = self.user_data = self._raw = None
        self._position = position
        self.extra = {"position": position, "encoder_version": version, "source_specific": tail, "requester": 0}
        return self

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Self:
        """A track from Lavalink's answer."""
        return cls(mapping)

    def to_dict(self) -> dict[str, Any]:
        """The track as Lavalink answers it, for keeping; `from_dict` makes it again, without requester and extras."""
        raw = self.raw
        info = raw.get("info", raw)
        kept: dict[str, Any] = {"encoded": self.track, "info": dict(info)}
        return kept | {"pluginInfo": dict(self.plugin_info or {}), "userData": dict(self.user_data or {})}

    @property
    def duration_text(self) -> str:
        """The duration to show: `3:28`, `1:02:15`, or `live`."""
        return "live" if self.is_stream else format_time(self.duration).removeprefix("00:").removeprefix("0")

    @property
    def raw(self) -> Mapping[str, Any]:
        """The data that the track was made from; of a decoded track, what Lavalink would have answered."""
        if self._raw is None:
            info = {
                "identifier": self.identifier,
                "isSeekable": self.is_seekable,
                "author": self.author,
                "length": self.duration,
                "isStream": self.is_stream,
                "position": self._position,
                "title": self.title,
                "uri": self.uri,
                "sourceName": self.source_name,
            }
            if self.extra["encoder_version"] == 3:
                info |= {"artworkUrl": self.artwork_url, "isrc": self.isrc}
            self._raw = {"encoded": self.track, "info": info}
        return self._raw

    @property
    def position(self) -> int:
        """Where the track was when it was encoded, in ms."""
        return self._position

    @property
    def stream(self) -> bool:
        """The old name of `is_stream`."""
        return self.is_stream

    @property
    def requester(self) -> Any:
        """Who asked for the track; kept in `extra`."""
        return self.extra["requester"]

    @requester.setter
    def requester(self, requester: Any) -> None:
        self.extra["requester"] = requester

    def __getitem__(self, name: str) -> Any:
        """Access as to Lavalink's object: `track["info"]["title"]`."""
        return self if name == "info" else getattr(self, name)

    def _key(self) -> tuple[str, ...]:
        return (self.track,) if self.track is not None else (self.source_name, self.identifier)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, AudioTrack) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"<AudioTrack title={self.title} identifier={self.identifier}>"
