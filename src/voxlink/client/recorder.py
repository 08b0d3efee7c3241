"""What is written to the store about players, and when: a change soon, an end before anybody is told of it."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voxlink.client.moving_player import MovingPlayer
from voxlink.client.presence import Presence
from voxlink.client.snapshot import take_snapshot
from voxlink.errors import VoxlinkError

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client

__all__ = ["Recorder"]

log = logging.getLogger("voxlink.client.store")

SAVE_AFTER_S = 0.2
END_PATIENCE_S = 1.0
"""How long an end may wait for its write before it is told all the same."""
SNAPSHOTS_BEFORE_A_BREATH = 32


@dataclass(slots=True, eq=False)
class _Ends:
    """The guilds whose ends go to the store in one transaction; `written` is done when they may be told."""

    written: asyncio.Future[None]
    guilds: set[int] = field(default_factory=set[int])
    patience: asyncio.TimerHandle | None = None

    def let_go(self) -> None:
        if self.patience is not None:
            self.patience.cancel()
        if not self.written.done():
            self.written.set_result(None)


class Recorder:
    """Writes players to the store; without one it does nothing.

    A change is written `SAVE_AFTER_S` later, together with all others. The end of a track is written first and told
    afterwards, and only then the next track is asked for. So a process that is killed and the one that follows tell
    every end once, whatever the moment: before the write nobody was told, and after it the next process knows. Between
    the write and the call of a hook there is a moment that no order of the two can close; an end that is killed there
    is told by neither. It is as long as the store takes to answer after it has written, and a turn of the event loop.

    A store that fails, or does not answer within `END_PATIENCE_S`, holds up nothing: the end is told, and a warning is
    logged. A bot that is killed before the store has recovered may then be told of that end again.
    """

    def __init__(self, client: Client, presence: Presence) -> None:
        self._client = client
        self._presence = presence
        self._is_on = presence.store is not None
        self._dirty: set[int] = set()
        self._gone: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._ends: _Ends | None = None
        self._is_late = False

    def mark(self, player: BasePlayer) -> None:
        """The player changed; it is saved within a second."""
        if self._is_on and not player._destroyed:
            self._dirty.add(player.guild_id)
            self._gone.discard(player.guild_id)
            self._save_soon()

    def forget(self, guild_id: int) -> None:
        """The player is destroyed."""
        if self._is_on:
            self._dirty.discard(guild_id)
            self._gone.add(guild_id)
            self._save_soon()

    def is_forgotten(self, guild_id: int) -> bool:
        """Whether the store may still hold a player that was destroyed."""
        return guild_id in self._gone

    def write_end(self, player: BasePlayer) -> asyncio.Future[None] | None:
        """The player's track has ended, and its state says so: write it. Done when the end may be told.

        None when it may be told at once: there is no store, the store is late, or the player is none of ours to save.
        """
        if not self._is_on or self._is_late or not isinstance(player, MovingPlayer):
            return None
        if player._destroyed or not self._presence.is_ours(player.guild_id):
            return None
        if self._ends is None:
            loop = asyncio.get_running_loop()
            ends = self._ends = _Ends(loop.create_future())
            ends.patience = loop.call_later(END_PATIENCE_S, self._lose_patience, ends)
            self._client.tasks.spawn(self._write_ends(ends), "ends")
        self._ends.guilds.add(player.guild_id)
        return self._ends.written

    async def flush(self) -> None:
        """Write everything that changed. Never raises; what could not be written is tried again later."""
        if not self._is_on or not (self._dirty or self._gone):
            return
        async with self._writing:
            dirty, self._dirty = self._dirty, set()
            gone, self._gone = self._gone, set()
            await self._write(dirty, gone)

    def stop(self) -> None:
        """Write nothing more by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def close(self) -> None:
        """Write every player, after the ends that wait. The store stays open. Never raises."""
        self.stop()
        if not self._is_on:
            return
        if self._ends is not None:
            await asyncio.wait([self._ends.written])
        self._dirty |= {guild_id for guild_id, _ in self._client.player_manager}
        await self.flush()

    def _save_soon(self) -> None:
        if self._timer is None and self._client.is_running:
            self._timer = asyncio.get_running_loop().call_later(SAVE_AFTER_S, self._save_now)

    def _save_now(self) -> None:
        self._timer = None
        if not self._client.is_closed:
            self._client.tasks.spawn(self.flush(), "save")

    async def _write_ends(self, ends: _Ends) -> None:
        """Write the ends that have come until it is their turn; those that come meanwhile wait for the next turn."""
        try:
            async with self._writing:
                self._close(ends)
                self._dirty -= ends.guilds
                await self._write(ends.guilds, ())
        finally:
            self._close(ends)
            ends.let_go()

    def _lose_patience(self, ends: _Ends) -> None:
        """Tell what waits, and until the store has answered let nothing wait for it."""
        log.warning(
            "The store does not answer within %g s: ends of tracks are told before they are kept", END_PATIENCE_S
        )
        self._is_late = True
        self._close(ends)
        ends.let_go()

    def _close(self, ends: _Ends) -> None:
        """No further end joins these."""
        if self._ends is ends:
            self._ends = None

    async def _write(self, dirty: Collection[int], gone: Collection[int]) -> None:
        """Write these players in one transaction. The lock is held."""
        changes: dict[int, tuple[str, bytes] | None] = dict.fromkeys(gone)
        for count, guild_id in enumerate(dirty, 1):
            if count % SNAPSHOTS_BEFORE_A_BREATH == 0:
                await asyncio.sleep(0)
            player = self._client.player_manager.players.get(guild_id)
            if isinstance(player, MovingPlayer) and self._presence.is_ours(guild_id):
                changes[guild_id] = (player.node.store_key, take_snapshot(player, self._client.wall()).encode())
        if not changes:
            return
        try:
            store = await self._presence.open()
            await store.save_players(self._client.scope, changes)
        except VoxlinkError as error:
            log.warning("Players could not be saved: %s", error)
            self._dirty.update(dirty)
            self._gone.update(gone)
            self._save_soon()
        finally:
            self._is_late = False
