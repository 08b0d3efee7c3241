"""A player across the pipe, with the pipe in the test's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from playback.tracks import a_track
from voxlink.errors import InvalidChange, VoiceRefused
from voxlink.playback import EngineConfig
from voxlink.playback.remote.player import RemotePlayer
from voxlink.playback.remote.wire import Apply, CreatePlayer, Done, PlayerReport, Said, ToEngine
from voxlink.playback.workers import Workers
from voxlink.protocol import (
    Filters,
    Player,
    PlayerState,
    PlayerUpdate,
    TrackStart,
    UpdatePlayer,
    VoiceState,
    WebSocketClosed,
    decode_body,
    encode,
)


class ScriptedDesk:
    """An engine that notes what it is told, answers at once, and refuses what the test names."""

    def __init__(self) -> None:
        self.sent: list[ToEngine] = []
        self.changes: list[UpdatePlayer] = []
        self.refusal: Exception | None = None
        self.report: PlayerReport | None = None

    def send(self, message: ToEngine) -> None:
        self.sent.append(message)

    def next_number(self) -> int:
        return 99

    async def call(self, make: Callable[[int], ToEngine]) -> Done:
        message = make(1)
        self.sent.append(message)
        if isinstance(message, Apply):
            change = decode_body(message.change, UpdatePlayer)
            self.changes.append(change)
            if self.refusal is not None and isinstance(change.voice, VoiceState):
                raise self.refusal
        return Done(1, report=self.report)

    async def insist(self, attempt: Callable[[], Awaitable[Any]]) -> Any:
        return await attempt()

    def forget(self, player: RemotePlayer) -> None:
        self.sent.clear()


def standing(*, connected: bool = True, position: int = 4000) -> PlayerReport:
    track = a_track()
    player = Player(
        guild_id="41",
        track=track,
        volume=30,
        paused=True,
        state=PlayerState(time=1, position=position, connected=connected, ping=3),
        voice=VoiceState(token="t", endpoint="e", session_id="s", channel_id="4"),
        filters=Filters(volume=1.0),
    )
    return PlayerReport(encode(player), 9000, (2990, 10))


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers(1)
    yield made
    await made.close()


def a_player(desk: ScriptedDesk, workers: Workers, messages: list[object]) -> RemotePlayer:
    return RemotePlayer(
        7, guild_id=41, user_id=42, config=EngineConfig(), desk=desk, pool=workers, on_message=messages.append
    )


async def test_a_new_player_looks_like_any_new_player(workers: Workers) -> None:
    player = a_player(ScriptedDesk(), workers, [])
    snapshot = player.snapshot()
    assert (snapshot.guild_id, snapshot.track, snapshot.volume, snapshot.state.ping) == ("41", None, 100, -1)
    assert player.frame_counts is None


async def test_a_report_is_what_the_player_is(workers: Workers) -> None:
    player = a_player(ScriptedDesk(), workers, [])
    player.take_report(standing())
    assert player.snapshot().state.position == 4000
    assert player.frame_counts == (2990, 10)


async def test_a_change_that_contradicts_itself_never_leaves(workers: Workers) -> None:
    desk = ScriptedDesk()
    with pytest.raises(InvalidChange):
        await a_player(desk, workers, []).apply(UpdatePlayer(end_time=0), no_replace=False)
    assert desk.sent == []


async def test_a_fresh_process_is_told_everything_and_the_client_nothing_twice(workers: Workers) -> None:
    desk, messages = ScriptedDesk(), []
    player = a_player(desk, workers, messages)
    player.take_report(standing())
    player.lost()
    assert not player.snapshot().state.connected
    player.create()
    assert desk.sent == [CreatePlayer(7, 41, 42)]
    player.take_message(Said(7, encode(TrackStart(guild_id="41", track=a_track())), standing(position=0)))
    assert messages == []
    desk.report = standing(position=4020)
    await player.rebuild()
    voice, rest = desk.changes
    assert isinstance(voice.voice, VoiceState)
    assert (rest.volume, rest.paused, rest.position, rest.end_time) == (30, True, 0, 9000)
    assert player.snapshot().state.position == 4020
    assert [type(message) for message in messages] == [PlayerUpdate]


async def test_commands_wait_until_the_fresh_process_knows_the_player(workers: Workers) -> None:
    desk = ScriptedDesk()
    player = a_player(desk, workers, [])
    player.take_report(standing())
    player.lost()
    waiting = asyncio.create_task(player.apply(UpdatePlayer(volume=70), no_replace=False))
    await asyncio.sleep(0)
    assert desk.changes == []
    await player.rebuild()
    await waiting
    assert desk.changes[-1].volume == 70


async def test_a_voice_connection_that_is_not_made_again_is_told(workers: Workers) -> None:
    desk, messages = ScriptedDesk(), []
    player = a_player(desk, workers, messages)
    player.take_report(standing())
    player.lost()
    desk.refusal = VoiceRefused(4006, "no longer valid")
    desk.report = standing(connected=False)
    await player.rebuild()
    closed, update = messages
    assert isinstance(closed, WebSocketClosed)
    assert closed.code == 1006
    assert isinstance(update, PlayerUpdate)
    assert not update.state.connected
