"""The track as a bot handles it: Lavalink.py's `AudioTrack`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

from voxlink.errors import InvalidTrack

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
        "artwork_url",
        "author",
        "duration",
        "extra",
        "identifier",
        "is_seekable",
        "is_stream",
        "isrc",
        "plugin_info",
        "raw",
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
        self.raw: Mapping[str, Any] = data
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
    def from_dict(cls, mapping: Mapping[str, Any]) -> Self:
        """A track from Lavalink's answer."""
        return cls(mapping)

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
