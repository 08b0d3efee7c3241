"""The plugins of a node by name."""

from client.world import world
from voxlink.client import LavaLyrics, LavaSearch, SponsorBlock, UnknownTypeEvent, YouTube
from voxlink.client.plugins.namespace import plugin_events


async def test_each_has_its_name_and_is_made_once() -> None:
    async with world() as (_, node, _fake):
        plugins = node.plugins
        assert isinstance(plugins.lavalyrics, LavaLyrics)
        assert isinstance(plugins.lavasearch, LavaSearch)
        assert isinstance(plugins.sponsorblock, SponsorBlock)
        assert isinstance(plugins.youtube, YouTube)
        assert plugins.youtube is plugins.youtube


async def test_events_without_a_player_are_unknown() -> None:
    async with world() as (_, node, _fake):
        event = plugin_events()["SegmentsLoaded"](None, node, {"type": "SegmentsLoaded"})
        assert isinstance(event, UnknownTypeEvent)
