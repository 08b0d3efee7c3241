"""Deferred tracks and the bot's own sources."""

import pytest

from client.world import track
from voxlink.client import Client, DeferredAudioTrack, Source
from voxlink.protocol import LoadResult


class Later(DeferredAudioTrack):
    async def load(self, client: Client) -> str | None:
        return "encoded"


class Nothing(Source):
    async def load_item(self, client: Client, query: str) -> LoadResult | None:
        return None


def test_a_deferred_track_is_a_track_without_text() -> None:
    later = Later(track("x").raw["info"], requester=5, mood="calm")
    assert (later.track, later.requester, later.extra["mood"], later.title) == (None, 5, "calm", "x")


def test_load_and_load_item_must_be_written() -> None:
    with pytest.raises(TypeError):
        DeferredAudioTrack({})  # type: ignore[abstract]
    with pytest.raises(TypeError):
        Source("x")  # type: ignore[abstract]


def test_sources_are_equal_by_name() -> None:
    assert Nothing("a") == Nothing("a") != Nothing("b")
    assert len({Nothing("a"), Nothing("a")}) == 1
    assert "a" in repr(Nothing("a"))
