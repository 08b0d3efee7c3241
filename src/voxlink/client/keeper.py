"""Keeps players alive over lost sessions and restarts of the bot: what to save, and what to do when a node is ready."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voxlink.client.bounded import run_bounded
from voxlink.client.events import PlayerErrorEvent, PlayerRestoredEvent, TrackEndEvent
from voxlink.client.failover import revive
from voxlink.client.moving_player import MovingPlayer
from voxlink.client.player import DefaultPlayer
from voxlink.client.snapshot import PlayerSnapshot, apply_snapshot, decode_snapshot, take_snapshot
from voxlink.client.stores.base import Store
from voxlink.client.track_flow import advance
from voxlink.errors import LavalinkError, RemoteError, VoxlinkError
from voxlink.protocol import EndReason

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["Keeper"]

log = logging.getLogger("voxlink.client.store")

SAVE_AFTER_S = 0.2
SECOND_LOOK_S = 1.0
CONCURRENCY = 32
CLAIM_EVERY_S = 10.0
ALIVE_EVERY_S = 0.25
"""How often the store is told that this process lives: the position of a killed bot's players is known as closely."""


class Keeper:
    """The client's memory. Without a store it still restores the players of this process."""

    def __init__(self, client: Client, store: Store | None) -> None:
        self._client = client
        self._store = store
        self._dirty: set[int] = set()
        self._gone: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._shards: set[int] | None = None
        self._is_open = False
        self._claim_timer: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._last_alive_s: float | None = None
        self._stopped_at: dict[int, float] = {}
        self._rescue: asyncio.TimerHandle | None = None

    # Saving

    def mark(self, player: BasePlayer) -> None:
        """The player changed; it is saved within a second."""
        if self._store is not None and not player._destroyed:
            self._dirty.add(player.guild_id)
            self._gone.discard(player.guild_id)
            self._save_soon()

    def forget(self, guild_id: int) -> None:
        """The player is destroyed."""
        self._stopped_at.pop(guild_id, None)
        if self._store is not None:
            self._dirty.discard(guild_id)
            self._gone.add(guild_id)
            self._save_soon()

    def _save_soon(self) -> None:
        if self._timer is None and self._client.is_running:
            self._timer = asyncio.get_running_loop().call_later(SAVE_AFTER_S, self._save_now)

    def _save_now(self) -> None:
        self._timer = None
        if not self._client.is_closed:
            self._client.tasks.spawn(self.flush(), "save")

    async def flush(self) -> None:
        """Write everything that changed. Never raises; what could not be written is tried again later."""
        store = self._store
        if store is None or not (self._dirty or self._gone):
            return
        async with self._writing:
            dirty, self._dirty = self._dirty, set()
            gone, self._gone = self._gone, set()
            changes: dict[int, tuple[str, bytes] | None] = dict.fromkeys(gone)
            for guild_id in dirty:
                player = self._client.player_manager.players.get(guild_id)
                if isinstance(player, MovingPlayer) and self._is_ours(guild_id):
                    changes[guild_id] = (player.node.name, take_snapshot(player, self._client.wall()).encode())
            try:
                await self._open()
                await store.save_players(self._client.scope, changes)
            except VoxlinkError as error:
                log.warning("Players could not be saved: %s", error)
                self._dirty |= dirty
                self._gone |= gone
                self._save_soon()

    def _is_ours(self, guild_id: int) -> bool:
        """Whether a guild belongs to the shards of this process."""
        if self._shards is None:
            return True
        return (guild_id >> 22) % self._client.shard_count in self._shards

    async def _open(self) -> None:
        store = self._store
        assert store is not None
        if not self._is_open:
            await store.open()
            self._is_open = True
        if self._shards is None:
            self._shards = await store.claim(self._client.scope, self._client.shard_ids)
            self._claim_later()
            await self._read_last_alive(store)

    def _claim_later(self) -> None:
        if not self._client.is_closed:
            self._claim_timer = asyncio.get_running_loop().call_later(CLAIM_EVERY_S, self._claim_soon)

    def _claim_soon(self) -> None:
        if not self._client.is_closed:
            self._client.tasks.spawn(self._claim_again(), "claim")

    async def _claim_again(self) -> None:
        """Keep our shards; take those that the process before us has let go, and restore their guilds."""
        store = self._store
        assert store is not None
        try:
            shards = await store.claim(self._client.scope, self._client.shard_ids)
        except VoxlinkError as error:
            log.warning("The shards could not be claimed: %s", error)
        else:
            gained = shards - (self._shards or set())
            self._shards = shards
            for node in self._client.node_manager.ready_nodes if gained else []:
                created = self._create_all(node, await self._saved_players(node), plays_on=False)
                await run_bounded(created, self._revive, CONCURRENCY)
        finally:
            self._claim_later()

    # That we live

    @property
    def _alive_key(self) -> str:
        """Beside the sessions of nodes, one for each set of shards; no node has such a name."""
        return f"@alive:{min(self._shards or {0})}"

    async def _read_last_alive(self, store: Store) -> None:
        """When the process before us was last seen alive, by the wall clock; then begin to be seen ourselves."""
        text = await store.load_session(self._client.scope, self._alive_key)
        with contextlib.suppress(TypeError, ValueError):
            self._last_alive_s = float(text or "")
        self._beat_soon()

    def _beat_soon(self) -> None:
        if not self._client.is_closed:
            self._beat = asyncio.get_running_loop().call_later(ALIVE_EVERY_S, self._beat_now)

    def _beat_now(self) -> None:
        if not self._client.is_closed and self._client.players:
            self._client.tasks.spawn(self._write_alive(), "alive")
        self._beat_soon()

    async def _write_alive(self) -> None:
        store = self._store
        assert store is not None
        try:
            await store.save_session(self._client.scope, self._alive_key, repr(self._client.wall()))
        except VoxlinkError as error:
            log.debug("The store was not told that we live: %s", error)

    async def close(self) -> None:
        """Write what is pending and close the store."""
        for timer in (self._timer, self._claim_timer, self._beat, self._rescue):
            if timer is not None:
                timer.cancel()
        self._timer = self._claim_timer = self._beat = self._rescue = None
        store = self._store
        if store is None:
            return
        self._dirty |= {guild_id for guild_id, _ in self._client.player_manager}
        await self.flush()
        try:
            await store.close()
        except VoxlinkError as error:
            log.warning("The store could not be closed: %s", error)

    # Sessions

    async def stored_session(self, node: Node) -> str | None:
        """The session id that the last process had with this node."""
        if self._store is None:
            return None
        try:
            await self._open()
            return await self._store.load_session(self._client.scope, node.name)
        except VoxlinkError as error:
            log.warning("The session of %s could not be read: %s", node.name, error)
            return None

    async def session_began(self, node: Node, session_id: str) -> None:
        """Remember the session for the next process."""
        if self._store is None:
            return
        try:
            await self._open()
            await self._store.save_session(self._client.scope, node.name, session_id)
        except VoxlinkError as error:
            log.warning("The session of %s could not be saved: %s", node.name, error)

    # A node is ready

    async def take_up(self, node: Node, resumed: bool, players: Sequence[BasePlayer]) -> None:
        """Bring the players that a node had when it became ready back to life, then let failover fill it."""
        self._rescue_later()
        await self._clear_orphans(node)
        saved = await self._saved_players(node)
        on_node = await self._players_on(node) if resumed else None
        if on_node is None:
            created = self._create_all(node, saved, plays_on=False)
            await run_bounded([*players, *created], self._revive, CONCURRENCY)
        else:
            await self._reconcile(node, on_node, saved, players)
        await self._clear_orphans(node)  # those that the look at the node has found
        await self._client.failover.node_ready(node)

    async def _saved_players(self, node: Node) -> dict[int, PlayerSnapshot]:
        if self._store is None:
            return {}
        try:
            await self._open()
            rows = await self._store.load_players(self._client.scope, node.name)
        except VoxlinkError as error:
            log.warning("The players of %s could not be read: %s", node.name, error)
            return {}
        found: dict[int, PlayerSnapshot] = {}
        for guild_id, data in rows.items():
            if guild_id in self._client.player_manager.players or guild_id in self._gone or not self._is_ours(guild_id):
                continue
            try:
                found[guild_id] = decode_snapshot(data)
            except RemoteError as error:
                log.warning("Guild %d: %s", guild_id, error)
        return found

    async def _saved_elsewhere(self, node: Node) -> set[int]:
        """The guilds whose players were on other nodes when they were saved last."""
        found: set[int] = set()
        for other in self._client.node_manager.nodes:
            if other is not node:
                found |= set(await self._saved_players(other))
        return found

    def _rescue_later(self) -> None:
        """Give nodes that do not come back after a start of the bot as long as a lost node gets."""
        if self._rescue is None and self._store is not None:
            loop = asyncio.get_running_loop()
            self._rescue = loop.call_later(self._client.failover.grace_s, self._rescue_now)

    def _rescue_now(self) -> None:
        if not self._client.is_closed:
            self._client.tasks.spawn(self._rescue_players(), "rescue")

    async def _rescue_players(self) -> None:
        """Bring the saved players of nodes that are away to those that are there."""
        for node in list(self._client.node_manager.nodes):
            saved = {} if node.is_ready else await self._saved_players(node)
            if saved:
                self._create_all(node, saved, plays_on=False)
                self._client.failover.node_gone(node)

    async def _players_on(self, node: Node) -> dict[int, Mapping[str, Any]] | None:
        try:
            return {int(raw["guildId"]): raw for raw in await node.get_players()}
        except (LavalinkError, KeyError, TypeError, ValueError) as error:
            log.warning("%s does not list its players: %s", node.name, error)
            return None

    def _create_all(self, node: Node, saved: Mapping[int, PlayerSnapshot], *, plays_on: bool) -> list[BasePlayer]:
        created: list[BasePlayer] = []
        for guild_id, snapshot in saved.items():
            player = self._client.player_manager.create(guild_id, node=node)
            if isinstance(player, MovingPlayer):
                until = self._client.wall() if plays_on else max(self._last_alive_s or 0.0, snapshot.saved_at)
                if not plays_on:
                    player._needs_setup = True
                    self._stopped_at[guild_id] = until if snapshot.is_running else snapshot.stopped_at
                apply_snapshot(player, snapshot, until, plays_on=plays_on)
            created.append(player)
        return created

    async def _reconcile(
        self,
        node: Node,
        on_node: Mapping[int, Mapping[str, Any]],
        saved: Mapping[int, PlayerSnapshot],
        had: Sequence[BasePlayer],
    ) -> None:
        """A resumed session: take over what plays there, and touch nothing that sounds."""
        players = self._client.player_manager.players
        known = {guild_id: players[guild_id] for guild_id in on_node if guild_id in players}
        unknown = [guild_id for guild_id in on_node if guild_id not in players and self._is_ours(guild_id)]
        elsewhere = await self._saved_elsewhere(node) if unknown else set[int]()
        created = self._create_all(node, saved, plays_on=True)
        for guild_id in unknown:
            if guild_id in elsewhere:
                node.session.orphans.add(guild_id)  # it was moved away before this process began
            elif self._client.adopt_unknown or guild_id in saved:
                player = self._client.player_manager.create(guild_id, node=node)
                self._adopt(player, on_node[guild_id])
            else:
                node.session.orphans.add(guild_id)
        for guild_id, player in known.items():
            if player.node is node:
                self._adopt(player, on_node[guild_id])
            else:
                node.session.orphans.add(guild_id)  # it was moved while the node was away
        missing = [player for player in (*had, *created) if player.guild_id not in on_node]
        for player in missing:
            player._needs_setup = True
        await run_bounded(missing, self._revive, CONCURRENCY)
        await self._look_for_missed_ends(node, on_node)

    def _adopt(self, player: BasePlayer, raw: Mapping[str, Any]) -> None:
        if isinstance(player, MovingPlayer):
            player._adopt(raw)
        if player._voice_pending:
            self._client.tasks.spawn(player._dispatch_voice_update(), f"voice-{player.guild_id}")
        self._client.publish(PlayerRestoredEvent(player, adopted=True))
        self._client.tasks.spawn(self.settled(player), f"settled-{player.guild_id}")

    async def _look_for_missed_ends(self, node: Node, on_node: Mapping[int, Mapping[str, Any]]) -> None:
        """A track that ended while we were away is told by the node's queue; if that was lost too, go on without it."""
        silent = [guild_id for guild_id, raw in on_node.items() if not raw.get("track")]
        suspects = [player for guild_id in silent if (player := node.roster.get(guild_id)) and _thinks_it_plays(player)]
        if not suspects:
            return
        plays = {player: player._plays.latest for player in suspects}
        await asyncio.sleep(SECOND_LOOK_S)
        now_there = await self._players_on(node)
        if now_there is None:
            return  # lost again; the next time that it is ready it is looked at anew
        for player in suspects:
            raw = now_there.get(player.guild_id, {})
            if not raw.get("track") and _thinks_it_plays(player) and player._plays.latest is plays[player]:
                event = TrackEndEvent(player, player.current, EndReason.FINISHED)
                event._play = player._plays.latest
                player._take_event(event, node)

    async def _revive(self, player: BasePlayer) -> None:
        if player._destroyed or not player._needs_setup:
            return  # a play that came first has set it up already
        lost_at = player.node.session.lost_at
        try:
            if not await revive(player):
                return  # there was nothing to restore
        except Exception as error:  # noqa: BLE001 - a bot's own player may raise anything
            log.warning("The player of guild %d could not be restored: %r", player.guild_id, error)
            self._client.publish(PlayerErrorEvent(player, error))
            return
        outage_ms = self.outage_ms(player, lost_at)
        self._client.publish(PlayerRestoredEvent(player, adopted=False, outage_ms=outage_ms))
        await self.settled(player)

    def outage_ms(self, player: BasePlayer, lost_at: float | None) -> int:
        """How long a player that sounds again was silent: since its node was lost at `lost_at`, or since the process
        before this one ended.
        """
        stopped_at = self._stopped_at.pop(player.guild_id, None)
        if stopped_at is not None:
            return int((self._client.wall() - stopped_at) * 1000)
        return 0 if lost_at is None else int((self._client.now() - lost_at) * 1000)

    async def settled(self, player: BasePlayer) -> None:
        """The player has a living node again: go on where it waited to."""
        if isinstance(player, DefaultPlayer) and player._advance_due:
            player._advance_due = False
            self._client.tasks.spawn(advance(player), f"advance-{player.guild_id}")

    async def _clear_orphans(self, node: Node) -> None:
        """Remove players that the node has and nobody owns."""
        orphans, node.session.orphans = node.session.orphans, set()

        async def destroy(guild_id: int) -> None:
            player = self._client.player_manager.players.get(guild_id)
            if player is None or player.node is not node:
                try:
                    await node.destroy_player(guild_id)
                except LavalinkError:
                    node.session.orphans.add(guild_id)

        await run_bounded(orphans, destroy, CONCURRENCY)


def _thinks_it_plays(player: BasePlayer) -> bool:
    latest = player._plays.latest
    return player.current is not None and latest is not None and latest.accepted and not latest.ended
