"""LavaSearch."""

from __future__ import annotations

import json

import pytest

from client.world import world
from voxlink.protocol import encode
from voxlink.testing import make_track


async def test_everything_that_is_found_is_typed() -> None:
    async with world() as (_, node, fake):
        node.info = {"plugins": [{"name": "lavasearch-plugin"}]}
        album = {"info": {"name": "An album", "selectedTrack": -1}, "pluginInfo": {"url": "u"}, "tracks": []}
        body = {"tracks": [json.loads(encode(make_track("song")))], "albums": [album], "artists": [], "playlists": None,
                "texts": [{"text": "a suggestion", "plugin": {}}], "plugin": {}}  # fmt: skip
        fake.fail_next("GET", "loadsearch", status=200, body=body)
        found = await node.plugins.lavasearch.search("spsearch:x", ["track", "album"])
        assert found is not None
        assert (found.tracks[0].title, found.albums[0].playlist_info.name, found.texts[0].text) == (
            "song",
            "An album",
            "a suggestion",
        )
        assert fake.requests[-1].query == {"query": "spsearch:x", "types": "track,album"}
        with pytest.raises(ValueError, match="song"):
            await node.plugins.lavasearch.search("x", ["song"])
