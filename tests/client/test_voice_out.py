"""Joining, moving and leaving by raw op 4, through a gateway that answers as Discord does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from client.world import GUILD, server_update, state_update, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    PlayerDisconnectedEvent,
    PlayerErrorEvent,
    PlayerMovedEvent,
    PlayerRestoredEvent,
    voice_state_payload,
)
from voxlink.errors import RequestError, UsageError
from voxlink.testing import FakeNode


class Gateway:
    """Takes op 4 and answers with a voice state, and for a new place with a voice server, as Discord does."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.client: Client[DefaultPlayer] | None = None
        self.is_silent = False
        self.channel: int | None = None
        self.sessions = 0
        self._answers: set[asyncio.Task[None]] = set()

    async def send(self, guild_id: int, payload: dict[str, Any]) -> None:
        assert payload["op"] == 4
        assert payload["d"]["guild_id"] == str(guild_id)
        self.sent.append(payload["d"])
        if not self.is_silent:
            task = asyncio.create_task(self._answer(payload["d"]))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, data: dict[str, Any]) -> None:
        assert self.client is not None
        before, self.channel = self.channel, data["channel_id"] and int(data["channel_id"])
        if before is None and self.channel is not None:
            self.sessions += 1
        state = state_update(channel_id=self.channel, session_id=f"session-{self.sessions}")
        state["d"] |= {"self_mute": data["self_mute"], "self_deaf": data["self_deaf"]}
        await self.client.voice_update_handler(state)
        if self.channel is not None and self.channel != before:
            await self.client.voice_update_handler(server_update(token=f"token-{self.sessions}-{self.channel}"))


@asynccontextmanager
async def gateway_world(**options: Any) -> AsyncIterator[tuple[Gateway, Client[DefaultPlayer], FakeNode]]:
    gateway = Gateway()
    async with world(send_voice=gateway.send, **options) as (made, _node, fake):
        gateway.client = made
        yield gateway, made, fake


def voices(fake: FakeNode) -> list[dict[str, Any]]:
    return [body["voice"] for body in fake.patches(GUILD) if "voice" in body]


def test_the_payload_is_discords_op_4() -> None:
    assert voice_state_payload(5, 7, self_deaf=True) == {
        "op": 4,
        "d": {"guild_id": "5", "channel_id": "7", "self_mute": False, "self_deaf": True},
    }
    assert voice_state_payload(5, None)["d"]["channel_id"] is None


async def test_connecting_returns_when_the_node_knows_where_to_go() -> None:
    async with gateway_world() as (gateway, made, fake):
        player = made.player_manager.create(GUILD)
        await player.connect(7, self_deaf=True)
        assert gateway.sent[0]["self_deaf"] is True
        assert voices(fake)[-1]["channelId"] == "7"
        assert player.is_connected
        await player.connect(7, self_mute=True)
        assert gateway.sent[-1]["self_mute"] is True


async def test_moving_keeps_the_track_and_the_deafness() -> None:
    async with gateway_world() as (gateway, made, fake):
        player = made.player_manager.create(GUILD)
        await player.connect(7, self_deaf=True)
        await player.play(track("a"))
        moves = made.stream(PlayerMovedEvent)
        await player.move_to(8)
        assert ((await anext(moves)).new_channel_id, player.channel_id) == (8, 8)
        assert (gateway.sent[-1]["self_deaf"], voices(fake)[-1]["channelId"]) == (True, "8")
        assert fake.player(GUILD).track is not None
        moves.close()


async def test_disconnecting_leaves_and_destroys_unless_the_player_is_kept() -> None:
    async with gateway_world() as (gateway, made, fake):
        player = made.player_manager.create(GUILD)
        await player.connect(7)
        await player.play(track("a"))
        gone = made.stream(PlayerDisconnectedEvent)
        await player.disconnect(destroy=False)
        assert (await anext(gone)).cause == "left"
        assert (gateway.channel, made.players) == (None, {GUILD: player})
        await player.connect(7)
        assert player.is_playing
        await player.disconnect()
        assert (made.players, fake.has_player(GUILD)) == ({}, False)
        gone.close()


async def test_a_discord_that_does_not_answer_is_a_timeout_and_the_channel_is_given_back() -> None:
    async with gateway_world() as (gateway, made, _fake):
        player = made.player_manager.create(GUILD)
        gateway.is_silent = True
        with pytest.raises(TimeoutError):
            await player.connect(7, timeout=0.05)
        assert [data["channel_id"] for data in gateway.sent] == ["7", None]


async def test_a_node_that_refuses_the_voice_state_fails_the_connect() -> None:
    async with gateway_world() as (gateway, made, fake):
        player = made.player_manager.create(GUILD)
        fake.fail_next("PATCH", "/players/", status=400, body={"message": "no such server"})
        with pytest.raises(RequestError, match="no such server"):
            await player.connect(7)
        assert [data["channel_id"] for data in gateway.sent] == ["7", None]


async def test_without_somebody_who_sends_op_4_the_error_says_what_to_give() -> None:
    async with world() as (made, _node, _fake):
        player = made.player_manager.create(GUILD)
        for call in (player.connect(7), player.disconnect()):
            with pytest.raises(UsageError, match="send_voice"):
                await call
        assert not made.players


async def test_what_sends_may_be_a_plain_function() -> None:
    sent: list[int] = []
    async with world(send_voice=lambda guild_id, _payload: sent.append(guild_id)) as (made, _node, _fake):
        await made.player_manager.create(GUILD).disconnect()
    assert sent == [GUILD]


async def test_a_voice_session_that_is_gone_is_left_and_joined_anew_while_the_music_waits() -> None:
    async with gateway_world() as (gateway, made, fake):
        player = made.player_manager.create(GUILD)
        await player.connect(7, self_deaf=True)
        await player.play(track("a"))
        events: list[object] = []
        made.add_event_hook(events.append)
        fake.close_voice(GUILD, 4006)
        await fake.wait_until(lambda: bool(voices(fake)) and voices(fake)[-1]["sessionId"] == "session-2")
        assert [data["channel_id"] for data in gateway.sent] == ["7", None, "7"]
        assert all(data["self_deaf"] for data in gateway.sent)
        assert (player.channel_id, player.is_playing) == (7, True)
        assert not [
            e for e in events if isinstance(e, PlayerDisconnectedEvent | PlayerRestoredEvent | PlayerErrorEvent)
        ]


async def test_a_rejoin_that_discord_does_not_answer_is_told_as_a_disconnect() -> None:
    async with gateway_world() as (gateway, made, _fake):
        player = made.player_manager.create(GUILD)
        await player.connect(7)
        gone = made.stream(PlayerDisconnectedEvent)

        async def only_leaves(guild_id: int, payload: dict[str, Any]) -> None:
            if payload["d"]["channel_id"] is None:
                await gateway.send(guild_id, payload)

        player.send_voice = only_leaves
        with pytest.raises(TimeoutError):
            await player.join_again(timeout=0.05)
        assert ((await anext(gone)).channel_id, player.channel_id) == (7, None)
        gone.close()


async def test_an_adapter_may_send_for_its_own_player() -> None:
    async with world() as (made, _node, _fake):
        gateway = Gateway()
        gateway.client = made
        player = made.player_manager.create(GUILD)
        player.send_voice = gateway.send
        await player.connect(7)
        assert player.is_connected
