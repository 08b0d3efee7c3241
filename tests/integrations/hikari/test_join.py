"""One join under way: it ends when both halves are known, or when the component closes."""

from __future__ import annotations

import asyncio

import hikari
import pytest

from integrations.hikari.stand import Stand, turns
from voxlink.integrations.hikari.join import Join


async def test_the_states_of_other_people_are_not_ours() -> None:
    stand = Stand()
    join = Join(stand.guild, hikari.Snowflake(stand.discord.bot.id))
    (event,) = stand.voice.join(stand.discord.guild, stand.discord.lounge, stand.discord.user.id)[:1]
    join.heard(
        stand.bot.event_factory.deserialize_voice_state_update_event(stand.shard, dict(event.data), old_state=None)  # type: ignore[arg-type]
    )
    assert join.membership.channel_id is None


async def test_an_aborted_join_says_why() -> None:
    join = Join(hikari.Snowflake(1), hikari.Snowflake(2))
    waiting = asyncio.create_task(join.placed())
    await turns()
    join.abort()
    with pytest.raises(hikari.ComponentStateConflictError, match="closed"):
        await waiting
