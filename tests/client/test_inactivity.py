"""Players that nobody needs."""

from __future__ import annotations

import asyncio

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import InactivityEvent, InactivityPolicy, PlayerDestroyedEvent, PlayerErrorEvent


async def test_an_idle_player_is_told_of_and_destroyed() -> None:
    left: list[tuple[int, str]] = []

    async def leave(guild_id: int, kind: str) -> None:
        left.append((guild_id, kind))

    async with world(inactivity=InactivityPolicy(idle_s=0.0, action=leave)) as (made, _node, _fake):
        told, gone = made.stream(InactivityEvent), made.stream(PlayerDestroyedEvent)
        made.player_manager.create(GUILD)
        assert (await anext(told)).kind == "idle"
        assert (await anext(gone)).reason == "inactivity"
        assert left == [(GUILD, "idle")]
        told.close()
        gone.close()


async def test_playing_stops_the_clock_and_pausing_starts_another() -> None:
    policy = InactivityPolicy(idle_s=3600, alone_s=None, paused_s=0.0, destroy=False)
    async with world(inactivity=policy) as (made, _node, _fake):
        told = made.stream(InactivityEvent)
        player = await join(made)
        assert made._inactivity is not None
        assert set(made._inactivity._timers) == {(GUILD, "idle")}
        await player.play(track("a"))
        await player.set_volume(50)
        assert not made._inactivity._timers
        await player.set_pause(True)
        assert (await anext(told)).kind == "paused"
        assert made.players[GUILD] is player
        told.close()


async def test_being_alone_is_what_the_adapter_says() -> None:
    policy = InactivityPolicy(idle_s=None, alone_s=0.0, destroy=False)
    async with world(inactivity=policy) as (made, _node, _fake):
        told = made.stream(InactivityEvent)
        player = await join(made)
        player.set_listeners(2)
        player.set_listeners(None)
        player.set_listeners(0)
        assert (await anext(told)).kind == "alone"
        told.close()


async def test_somebody_who_returns_stops_the_clock() -> None:
    policy = InactivityPolicy(idle_s=None, alone_s=3600)
    async with world(inactivity=policy) as (made, _node, _fake):
        player = await join(made)
        player.set_listeners(0)
        assert made._inactivity is not None
        assert made._inactivity._timers
        player.set_listeners(1)
        assert not made._inactivity._timers


async def test_an_action_that_raises_is_told_and_the_player_goes() -> None:
    async def broken(guild_id: int, kind: str) -> None:
        raise KeyError(kind)

    async with world(inactivity=InactivityPolicy(idle_s=0.0, action=broken)) as (made, _node, _fake):
        errors = made.stream(PlayerErrorEvent)
        gone = asyncio.ensure_future(made.wait_for(PlayerDestroyedEvent, timeout=10))
        await asyncio.sleep(0)
        made.player_manager.create(GUILD)
        assert repr((await anext(errors)).original) == "KeyError('idle')"
        await gone
        errors.close()


@pytest.mark.parametrize("policy", [None, InactivityPolicy(idle_s=None, alone_s=None)])
async def test_without_a_policy_nothing_happens(policy: InactivityPolicy | None) -> None:
    async with world(inactivity=policy) as (made, node, _fake):
        player = await join(made)
        player.set_listeners(0)
        await node.get_version()
        assert made.players[GUILD] is player
