"""A process has its place in the store: its shards, and that it lives."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from client.world import add, client, join, track
from voxlink.client import MemoryStore, PlayerRestoredEvent, presence
from voxlink.client.presence import Presence
from voxlink.errors import EnvironmentFault
from voxlink.testing import FakeNode

SHARD_0, SHARD_1 = 4 << 22, 5 << 22


class SharedStore(MemoryStore):
    """Gives a process the shards that are `free`."""

    def __init__(self, *free: int) -> None:
        super().__init__()
        self.free = set(free)

    async def claim(self, scope: str, shards: Collection[int]) -> set[int]:
        return self.free & set(shards)


async def test_guilds_of_other_processes_are_none_of_ours() -> None:
    async with client(shard_ids=[0, 1], shard_count=2) as made:
        place = Presence(made, SharedStore(0))
        await place.open()
        assert (place.is_ours(SHARD_0), place.is_ours(SHARD_1)) == (True, False)
        await place.close()


async def test_the_guilds_of_a_shard_that_becomes_free_are_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CLAIM_EVERY_S", 0.01)
    store = SharedStore(0, 1)
    async with FakeNode() as fake:
        async with client(store=store, shard_count=2) as first:
            await add(first, fake, name="main").wait_ready()
            for guild_id in (SHARD_0, SHARD_1):
                await (await join(first, guild_id)).play(track(str(guild_id)))
        await fake.restart()
        store.free = {0}
        async with client(store=store, shard_count=2) as second:
            restored = second.stream(PlayerRestoredEvent)
            add(second, fake, name="main")
            assert (await anext(restored)).player.guild_id == SHARD_0
            assert list(second.players) == [SHARD_0]
            store.free = {0, 1}
            assert (await anext(restored)).player.guild_id == SHARD_1
            restored.close()


async def test_the_next_process_knows_when_this_one_was_seen_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "ALIVE_EVERY_S", 0.001)
    store = MemoryStore()
    async with FakeNode() as fake, client(store=store, wall_clock=lambda: 1234.5) as made:
        node = add(made, fake, name="main")
        await node.wait_ready()
        await join(made)
        async with asyncio.timeout(10):
            while await store.load_session(made.scope, "@alive:0") is None:
                await node.get_version()
        after = Presence(made, store)
        await after.open()
        assert after.last_alive_s == 1234.5
        after.stop()


async def test_a_store_that_cannot_be_opened_is_tried_again() -> None:
    class Locked(MemoryStore):
        tries = 0

        async def open(self) -> None:
            self.tries += 1
            if self.tries == 1:
                raise EnvironmentFault("it is locked")

        async def close(self) -> None:
            raise EnvironmentFault("it is gone")

    async with client() as made:
        store: Any = Locked()
        place = Presence(made, store)
        with pytest.raises(EnvironmentFault):
            await place.open()
        assert await place.open() is store
        await place.open()
        assert store.tries == 2
        await place.close()  # says so in the log
