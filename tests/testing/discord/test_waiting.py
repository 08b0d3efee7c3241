"""Waiting for facts: woken by each change, ended by a deadline that says what never came."""

from __future__ import annotations

import asyncio

import pytest

from voxlink.errors import NeverHappened
from voxlink.testing.discord.waiting import Changes


async def test_the_wait_ends_with_the_change_that_makes_it_true() -> None:
    changes, facts = Changes(), list[int]()
    waiting = asyncio.create_task(changes.until(lambda: facts[1] if len(facts) > 1 else None, "two", timeout_s=10))
    for number in (1, 2):
        await asyncio.sleep(0)
        facts.append(number)
        changes.told()
    assert await waiting == 2


async def test_what_never_comes_is_named() -> None:
    with pytest.raises(NeverHappened, match="a song") as never:
        await Changes().until(lambda: None, "a song", timeout_s=0)
    assert isinstance(never.value, AssertionError)
    assert never.value.what == "a song"


async def test_a_cancelled_wait_leaves_nothing() -> None:
    changes = Changes()
    waiting = asyncio.create_task(changes.until(lambda: None, "x", timeout_s=10))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not changes._waiters
