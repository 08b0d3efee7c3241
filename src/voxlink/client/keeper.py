"""Brings players back to life after lost sessions and restarts of the bot: what to do when a node is ready."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voxlink.client.bounded import run_bounded
from voxlink.client.events import PlayerErrorEvent, PlayerRestoredEvent, TrackEndEvent
from voxlink.client.failover import revive
from voxlink.client.moving_player import MovingPlayer
from voxlink.client.player import DefaultPlayer
from voxlink.client.plays import is_newer, plain_user_data
from voxlink.client.presence import Presence
from voxlink.client.recorder import Recorder
from voxlink.client.snapshot import PlayerSnapshot, apply_snapshot, decode_snapshot
from voxlink.client.track_flow import advance
from voxlink.errors import LavalinkError, RemoteError, VoxlinkError
from voxlink.protocol import EndReason

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["Keeper"]

log = logging.getLogger("voxlink.client.store")

SECOND_LOOK_S = 1.0
CONCURRENCY = 32
LOOKS = 150
"""How often a node is asked for its players that seems connected and does not answer: about five minutes."""
LONGEST_WAIT_S = 2.0


class Keeper:
    """The client's memory. Without a store it still restores the players of this process."""

    def __init__(self, client: Client, presence: Presence, recorder: Recorder) -> None:
        self._client = client
        self._presence = presence
        self._recorder = recorder
        self._silent_since: dict[int, float] = {}
        self._rescue: asyncio.TimerHandle | None = None
        presence.shards_gained = self._restore_gained

    def forget(self, guild_id: int) -> None:
        """The player is destroyed."""
        self._silent_since.pop(guild_id, None)
        self._recorder.forget(guild_id)

    def stop(self) -> None:
        """Do nothing more by itself."""
        if self._rescue is not None:
            self._rescue.cancel()
            self._rescue = None

    # Sessions

    async def stored_session(self, node: Node) -> str | None:
        """The session id that the last process had with this node."""
        if self._presence.store is None:
            return None
        try:
            store = await self._presence.open()
            return await store.load_session(self._client.session_scope, node.store_key)
        except VoxlinkError as error:
            log.warning("The session of %s could not be read: %s", node.name, error)
            return None

    async def session_began(self, node: Node, session_id: str) -> None:
        """Remember the session for the next process."""
        if self._presence.store is None:
            return
        try:
            store = await self._presence.open()
            await store.save_session(self._client.session_scope, node.store_key, session_id)
        except VoxlinkError as error:
            log.warning("The session of %s could not be saved: %s", node.name, error)

    # A node is ready

    async def take_up(self, node: Node, resumed: bool, players: Sequence[BasePlayer]) -> None:
        """Bring the players that a node had when it became ready back to life, then let failover fill it."""
        self._rescue_later()
        await self._clear_orphans(node)
        saved = await self._saved_players(node)
        on_node = await self._look_at(node) if resumed else None
        if on_node is not None:
            await self._reconcile(node, on_node, saved, players)
        elif resumed and not node.is_ready:
            self._rescue_later()  # it is lost again
            return
        else:
            created = self._create_all(node, saved, plays_on=False)
            await run_bounded([*players, *created], self._revive, CONCURRENCY)
        await self._clear_orphans(node)  # those that the look at the node has found
        await self._client.failover.node_ready(node)

    async def _saved_players(self, node: Node) -> dict[int, PlayerSnapshot]:
        if self._presence.store is None:
            return {}
        try:
            store = await self._presence.open()
            rows = await store.load_players(self._client.scope, node.store_key)
        except VoxlinkError as error:
            log.warning("The players of %s could not be read: %s", node.name, error)
            return {}
        found: dict[int, PlayerSnapshot] = {}
        for guild_id, data in rows.items():
            if guild_id in self._client.player_manager.players or self._recorder.is_forgotten(guild_id):
                continue
            if not self._presence.is_ours(guild_id):
                continue
            try:
                found[guild_id] = decode_snapshot(data)
            except RemoteError as error:
                log.warning("Guild %d: %s", guild_id, error)
        return found

    async def _saved_elsewhere(self, node: Node) -> dict[int, PlayerSnapshot]:
        """The players that were on other nodes when they were saved last."""
        found: dict[int, PlayerSnapshot] = {}
        for other in self._client.node_manager.nodes:
            if other is not node:
                found |= await self._saved_players(other)
        return found

    def _rescue_later(self) -> None:
        """Give nodes that do not come back after a start of the bot as long as a lost node gets."""
        if self._rescue is None and self._presence.store is not None:
            loop = asyncio.get_running_loop()
            self._rescue = loop.call_later(self._client.failover.grace_s, self._rescue_now)

    def _rescue_now(self) -> None:
        self._rescue = None
        if not self._client.is_closed:
            self._client.tasks.spawn(self._rescue_players(), "rescue")

    async def _rescue_players(self) -> None:
        """Bring the saved players of nodes that are away to those that are there."""
        for node in list(self._client.node_manager.nodes):
            saved = {} if node.is_ready else await self._saved_players(node)
            if saved:
                self._create_all(node, saved, plays_on=False)
                self._client.failover.node_gone(node)

    async def _restore_gained(self) -> None:
        """Restore the guilds of shards that another process has let go."""
        for node in self._client.node_manager.ready_nodes:
            created = self._create_all(node, await self._saved_players(node), plays_on=False)
            await run_bounded(created, self._revive, CONCURRENCY)

    async def _look_at(self, node: Node) -> dict[int, Mapping[str, Any]] | None:
        """Who plays on a node. One that is connected and does not answer is asked again.

        None when it is lost again (the next time that it is ready it is looked at anew), or never answers.
        """
        session_id = node.session_id
        for attempt in range(LOOKS):
            found = await self._players_on(node)
            if found is not None or not node.is_ready or node.session_id != session_id:
                return found
            await asyncio.sleep(min(LONGEST_WAIT_S, 0.25 * 2.0**attempt))
        return None

    async def _players_on(self, node: Node) -> dict[int, Mapping[str, Any]] | None:
        try:
            return {int(raw["guildId"]): raw for raw in await node.get_players()}
        except (LavalinkError, KeyError, TypeError, ValueError) as error:
            log.warning("%s does not list its players: %s", node.name, error)
            return None

    def _create(self, node: Node, guild_id: int) -> BasePlayer | None:
        """A player of the bot's class; None if that cannot be made of a guild and a node, as some bots' cannot."""
        try:
            return self._client.player_manager.create(guild_id, node=node)
        except Exception:
            log.exception("The player of guild %d could not be made again", guild_id)
            return None

    def _create_all(self, node: Node, saved: Mapping[int, PlayerSnapshot], *, plays_on: bool) -> list[BasePlayer]:
        created: list[BasePlayer] = []
        for guild_id, snapshot in saved.items():
            player = self._create(node, guild_id)
            if player is None:
                continue
            if isinstance(player, MovingPlayer):
                until = self._client.wall() if plays_on else max(self._presence.last_alive_s or 0.0, snapshot.saved_at)
                if not plays_on:
                    player._needs_setup = True
                    stopped_at = until if snapshot.is_running else snapshot.stopped_at
                    self._silent_since[guild_id] = self._client.now() - (self._client.wall() - stopped_at)
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
        unknown = [guild_id for guild_id in on_node if guild_id not in players and self._presence.is_ours(guild_id)]
        elsewhere = await self._saved_elsewhere(node) if unknown else dict[int, PlayerSnapshot]()
        came = {
            guild_id: elsewhere.pop(guild_id) for guild_id in unknown if self._came(node, on_node, elsewhere, guild_id)
        }
        there = {guild_id: snapshot for guild_id, snapshot in saved.items() if guild_id in on_node}
        gone = {guild_id: snapshot for guild_id, snapshot in saved.items() if guild_id not in on_node}
        self._create_all(node, {**there, **came}, plays_on=True)
        created = self._create_all(node, gone, plays_on=False)
        for guild_id in unknown:
            if guild_id in elsewhere:
                node.session.orphans.add(guild_id)  # it was moved away before this process began
            elif self._client.adopt_unknown or guild_id in saved or guild_id in came:
                player = self._create(node, guild_id)
                if player is None:
                    node.session.orphans.add(guild_id)  # nobody could stop it
                else:
                    self._adopt(player, on_node[guild_id])
            else:
                node.session.orphans.add(guild_id)
        for guild_id, player in known.items():
            if player.node is node:
                self._adopt(player, on_node[guild_id])
            else:
                node.session.orphans.add(guild_id)  # it was moved while the node was away
        node.session.tell_early()
        missing = [player for player in had if player.guild_id not in on_node]
        for player in missing:
            player._needs_setup = True
        await run_bounded([*missing, *created], self._revive, CONCURRENCY)
        self._client.tasks.spawn(self._look_for_missed_ends(node, on_node), f"ends-{node.name}")

    def _came(
        self,
        node: Node,
        on_node: Mapping[int, Mapping[str, Any]],
        elsewhere: Mapping[int, PlayerSnapshot],
        guild_id: int,
    ) -> bool:
        """Whether a player was moved to this node so shortly before its bot was killed that its last save names
        another: what plays here, or has ended here since, was asked for after that save.
        """
        snapshot = elsewhere.get(guild_id)
        if snapshot is None:
            return False
        shown = [on_node[guild_id], *node.session.early_of(guild_id)]
        return any(is_newer(_token_of(raw), snapshot.play_token) for raw in shown)

    def _adopt(self, player: BasePlayer, raw: Mapping[str, Any]) -> None:
        if isinstance(player, MovingPlayer):
            player._adopt(raw)
        self.outage_ms(player)  # it was never silent
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
        now_there = await self._look_at(node)
        if now_there is None:
            return
        for player in suspects:
            raw = now_there.get(player.guild_id, {})
            if not raw.get("track") and _thinks_it_plays(player) and player._plays.latest is plays[player]:
                event = TrackEndEvent(player, player.current, EndReason.FINISHED)
                event._play = player._plays.latest
                player._take_event(event, node)

    async def _revive(self, player: BasePlayer) -> None:
        try:
            async with player._command_lock:
                if player._destroyed or not player._needs_setup:
                    self.outage_ms(player)
                    return  # a play that came first has set it up already
                if not await revive(player):
                    return  # there was nothing to restore
        except Exception as error:  # noqa: BLE001 - a bot's own player may raise anything
            log.warning("The player of guild %d could not be restored: %r", player.guild_id, error)
            self._client.publish(PlayerErrorEvent(player, error))
            return
        outage_ms = self.outage_ms(player)
        self._client.publish(PlayerRestoredEvent(player, adopted=False, outage_ms=outage_ms))
        await self.settled(player)

    def lost(self, node: Node) -> None:
        """The node was lost while it was ready: from now on its players are silent, as far as anybody can tell."""
        for guild_id, player in node.roster.items():
            if guild_id not in self._silent_since or not getattr(player, "_internal_pause", False):
                self._silent_since[guild_id] = self._client.now()

    def outage_ms(self, player: BasePlayer) -> int:
        """How long a player that sounds again was silent: since it lost its node, or since the process before this one
        ended. Ends the count.
        """
        since = self._silent_since.pop(player.guild_id, None)
        return 0 if since is None else int((self._client.now() - since) * 1000)

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


def _token_of(raw: Mapping[str, Any]) -> str | None:
    """The token of the play that a node's player shows."""
    track: Mapping[str, Any] = raw.get("track") or {}
    _, mine = plain_user_data(track.get("userData"))
    return mine.get("play")


def _thinks_it_plays(player: BasePlayer) -> bool:
    latest = player._plays.latest
    return player.current is not None and latest is not None and latest.accepted and not latest.ended
