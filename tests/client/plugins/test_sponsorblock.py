"""SponsorBlock."""

from __future__ import annotations

import pytest

from client.world import GUILD, join, world
from voxlink.client import ChaptersLoadedEvent, ChapterStartedEvent, SegmentSkippedEvent, SegmentsLoadedEvent

PATH = f"/players/{GUILD}/sponsorblock/categories$"


async def test_categories_are_read_set_and_deleted() -> None:
    async with world() as (made, node, fake):
        node.info = {"plugins": [{"name": "sponsorblock-plugin"}]}
        player = await join(made)
        block = node.plugins.sponsorblock
        fake.fail_next("GET", PATH, status=200, body='["intro"]', content_type="application/json")
        assert await block.get(player) == ["intro"]
        fake.fail_next("PUT", PATH, status=204)
        assert await block.set(player, ["sponsor", "intro"])
        assert fake.requests[-1].json == ["sponsor", "intro"]
        fake.fail_next("DELETE", PATH, status=204)
        assert await block.delete(player)
        with pytest.raises(ValueError, match="boring"):
            await block.set(player, ["boring"])


async def test_its_events_are_typed() -> None:
    async with world() as (made, _node, fake):
        await join(made)
        kinds = (SegmentsLoadedEvent, SegmentSkippedEvent, ChaptersLoadedEvent, ChapterStartedEvent)
        streams = [made.stream(kind) for kind in kinds]
        base = {"op": "event", "guildId": str(GUILD)}
        segment, chapter = (
            {"category": "intro", "start": 1, "end": 2},
            {"name": "n", "start": 1, "end": 2, "duration": 1},
        )
        fake.push({**base, "type": "SegmentsLoaded", "segments": [segment]})
        fake.push({**base, "type": "SegmentSkipped", "segment": segment})
        fake.push({**base, "type": "ChaptersLoaded", "chapters": [chapter]})
        fake.push({**base, "type": "ChapterStarted", "chapter": chapter})
        loaded, skipped, chapters, started = [await anext(stream) for stream in streams]
        assert loaded.segments[0] == skipped.segment  # type: ignore[union-attr]
        assert chapters.chapters[0].name == started.chapter.name == "n"  # type: ignore[union-attr]
        for stream in streams:
            stream.close()
