"""What a moved or restored player sends, and what it takes over."""

from __future__ import annotations

import pytest

from client.world import GUILD, join, server_update, state_update, track, world
from voxlink.client import Client, DeferredAudioTrack, LowPass, moving_player


class Later(DeferredAudioTrack):
    async def load(self, client: Client) -> str | None:
        return track("loaded").track


async def test_a_player_without_anything_to_say_sends_nothing() -> None:
    async with world() as (made, _node, fake):
        player = made.player_manager.create(GUILD)
        assert await player.restore() is False
        assert fake.patches(GUILD) == []


async def test_a_live_stream_is_not_sought() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("radio", is_stream=True))
        await player.restore()
        assert fake.patches(GUILD)[-1]["position"] == 0


async def test_a_deferred_track_is_restored_by_the_text_that_was_played() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(Later(track("later").raw["info"]))
        sent = fake.patches(GUILD)[-1]["track"]["encoded"]
        await player.restore()
        assert fake.patches(GUILD)[-1]["track"]["encoded"] == sent


async def test_an_ended_track_is_not_played_again() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        latest = player._plays.latest
        assert latest is not None
        latest.ended = True
        await player.restore()
        assert "track" not in fake.patches(GUILD)[-1]


async def test_moving_to_the_same_node_does_nothing() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        before = len(fake.requests)
        await player.change_node(node)
        assert len(fake.requests) == before


async def test_adopting_reads_everything_and_sends_nothing() -> None:
    async with world() as (made, node, fake):
        other = await join(made)
        await other.play(track("a"), start_time=40_000, volume=30, pause=True)
        await other.set_filter(LowPass(4))
        raw = await node.get_player(GUILD)
        made.player_manager.players.clear()
        player = made.player_manager.create(GUILD)
        before = len(fake.requests)
        player._adopt(raw)
        assert (player.current.title, player.volume, player.paused, player.channel_id) == ("a", 30, True, 7)
        assert player.position == 40_000
        assert player.filters["lowpass"].values == {"smoothing": 4.0}
        assert len(fake.requests) == before


async def test_a_bot_that_was_kicked_gives_its_node_free_and_goes_on_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moving_player, "LEFT_GRACE_S", 0.0)
    async with world() as (made, _node, fake):
        player = await join(made)
        song = track("a")
        player.add(track("b"))
        await player.play(song, start_time=30_000, volume=40)
        await made.voice_update_handler(state_update(channel_id=None))
        await fake.wait_request("DELETE", "/players/")
        assert not fake.has_player(GUILD)
        assert (player.current, len(player.queue), player.is_connected) == (song, 1, False)
        await made.voice_update_handler(state_update(channel_id=9, session_id="second"))
        await made.voice_update_handler(server_update(token="second"))
        there = fake.player(GUILD)
        assert there.track is not None
        assert (there.track.info.title, there.volume, there.voice.channel_id) == ("a", 40, "9")
        assert there.position >= 30_000
        await player.set_volume(50)
        assert there.volume == 50


async def test_a_bot_that_comes_back_soon_was_never_away() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        await made.voice_update_handler(state_update(channel_id=None))
        await made.voice_update_handler(state_update(channel_id=9, session_id="second"))
        await made.voice_update_handler(server_update(token="second"))
        assert fake.calls("DELETE") == []
        assert set(fake.patches(GUILD)[-1]) == {"voice"}
        assert player.is_playing
