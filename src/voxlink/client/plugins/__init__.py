"""Plugins of Lavalink servers under typed names: `node.plugins.lavalyrics.get(player)`.

Each namespace says whether its plugin `is_there`; asking one that is not gives None or an empty answer, no error.
"""

from voxlink.client.plugins.lavalyrics import (
    LavaLyrics,
    Lyrics,
    LyricsFoundEvent,
    LyricsLine,
    LyricsLineEvent,
    LyricsNotFoundEvent,
)
from voxlink.client.plugins.lavasearch import FoundText, LavaSearch, SearchFound
from voxlink.client.plugins.lavasrc import LavaSrc, ListDetails, TrackDetails
from voxlink.client.plugins.namespace import Plugins
from voxlink.client.plugins.sponsorblock import (
    Chapter,
    ChaptersLoadedEvent,
    ChapterStartedEvent,
    Segment,
    SegmentSkippedEvent,
    SegmentsLoadedEvent,
    SponsorBlock,
)
from voxlink.client.plugins.youtube import YouTube

__all__ = [
    "Chapter",
    "ChapterStartedEvent",
    "ChaptersLoadedEvent",
    "FoundText",
    "LavaLyrics",
    "LavaSearch",
    "LavaSrc",
    "ListDetails",
    "Lyrics",
    "LyricsFoundEvent",
    "LyricsLine",
    "LyricsLineEvent",
    "LyricsNotFoundEvent",
    "Plugins",
    "SearchFound",
    "Segment",
    "SegmentSkippedEvent",
    "SegmentsLoadedEvent",
    "SponsorBlock",
    "TrackDetails",
    "YouTube",
]
