"""Players whose node is lost: each goes to the best node that is left, or waits for one."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from voxlink.client.bounded import run_bounded
from voxlink.client.events import (
    NoNodesAvailableEvent,
    PlayerMigratedEvent,
    PlayerMigrationFailedEvent,
)
from voxlink.client.moving_player import MovingPlayer
from voxlink.errors import BadValue, ClientError

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["Failover", "FailoverPolicy", "revive"]

log = logging.getLogger("voxlink.client.failover")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverPolicy:
    """What happens to the players of a lost node.

    `resume-then-migrate` waits up to `grace_s` (None: the resume timeout) for the node to come back with its session,
    during which its players go on playing; a node that refuses connections `refusals` times in a row is dead and not
    waited for. `migrate` moves at once, `wait` never, `destroy` destroys the players. At most `concurrency` players
    of a lost node move at the same time, and at most `per_target` to any one node, wherever they come from.
    """

    mode: Literal["resume-then-migrate", "migrate", "wait", "destroy"] = "resume-then-migrate"
    grace_s: float | None = None
    refusals: int = 2
    concurrency: int = 32
    per_target: int = 16

    def __post_init__(self) -> None:
        least = min(self.concurrency, self.per_target, self.refusals)
        if least < 1 or (self.grace_s is not None and self.grace_s < 0):
            raise BadValue("a failover policy needs concurrency, per_target and refusals >= 1 and grace_s >= 0")


class Failover:
    """Watches over the players of nodes that come and go. Its calls return at once; the work is done in tasks."""

    def __init__(self, client: Client, policy: FailoverPolicy) -> None:
        self._client = client
        self._policy = policy
        self._grace: dict[Node, asyncio.TimerHandle] = {}
        self._moving: set[Node] = set()
        self._doors: WeakKeyDictionary[Node, asyncio.Semaphore] = WeakKeyDictionary()
        self.waiting: list[BasePlayer] = []

    # What happens to nodes

    def node_lost(self, node: Node) -> None:
        """The node's socket closed."""
        if not node.roster or self._client.is_closed or node.keeps_players:
            return
        self._client.tasks.spawn(self._tell_players(node), f"lost-{node.name}")
        match self._policy.mode:
            case "migrate":
                self._migrate_soon(node)
            case "resume-then-migrate":
                if node not in self._grace:
                    loop = asyncio.get_running_loop()
                    self._grace[node] = loop.call_later(self.grace_s, self._migrate_soon, node)
            case "destroy":
                self._client.tasks.spawn(self._destroy_all(node), f"destroy-{node.name}")
            case "wait":
                pass

    @property
    def grace_s(self) -> float:
        """How long a lost node is waited for."""
        grace = self._policy.grace_s
        return self._client.resume_timeout_s if grace is None else grace

    def node_refused(self, node: Node, times: int) -> None:
        """Something answered that the node is not there, `times` in a row."""
        if self._policy.mode == "resume-then-migrate" and times >= self._policy.refusals and node in self._grace:
            self._migrate_soon(node)

    def node_gone(self, node: Node) -> None:
        """The node will not come back by itself."""
        if node.roster and self._policy.mode != "destroy" and not (self._client.is_closed or node.keeps_players):
            self._migrate_soon(node)

    def node_removed(self, node: Node) -> None:
        """The node was taken from the client: move its players, then close it."""
        self._client.spawn_if_running(self._remove(node), f"remove-{node.name}")

    async def node_ready(self, node: Node) -> None:
        """The node is ready and its own players are taken care of: give it those that wait, and its old ones."""
        timer = self._grace.pop(node, None)
        if timer is not None:
            timer.cancel()
        self.waiting = [player for player in self.waiting if player.node is not node and not player._destroyed]
        waiting, self.waiting = self.waiting, []
        manager = self._client.node_manager
        if manager._connect_back:
            back = [player for player in node._original_players if player.node is not node and player not in waiting]
            await run_bounded(back, self._bring_back, self._policy.concurrency)
        await run_bounded(waiting, self._place, self._policy.concurrency)

    def forget(self, player: BasePlayer) -> None:
        """The player is destroyed: it no longer waits."""
        if player in self.waiting:
            self.waiting.remove(player)

    def close(self) -> None:
        """Stop waiting for anything."""
        for timer in self._grace.values():
            timer.cancel()
        self._grace.clear()
        self.waiting.clear()

    async def drain(self, node: Node, target: Node | None) -> None:
        """Move all players of a living node. Raises `ClientError` if some could not be moved."""

        async def move(player: BasePlayer) -> None:
            if target is None:
                await self._move(player, node)
            else:
                async with self._door(target):
                    await player.change_node(target)

        await run_bounded(list(node.roster.values()), move, self._policy.concurrency)
        if node.roster:
            raise ClientError(f"{len(node.roster)} players could not leave {node.name}")

    # The work

    async def _tell_players(self, node: Node) -> None:
        for player in list(node.roster.values()):
            with contextlib.suppress(Exception):
                await player.node_unavailable()
        await self._client.recorder.flush()  # where the sound stopped must be known even if this process ends now

    def _migrate_soon(self, node: Node) -> None:
        timer = self._grace.pop(node, None)
        if timer is not None:
            timer.cancel()
        if node not in self._moving and not self._client.is_closed:
            self._moving.add(node)
            self._client.tasks.spawn(self._migrate(node), f"migrate-{node.name}")

    async def _migrate(self, node: Node) -> None:
        try:
            players = list(node.roster.values())
            log.info("Moving %d players away from %s", len(players), node.name)
            await run_bounded(players, lambda player: self._move(player, node), self._policy.concurrency)
        finally:
            self._moving.discard(node)
        left = [player.guild_id for player in self.waiting]
        if left:
            log.warning("No node can take %d players; they wait for one", len(left))
            self._client.publish(NoNodesAvailableEvent(left))

    async def _move(self, player: BasePlayer, node: Node) -> None:
        """Move one player to the best node there is; to the next best if that one fails; else let it wait."""
        failed = [node]
        while player.node is node and not player._destroyed and not node.is_ready:
            target = self._client.node_manager.find_ideal_node(
                node.region, failed, guild_id=player.guild_id, endpoint=player._voice_state.get("endpoint")
            )
            if target is None:
                self._wait(player)
                return
            try:
                async with self._door(target):
                    if not target.is_ready or player.node is not node or player._destroyed or node.is_ready:
                        continue  # it waited for its turn, and all is different now
                    await self._change(player, target)
            except Exception as error:  # noqa: BLE001 - a bot's own player may raise anything
                log.warning("Guild %d could not be moved to %s: %r", player.guild_id, target.name, error)
                self._client.publish(PlayerMigrationFailedEvent(player, target, error))
                failed.append(target)
        if player.node is node and node.is_ready:
            await self._client.keeper.settled(player)  # its node came back before anything else took it

    def _door(self, target: Node) -> asyncio.Semaphore:
        """Whoever moves a player to `target` passes through here."""
        door = self._doors.get(target)
        if door is None:
            door = self._doors[target] = asyncio.Semaphore(self._policy.per_target)
        return door

    async def _change(self, player: BasePlayer, target: Node) -> None:
        old = player.node
        original = player._original_node
        await player.change_node(target)
        if self._client.node_manager._connect_back:
            player._original_node = original or old
        outage_ms = self._client.keeper.outage_ms(player)
        self._client.publish(PlayerMigratedEvent(player, old, target, outage_ms))
        await self._client.keeper.settled(player)

    def _wait(self, player: BasePlayer) -> None:
        if player not in self.waiting and not player._destroyed:
            self.waiting.append(player)

    async def _place(self, player: BasePlayer) -> None:
        """Give a waiting player a node, or let it go on waiting."""
        if player._destroyed or player.node.is_ready:
            return
        await self._move(player, player.node)

    async def _bring_back(self, player: BasePlayer) -> None:
        original = player._original_node
        if original is None or player._destroyed:
            return
        try:
            async with self._door(original):
                await player.change_node(original)
            player._original_node = None
        except Exception as error:  # noqa: BLE001 - a bot's own player may raise anything
            log.warning("Guild %d could not return to %s: %r", player.guild_id, original.name, error)
            self._client.publish(PlayerMigrationFailedEvent(player, original, error))

    async def _remove(self, node: Node) -> None:
        node.is_draining = True
        await self._migrate(node)
        await node.destroy()

    async def _destroy_all(self, node: Node) -> None:
        for guild_id in list(node.roster):
            await self._client.player_manager.destroy_because(guild_id, "node_lost")


async def revive(player: BasePlayer) -> bool:
    """Set a player up anew on its own node, which has lost it; False when the node need not know anything."""
    if isinstance(player, MovingPlayer):
        return await player.restore()
    await player.change_node(player.node)
    return True
