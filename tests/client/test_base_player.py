"""Custom players and the voice state."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from client.world import GUILD, join, server_update, state_update, track, world
from voxlink.client import (
    BasePlayer,
    Client,
    DeferredAudioTrack,
    Event,
    Node,
    PlayerDisconnectedEvent,
    PlayerErrorEvent,
    PlayerMovedEvent,
    PlayerUpdateEvent,
    TrackLoadFailedEvent,
    TrackStartEvent,
    base_player,
)
from voxlink.errors import InvalidTrack, LoadError


class Bare(BasePlayer):
    """The least that a bot must write."""

    def __init__(self, guild_id: int, node: Node) -> None:
        super().__init__(guild_id, node)
        self.events: list[Event] = []
        self.states: list[Mapping[str, Any]] = []

    async def handle_event(self, event: Event) -> None:
        self.events.append(event)
        if getattr(event, "reason", None) is not None and self.guild_id == 13:
            raise KeyError("mine")

    async def update_state(self, state: Mapping[str, Any]) -> None:
        await asyncio.sleep(0)
        self.states.append(state)

    async def node_unavailable(self) -> None: ...

    async def change_node(self, node: Node) -> None:
        self.node = node


async def test_a_player_of_the_bots_own_gets_its_events_and_states() -> None:
    async with world(player=Bare) as (made, _node, fake):
        player: Any = await join(made)
        starts, updates = made.stream(TrackStartEvent), made.stream(PlayerUpdateEvent)
        song = track("a")
        answer = await player.play_track(song)
        assert answer["track"]["info"]["title"] == "a"
        assert (await anext(starts)).track is song
        await anext(updates)
        assert player.current is song
        assert player.states
        fake.finish(GUILD)
        while len(player.events) < 2:
            await made.nodes[0].get_version()
        assert [type(event).__name__ for event in player.events] == ["TrackStartEvent", "TrackEndEvent"]
        starts.close()
        updates.close()


async def test_an_error_of_its_own_is_told() -> None:
    async with world(player=Bare) as (made, _node, fake):
        player: Any = await join(made, 13)
        errors = made.stream(PlayerErrorEvent)
        await player.play_track(track("a"))
        fake.finish(13)
        assert repr((await anext(errors)).original) == "KeyError('mine')"
        errors.close()


class Later(DeferredAudioTrack):
    answer: Any = None

    async def load(self, client: Client) -> str | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def later(answer: Any) -> Later:
    made = Later(track("later").raw["info"])
    made.answer = answer
    return made


@pytest.mark.parametrize("answer", [None, LoadError("gone"), KeyError("bug")])
async def test_a_deferred_track_that_finds_nothing_is_told_and_plays_nothing(answer: Any) -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        failed = made.stream(TrackLoadFailedEvent)
        song = later(answer)
        assert await player.play_track(song) is None
        event = await anext(failed)
        assert (event.track, event.original) == (song, answer)
        assert [body for body in fake.patches(GUILD) if "track" in body] == []
        failed.close()


async def test_a_deferred_track_is_loaded_when_it_is_played() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play_track(later(track("real").track))
        playing = fake.player(GUILD).track
        assert playing is not None
        assert playing.info.title == "real"


async def test_what_is_no_track_is_refused() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        with pytest.raises(ValueError):
            await player.play_track("text")  # type: ignore[arg-type]
        song = track("x")
        song.track = None
        with pytest.raises(InvalidTrack):
            await player.play_track(song)


async def test_the_voice_state_is_sent_once_it_is_complete() -> None:
    async with world() as (made, _node, fake):
        player = made.player_manager.create(GUILD)
        await made.voice_update_handler(state_update())
        assert fake.patches(GUILD) == []
        await made.voice_update_handler(server_update(endpoint="wss://c-fra1.discord.media:443"))
        voice = {
            "token": "voice-token",
            "endpoint": "c-fra1.discord.media:443",
            "sessionId": "voice-session",
            "channelId": "7",
        }
        assert fake.patches(GUILD) == [{"voice": voice}]
        assert (player.channel_id, player.is_connected) == (7, True)
        await made.voice_update_handler(server_update(endpoint=None))
        assert len(fake.patches(GUILD)) == 1


async def test_the_server_may_come_before_the_state() -> None:
    async with world() as (made, _node, fake):
        made.player_manager.create(GUILD)
        await made.voice_update_handler(server_update())
        await made.voice_update_handler(state_update())
        assert len(fake.patches(GUILD)) == 1


async def test_a_move_is_told_and_sent_with_the_live_channel() -> None:
    async with world() as (made, _node, fake):
        await join(made)
        moved = made.stream(PlayerMovedEvent)
        await made.voice_update_handler(state_update(channel_id=8))
        event = await anext(moved)
        assert (event.old_channel_id, event.new_channel_id) == (7, 8)
        await made.voice_update_handler(server_update(token="second"))
        assert fake.patches(GUILD)[-1]["voice"]["channelId"] == "8"
        assert fake.patches(GUILD)[-1]["voice"]["token"] == "second"
        moved.close()


async def test_a_move_without_a_new_server_is_sent_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_player, "MOVE_FALLBACK_S", 0.0)
    async with world() as (made, _node, fake):
        await join(made)
        await made.voice_update_handler(state_update(channel_id=8))
        await fake.wait_until(lambda: fake.patches(GUILD)[-1]["voice"]["channelId"] == "8")


async def test_leaving_is_told_and_forgets_the_voice_state() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        left = made.stream(PlayerDisconnectedEvent)
        await made.voice_update_handler(state_update(channel_id=None))
        event = await anext(left)
        assert (event.cause, event.channel_id) == ("left", 7)
        assert (player.channel_id, player._voice_state) == (None, {})
        left.close()


async def test_a_voice_state_that_does_not_arrive_is_told_and_sent_again_on_ready() -> None:
    async with world(retries=0) as (made, _node, fake):
        made.player_manager.create(GUILD)
        errors = made.stream(PlayerErrorEvent)
        fake.cut("PATCH", "/players/")
        await made.voice_update_handler(state_update())
        await made.voice_update_handler(server_update())
        await anext(errors)
        await fake.vanish()
        await fake.wait_until(lambda: fake.has_player(GUILD) and fake.player(GUILD).connected)
        errors.close()
