"""Lost voice connections."""

from __future__ import annotations

import asyncio

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import (
    DefaultPlayer,
    Event,
    PlayerDisconnectedEvent,
    PlayerErrorEvent,
    PlayerReconnectedEvent,
    VoiceRecoveryPolicy,
    WebSocketClosedEvent,
)
from voxlink.client.recovery import VoiceLoss, classify_close


@pytest.mark.parametrize(
    ("code", "loss"),
    [(4006, VoiceLoss.REJOIN), (4009, VoiceLoss.REJOIN), (4015, VoiceLoss.REJOIN), (4014, VoiceLoss.LEFT),
     (4017, VoiceLoss.FATAL), (4021, VoiceLoss.FATAL), (4022, VoiceLoss.FATAL), (1000, VoiceLoss.NOTHING)],
)  # fmt: skip
def test_close_codes_are_classified(code: int, loss: VoiceLoss) -> None:
    assert classify_close(code) is loss


@pytest.mark.parametrize("code", [4006, 4009, 4015])
async def test_a_session_that_is_gone_is_joined_again_once(code: int) -> None:
    calls: list[tuple[int, int]] = []

    async def rejoin(guild_id: int, channel_id: int) -> None:
        calls.append((guild_id, channel_id))

    async with world(voice_recovery=VoiceRecoveryPolicy(rejoin=rejoin)) as (made, node, fake):
        player = await join(made)
        await player.play(track("a"))
        closed = made.stream(WebSocketClosedEvent)
        for _ in range(3):
            fake.close_voice(GUILD, code)
            await anext(closed)
        await node.get_version()
        assert calls == [(GUILD, 7)]
        closed.close()


async def test_without_a_way_to_rejoin_the_known_voice_state_is_sent_again() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        before = len([body for body in fake.patches(GUILD) if "voice" in body])
        fake.close_voice(GUILD, 4006)
        await fake.wait_until(lambda: len([body for body in fake.patches(GUILD) if "voice" in body]) == before + 1)


async def test_a_player_that_handles_events_itself_is_looked_after_all_the_same() -> None:
    class Mine(DefaultPlayer):
        async def handle_event(self, event: Event) -> None:
            pass

    async with world(player=Mine) as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        fake.close_voice(GUILD, 4006)
        await fake.wait_until(lambda: len([body for body in fake.patches(GUILD) if "voice" in body]) == 2)


async def test_a_final_loss_is_told_and_not_tried(caplog: pytest.LogCaptureFixture) -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        await player.play(track("a"))
        told = made.stream(PlayerDisconnectedEvent)
        before = len(fake.patches(GUILD))
        fake.close_voice(GUILD, 4017)
        event = await anext(told)
        assert (event.cause, event.code, event.channel_id) == ("voice_closed", 4017, 7)
        await node.get_version()
        assert len(fake.patches(GUILD)) == before
        assert "end-to-end encrypted" in caplog.text
        told.close()


async def test_a_connection_that_stays_silent_is_joined_again_and_its_return_is_told() -> None:
    calls: list[int] = []

    async def rejoin(guild_id: int, channel_id: int) -> None:
        calls.append(channel_id)
        raise RuntimeError("the gateway is away")

    async with world(voice_recovery=VoiceRecoveryPolicy(rejoin=rejoin, stalled_s=0.0)) as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"))
        errors, back = made.stream(PlayerErrorEvent), made.stream(PlayerReconnectedEvent)
        update = {"op": "playerUpdate", "guildId": str(GUILD)}
        fake.push({**update, "state": {"time": 1, "position": 5, "connected": False, "ping": -1}})
        assert str((await anext(errors)).original) == "the gateway is away"
        fake.push({**update, "state": {"time": 1, "position": 5, "connected": True, "ping": 1}})
        assert (await anext(back)).player is player
        assert calls == [7]
        errors.close()
        back.close()


async def test_recovery_can_be_turned_off() -> None:
    async with world(voice_recovery=VoiceRecoveryPolicy(enabled=False)) as (made, node, fake):
        player = await join(made)
        await player.play(track("a"))
        before = len(fake.patches(GUILD))
        closed = made.stream(WebSocketClosedEvent)
        fake.close_voice(GUILD, 4006)
        await anext(closed)
        await asyncio.sleep(0)
        await node.get_version()
        assert len(fake.patches(GUILD)) == before
        closed.close()
