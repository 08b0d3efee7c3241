"""SponsorBlock: parts of videos that are skipped, and chapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec

from voxlink.client.events import GuildEvent
from voxlink.client.plugins.plugin import PluginNamespace, StructT, read_value
from voxlink.errors import BadValue

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer

__all__ = [
    "Chapter",
    "ChapterStartedEvent",
    "ChaptersLoadedEvent",
    "Segment",
    "SegmentSkippedEvent",
    "SegmentsLoadedEvent",
    "SponsorBlock",
]

CATEGORIES = frozenset({"sponsor", "selfpromo", "interaction", "intro", "outro", "preview", "music_offtopic", "filler"})


class Segment(msgspec.Struct, frozen=True):
    """A part that is skipped; `start` and `end` in ms."""

    category: str = ""
    start: int = 0
    end: int = 0


class Chapter(msgspec.Struct, frozen=True):
    """A chapter; times in ms."""

    name: str = ""
    start: int = 0
    end: int = 0
    duration: int = 0


class SegmentsLoadedEvent(GuildEvent):
    """The track has parts that will be skipped."""

    __slots__ = ("segments",)

    def __init__(self, player: BasePlayer, segments: list[Segment]) -> None:
        super().__init__(player)
        self.segments = segments


class SegmentSkippedEvent(GuildEvent):
    """A part was skipped."""

    __slots__ = ("segment",)

    def __init__(self, player: BasePlayer, segment: Segment) -> None:
        super().__init__(player)
        self.segment = segment


class ChaptersLoadedEvent(GuildEvent):
    """The track has chapters."""

    __slots__ = ("chapters",)

    def __init__(self, player: BasePlayer, chapters: list[Chapter]) -> None:
        super().__init__(player)
        self.chapters = chapters


class ChapterStartedEvent(GuildEvent):
    """A chapter begins."""

    __slots__ = ("chapter",)

    def __init__(self, player: BasePlayer, chapter: Chapter) -> None:
        super().__init__(player)
        self.chapter = chapter


class SponsorBlock(PluginNamespace):
    """`node.plugins.sponsorblock`."""

    _NAMES = ("sponsorblock",)

    async def get(self, player: BasePlayer) -> list[str]:
        """The categories that are skipped; none without the plugin."""
        return list(await self._ask("GET", _path(player), session=True, missing=[]))

    async def set(self, player: BasePlayer, categories: Sequence[str]) -> bool:
        """Skip these categories; False without the plugin. Raises ValueError for one that does not exist."""
        unknown = set(categories) - CATEGORIES
        if unknown:
            raise BadValue(f"no such category: {', '.join(sorted(unknown))}; there are {', '.join(sorted(CATEGORIES))}")
        return bool(await self._ask("PUT", _path(player), session=True, missing=False, json=list(categories)))

    async def delete(self, player: BasePlayer) -> bool:
        """Skip nothing any more; False without the plugin."""
        return bool(await self._ask("DELETE", _path(player), session=True, missing=False))


def _path(player: BasePlayer) -> str:
    return f"/players/{player.guild_id}/sponsorblock/categories"


def _many(kind: type[StructT], raw: Any) -> list[StructT]:
    items = cast("list[Any]", raw) if isinstance(raw, list) else []
    return [read_value(kind, item) for item in items]


def segments(player: BasePlayer, data: Mapping[str, Any]) -> GuildEvent:
    """`SegmentsLoaded` of the wire."""
    return SegmentsLoadedEvent(player, _many(Segment, data.get("segments")))


def skipped(player: BasePlayer, data: Mapping[str, Any]) -> GuildEvent:
    """`SegmentSkipped` of the wire."""
    return SegmentSkippedEvent(player, read_value(Segment, data.get("segment")))


def chapters(player: BasePlayer, data: Mapping[str, Any]) -> GuildEvent:
    """`ChaptersLoaded` of the wire."""
    return ChaptersLoadedEvent(player, _many(Chapter, data.get("chapters")))


def chapter(player: BasePlayer, data: Mapping[str, Any]) -> GuildEvent:
    """`ChapterStarted` of the wire."""
    return ChapterStartedEvent(player, read_value(Chapter, data.get("chapter")))


EVENTS = {"SegmentsLoaded": segments, "SegmentSkipped": skipped, "ChaptersLoaded": chapters, "ChapterStarted": chapter}
