"""The place of this process in the store: the shards that are ours, and that we live."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from voxlink.client.stores.base import Store
from voxlink.errors import VoxlinkError

if TYPE_CHECKING:
    from voxlink.client.client import Client

__all__ = ["Presence"]

log = logging.getLogger("voxlink.client.store")

CLAIM_EVERY_S = 10.0
ALIVE_EVERY_S = 0.25
"""How often the store is told that this process lives: the position of a killed bot's players is known as closely."""


class Presence:
    """Opens the store, claims this process's shards in it, and goes on claiming and telling that we live.

    `shards_gained` is called when shards become ours that another process had until then.
    """

    def __init__(self, client: Client, store: Store | None) -> None:
        self._client = client
        self.store = store
        self.last_alive_s: float | None = None
        """When the process before us was last seen alive, by the wall clock; None when there was none."""
        self.shards_gained: Callable[[], Awaitable[None]] | None = None
        self._is_open = False
        self._shards: set[int] | None = None
        self._claim_timer: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    def is_ours(self, guild_id: int) -> bool:
        """Whether a guild belongs to the shards of this process."""
        if self._shards is None:
            return True
        return (guild_id >> 22) % self._client.shard_count in self._shards

    async def open(self) -> Store:
        """The store, open, with our shards claimed. Raises `EnvironmentFault`; then it may be called again."""
        store = self.store
        assert store is not None
        if not self._is_open:
            await store.open()
            self._is_open = True
        if self._shards is None:
            self._shards = await store.claim(self._client.scope, self._client.shard_ids)
            self._claim_later()
            await self._read_last_alive(store)
        return store

    def stop(self) -> None:
        """Claim no more, and be seen alive no more."""
        for timer in (self._claim_timer, self._beat):
            if timer is not None:
                timer.cancel()
        self._claim_timer = self._beat = None

    async def close(self) -> None:
        """Stop, and close the store. Never raises."""
        self.stop()
        if self.store is None:
            return
        try:
            await self.store.close()
        except VoxlinkError as error:
            log.warning("The store could not be closed: %s", error)

    # Shards

    def _claim_later(self) -> None:
        if not self._client.is_closed:
            self._claim_timer = asyncio.get_running_loop().call_later(CLAIM_EVERY_S, self._claim_soon)

    def _claim_soon(self) -> None:
        if not self._client.is_closed:
            self._client.tasks.spawn(self._claim_again(), "claim")

    async def _claim_again(self) -> None:
        """Keep our shards; take those that the process before us has let go."""
        store = self.store
        assert store is not None
        try:
            shards = await store.claim(self._client.scope, self._client.shard_ids)
        except VoxlinkError as error:
            log.warning("The shards could not be claimed: %s", error)
        else:
            gained = shards - (self._shards or set())
            self._shards = shards
            if gained and self.shards_gained is not None:
                await self.shards_gained()
        finally:
            self._claim_later()

    # That we live

    @property
    def _alive_key(self) -> str:
        """Beside the sessions of nodes, one for each set of shards; no node has such a name."""
        return f"@alive:{min(self._shards or {0})}"

    async def _read_last_alive(self, store: Store) -> None:
        """When the process before us was last seen alive; then begin to be seen ourselves."""
        text = await store.load_session(self._client.scope, self._alive_key)
        with contextlib.suppress(TypeError, ValueError):
            self.last_alive_s = float(text or "")
        self._beat_soon()

    def _beat_soon(self) -> None:
        if not self._client.is_closed:
            self._beat = asyncio.get_running_loop().call_later(ALIVE_EVERY_S, self._beat_now)

    def _beat_now(self) -> None:
        if not self._client.is_closed and self._client.players:
            self._client.tasks.spawn(self._write_alive(), "alive")
        self._beat_soon()

    async def _write_alive(self) -> None:
        store = self.store
        assert store is not None
        try:
            await store.save_session(self._client.scope, self._alive_key, repr(self._client.wall()))
        except VoxlinkError as error:
            log.debug("The store was not told that we live: %s", error)
