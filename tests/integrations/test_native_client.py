"""A client with an engine behind it: players, queue and events are the client's own."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from integrations.scripted_engine import ScriptedEngine, song
from voxlink.client import TrackStartEvent
from voxlink.errors import NoMatches
from voxlink.integrations.native_client import NativeClient
from voxlink.protocol import TrackStart


async def test_it_plays_through_the_engine_and_its_events_come_back() -> None:
    engine = ScriptedEngine()
    async with NativeClient(1, engine=engine) as client:
        started = asyncio.create_task(client.wait_for(TrackStartEvent, timeout=10))
        player = client.player_manager.create(7)
        found = await client.get_tracks("/song.flac")
        await player.play(found.tracks[0])
        change = engine.players[7].changes[-1]
        assert change.track is not msgspec.UNSET
        assert change.track.encoded == song().encoded
        user_data = change.track.user_data
        engine.players[7].on_message(
            TrackStart(guild_id="7", track=msgspec.structs.replace(song(), user_data=user_data))  # type: ignore[arg-type]
        )
        assert (await started).track.title == "A song"
        await player.set_pause(True)
        await player.set_volume(30)
        assert engine.players[7].changes[-2].paused is True
        assert engine.players[7].changes[-1].volume == 30
        await player.destroy()
        assert engine.players[7].destroyed
    assert engine.closed


async def test_an_iterator_is_a_track_that_can_be_played_and_queued() -> None:
    engine = ScriptedEngine()
    async with NativeClient(1, engine=engine) as client:
        player = client.player_manager.create(7)
        track = client.pieces([b"one", b"two"], sound="opus", title="Live")
        started = asyncio.create_task(client.wait_for(TrackStartEvent, timeout=10))
        player.add(track, requester=5)
        await player.play(volume=50)
        event = await started
        assert event.track is track
        assert (event.track.title, event.track.requester) == ("Live", 5)
        assert engine.players[7].pieces == [b"one", b"two"]
        assert 50 in [change.volume for change in engine.players[7].changes]
        assert all(change.track is msgspec.UNSET for change in engine.players[7].changes)


async def test_what_a_name_finds_is_one_track_or_a_named_error() -> None:
    async with NativeClient(1, engine=ScriptedEngine()) as client:
        assert (await client.find("/song.flac")).title == "A song"
        with pytest.raises(NoMatches):
            await client.find("/other")
