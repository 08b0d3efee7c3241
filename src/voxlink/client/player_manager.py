"""The players of a client, by guild."""
# pyright: reportPrivateUsage=false, reportUnnecessaryIsInstance=false, reportUnnecessaryComparison=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from voxlink.client.base_player import BasePlayer
from voxlink.client.events import PlayerCreatedEvent, PlayerDestroyedEvent
from voxlink.errors import BadValue, ClientError, LavalinkError

if TYPE_CHECKING:
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["PlayerManager"]

log = logging.getLogger("voxlink.client.player")

PlayerT = TypeVar("PlayerT", bound=BasePlayer)


class PlayerManager:
    """All players of a client. `len()` counts them; iteration gives (guild id, player) pairs. Guild ids may be
    texts.
    """

    def __init__(self, client: Client, player: type[BasePlayer]) -> None:
        if not (isinstance(player, type) and issubclass(player, BasePlayer)):
            raise BadValue(f"{player!r} is no subclass of BasePlayer")
        self.client = client
        self._player_cls: type[BasePlayer] = player
        self.players: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self.players)

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        return iter(list(self.players.items()))

    def values(self) -> Iterator[Any]:
        """The players."""
        return iter(list(self.players.values()))

    def find_all(self, predicate: Callable[[Any], bool] | None = None) -> list[Any]:
        """The players that `predicate` accepts; all without one."""
        return [player for player in self.players.values() if predicate is None or predicate(player)]

    def get(self, guild_id: int) -> Any:
        """The player of a guild, or None."""
        return self.players.get(int(guild_id))

    def remove(self, guild_id: int) -> None:
        """Forget a player here; its node is told in the background, so that no player is left there without an owner.

        Does nothing for a guild without a player.
        """
        player = self._take(int(guild_id), "removed")
        if player is not None and player.node.session_id is not None:
            self.client.spawn_if_running(self._tell_node(player), f"remove-{guild_id}")

    @overload
    def create(
        self,
        guild_id: int,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        node: Node | None = None,
        node_filter: Callable[[Node], bool] | None = None,
        cls: None = None,
    ) -> Any: ...
    @overload
    def create(
        self,
        guild_id: int,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        node: Node | None = None,
        node_filter: Callable[[Node], bool] | None = None,
        cls: type[PlayerT],
    ) -> PlayerT: ...
    def create(
        self,
        guild_id: int,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        node: Node | None = None,
        node_filter: Callable[[Node], bool] | None = None,
        cls: type[BasePlayer] | None = None,
    ) -> Any:
        """The guild's player, made if there is none (an existing one may be of another class).

        The node: `node`, else the best of `endpoint`'s region, of `region`, or of all; those that `node_filter` refuses
        are only used if it refuses all. Raises ValueError for a `cls` that is no player or for `node` together with
        `node_filter`, and `ClientError` if there is no node.
        """
        guild_id = int(guild_id)
        if cls is not None and not (isinstance(cls, type) and issubclass(cls, BasePlayer)):
            raise BadValue(f"{cls!r} is no subclass of BasePlayer")
        if node is not None and node_filter is not None:
            raise BadValue("give either node or node_filter")
        existing = self.players.get(guild_id)
        if existing is not None:
            return existing
        manager = self.client.node_manager
        if endpoint:
            region = manager.get_region(endpoint) or region
        chosen = node or manager.find_ideal_node(region, guild_id=guild_id, node_filter=node_filter) or self._any_node()
        return self._add((cls or self._player_cls)(guild_id, chosen))

    def _any_node(self) -> Node:
        """A node that is not ready yet but may be soon: the player's first commands wait for it."""
        for node in self.client.node_manager.nodes:
            if node.is_coming:
                return node
        raise ClientError("No available nodes!")

    def _add(self, player: Any) -> Any:
        self.players[player.guild_id] = player
        player.node.roster[player.guild_id] = player
        player.node.assigned += 1
        self.client.publish(PlayerCreatedEvent(player))
        self.client.feed_voice(player)
        self.client.keeper.mark(player)
        return player

    async def destroy(self, guild_id: int) -> None:
        """Destroy a guild's player here and on its node. Does nothing for a guild without a player.

        When the node cannot be reached the player is still gone here, and the node is told once it is back.
        """
        await self.destroy_because(int(guild_id), "requested")

    async def destroy_because(self, guild_id: int, reason: str) -> None:
        """The same, with the reason that the `PlayerDestroyedEvent` names."""
        player = self._take(guild_id, reason)
        if player is not None:
            await self._tell_node(player)

    def _take(self, guild_id: int, reason: str) -> BasePlayer | None:
        player = cast("BasePlayer | None", self.players.pop(guild_id, None))
        if player is None:
            return None
        player.node.roster.pop(guild_id, None)
        self.client.failover.forget(player)
        self.client.keeper.forget(guild_id)
        self.client.recovery.forget(guild_id)
        player._release()
        self.client.publish(PlayerDestroyedEvent(player, reason))
        return player

    async def _tell_node(self, player: BasePlayer) -> None:
        """DELETE the player on its node, after whatever command is still under way."""
        node = player.node
        if node.session_id is None:
            return
        async with player._lock:
            if player.guild_id in self.players:
                return  # created again in the meantime
            try:
                if await node.destroy_player(player.guild_id):
                    return
                error: object = "it refused"
            except LavalinkError as caught:
                error = caught
            log.warning("%s could not be told that guild %d's player is gone: %s", node.name, player.guild_id, error)
            node.session.orphans.add(player.guild_id)
