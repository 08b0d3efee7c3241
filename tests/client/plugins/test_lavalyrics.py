"""Lyrics."""

from __future__ import annotations

from client.world import GUILD, join, world
from voxlink.client import LyricsFoundEvent, LyricsLineEvent, LyricsNotFoundEvent

LYRICS = {
    "sourceName": "s",
    "provider": "p",
    "text": None,
    "lines": [{"timestamp": 5, "duration": None, "line": "la", "plugin": {}}],
    "plugin": {},
}


async def test_lyrics_of_a_player_and_of_a_track() -> None:
    async with world() as (made, node, fake):
        node.info = {"plugins": [{"name": "lavalyrics-plugin"}]}
        player = await join(made)
        fake.fail_next("GET", "/track/lyrics$", status=200, body=LYRICS)
        found = await node.plugins.lavalyrics.get(player, skip_source=True)
        assert found is not None
        assert (found.source_name, found.lines[0].line, found.lines[0].timestamp) == ("s", "la", 5)
        assert fake.requests[-1].query == {"skipTrackSource": "true"}
        fake.fail_next("POST", "/lyrics/subscribe$", status=204)
        fake.fail_next("DELETE", "/lyrics/subscribe$", status=204)
        assert await node.plugins.lavalyrics.subscribe(player)
        assert await node.plugins.lavalyrics.unsubscribe(player)


async def test_its_events_are_typed() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        found, missing, lines = (
            made.stream(LyricsFoundEvent),
            made.stream(LyricsNotFoundEvent),
            made.stream(LyricsLineEvent),
        )
        base = {"op": "event", "guildId": str(GUILD)}
        fake.push({**base, "type": "LyricsFoundEvent", "lyrics": LYRICS})
        fake.push({**base, "type": "LyricsNotFoundEvent"})
        fake.push({**base, "type": "LyricsLineEvent", "lineIndex": 3, "line": {"line": "la"}, "skipped": True})
        assert (await anext(found)).lyrics.provider == "p"
        assert (await anext(missing)).player is player
        event = await anext(lines)
        assert (event.index, event.line.line, event.skipped) == (3, "la", True)
        for stream in (found, missing, lines):
            stream.close()
