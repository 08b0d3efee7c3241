"""LavaLyrics: the words of a track, and each line when it is sung."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from voxlink.client.events import GuildEvent
from voxlink.client.plugins.plugin import PluginNamespace, read_value
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer

__all__ = ["LavaLyrics", "Lyrics", "LyricsFoundEvent", "LyricsLine", "LyricsLineEvent", "LyricsNotFoundEvent"]


class LyricsLine(msgspec.Struct, frozen=True, rename="camel"):
    """A line; `timestamp` and `duration` in ms."""

    timestamp: int = 0
    duration: int | None = None
    line: str = ""
    plugin: dict[str, Any] = {}


class Lyrics(msgspec.Struct, frozen=True, rename="camel"):
    """The words of a track: `text` as a whole, `lines` with their times where the source has them."""

    source_name: str = ""
    provider: str | None = None
    text: str | None = None
    lines: list[LyricsLine] = []
    plugin: dict[str, Any] = {}


class LyricsFoundEvent(GuildEvent):
    """The words of the player's track were found."""

    __slots__ = ("lyrics",)

    def __init__(self, player: BasePlayer, lyrics: Lyrics) -> None:
        super().__init__(player)
        self.lyrics = lyrics


class LyricsNotFoundEvent(GuildEvent):
    """No words were found for the player's track."""

    __slots__ = ()


class LyricsLineEvent(GuildEvent):
    """A line is sung now; `skipped` says that it was jumped over."""

    __slots__ = ("index", "line", "skipped")

    def __init__(self, player: BasePlayer, index: int, line: LyricsLine, skipped: bool) -> None:
        super().__init__(player)
        self.index = index
        self.line = line
        self.skipped = skipped


class LavaLyrics(PluginNamespace):
    """`node.plugins.lavalyrics`."""

    _NAMES = ("lavalyrics",)

    async def get(self, what: BasePlayer | AudioTrack | str, *, skip_source: bool = False) -> Lyrics | None:
        """The words of a player's track, of a track, or of an encoded text; None if there are none."""
        params: dict[str, Any] = {"skipTrackSource": skip_source}
        if isinstance(what, AudioTrack | str):
            params["track"] = what if isinstance(what, str) else what.track
            found = await self._ask("GET", "lyrics", params=params)
        else:
            path = f"/players/{what.guild_id}/track/lyrics"
            found = await self._ask("GET", path, session=True, params=params)
        return None if found is None else read_lyrics(found)

    async def subscribe(self, player: BasePlayer, *, skip_source: bool = False) -> bool:
        """Ask for the lyrics events of a player; False if the plugin is not there."""
        params = {"skipTrackSource": skip_source}
        path = f"/players/{player.guild_id}/lyrics/subscribe"
        return bool(await self._ask("POST", path, session=True, params=params, missing=False))

    async def unsubscribe(self, player: BasePlayer) -> bool:
        """Ask for them no longer."""
        return bool(
            await self._ask("DELETE", f"/players/{player.guild_id}/lyrics/subscribe", session=True, missing=False)
        )


def read_lyrics(raw: Any) -> Lyrics:
    """The plugin's JSON as `Lyrics`; fields that are odd are left out."""
    return read_value(Lyrics, raw)


def found(player: BasePlayer, data: Mapping[str, Any]) -> GuildEvent:
    """`LyricsFoundEvent` of the wire."""
    return LyricsFoundEvent(player, read_lyrics(data.get("lyrics") or {}))


def not_found(player: BasePlayer, _data: Mapping[str, Any]) -> GuildEvent:
    """`LyricsNotFoundEvent` of the wire."""
    return LyricsNotFoundEvent(player)


def line(player: BasePlayer, data: Mapping[str, Any]) -> GuildEvent:
    """`LyricsLineEvent` of the wire."""
    read = read_value(LyricsLine, data.get("line"))
    return LyricsLineEvent(player, int(data.get("lineIndex") or 0), read, bool(data.get("skipped")))


EVENTS = {"LyricsFoundEvent": found, "LyricsNotFoundEvent": not_found, "LyricsLineEvent": line}
