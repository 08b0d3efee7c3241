"""The players of a client, by guild."""
# pyright: reportPrivateUsage=false, reportUnnecessaryIsInstance=false, reportUnnecessaryComparison=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from voxlink.client.base_player import BasePlayer
from voxlink.client.events import PlayerCreatedEvent, PlayerDestroyedEvent
from voxlink.errors import BadValue, LavalinkError

if TYPE_CHECKING:
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["PlayerManager"]

log = logging.getLogger("voxlink.client.player")

REMEMBERED = 10_000

if TYPE_CHECKING:
    PlayerT = TypeVar("PlayerT", bound=BasePlayer, default=Any)  # pyright: ignore[reportGeneralTypeIssues]
else:  # before Python 3.13 a default is for type checkers only
    PlayerT = TypeVar("PlayerT", bound=BasePlayer)
OtherT = TypeVar("OtherT", bound=BasePlayer)


class PlayerManager(Generic[PlayerT]):
    """All players of a client, of the class `PlayerT`.

    `len()` counts them; iteration gives (guild id, player) pairs. Guild ids may be texts.
    """

    def __init__(self, client: Client[PlayerT], player: type[PlayerT]) -> None:
        if not (isinstance(player, type) and issubclass(player, BasePlayer)):
            raise BadValue(f"{player!r} is no subclass of BasePlayer")
        self.client = client
        self._player_cls: type[PlayerT] = player
        self._players: dict[int, PlayerT] = _Players(self)
        self._nodes_before: dict[int, Node] = {}

    @property
    def players(self) -> dict[int, PlayerT]:
        """The players by guild id. A player that a manager of the bot's own puts in here is looked after like one that
        `create` made.
        """
        return self._players

    @players.setter
    def players(self, players: dict[int, PlayerT]) -> None:
        if type(players) is not dict:
            self._players = players
            return
        self._players = _Players(self)
        for guild_id, player in players.items():
            self._players[guild_id] = player

    def __len__(self) -> int:
        return len(self.players)

    def __iter__(self) -> Iterator[tuple[int, PlayerT]]:
        return iter(list(self.players.items()))

    def values(self) -> Iterator[PlayerT]:
        """The players."""
        return iter(list(self.players.values()))

    def find_all(self, predicate: Callable[[PlayerT], bool] | None = None) -> list[PlayerT]:
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
    ) -> PlayerT: ...
    @overload
    def create(
        self,
        guild_id: int,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        node: Node | None = None,
        node_filter: Callable[[Node], bool] | None = None,
        cls: type[OtherT],
    ) -> OtherT: ...
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
        previous = self._nodes_before.get(guild_id)
        best = manager.find_ideal_node(
            region, guild_id=guild_id, node_filter=node_filter, previous=previous, endpoint=endpoint
        )
        player: Any = (cls or self._player_cls)(guild_id, node or best or self._any_node())
        self.players[guild_id] = player
        return player

    def _any_node(self) -> Node:
        """A node that is not ready yet but may be soon: the player's first commands wait for it."""
        for node in self.client.node_manager.nodes:
            if node.is_coming:
                return node
        raise self.client.node_manager.nothing_available()

    def welcome(self, player: BasePlayer) -> None:
        """A player is in the table: from now on its node, the store and the voice messages that wait know of it."""
        player.node.roster[player.guild_id] = player
        player.node.assigned += 1
        self.client.publish(PlayerCreatedEvent(player))
        self.client.feed_voice(player)
        self.client.recorder.mark(player)

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
        self._note_node(guild_id, player.node)
        self.client.failover.forget(player)
        self.client.keeper.forget(guild_id)
        self.client.recovery.forget(guild_id)
        player._release()
        self.client.publish(PlayerDestroyedEvent(player, reason))
        return player

    def _note_node(self, guild_id: int, node: Node) -> None:
        """Remember where a guild played last, for `Sticky`."""
        self._nodes_before.pop(guild_id, None)
        self._nodes_before[guild_id] = node
        while len(self._nodes_before) > REMEMBERED:
            del self._nodes_before[next(iter(self._nodes_before))]

    async def _tell_node(self, player: BasePlayer) -> None:
        """DELETE the player on its node, after whatever command is still under way."""
        node = player.node
        if node.session_id is None:
            return
        # Who leaves does not wait for a deferred track: what its play would send is refused from now on.
        async with contextlib.nullcontext() if player._is_loading else player._command_lock:
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


class _Players(dict[int, Any]):
    """Players by guild. Each new one is made known, whoever puts it in."""

    def __init__(self, manager: PlayerManager) -> None:
        super().__init__()
        self._manager = manager

    def __setitem__(self, guild_id: int, player: Any) -> None:
        is_new = self.get(guild_id) is not player
        super().__setitem__(guild_id, player)
        if is_new:
            self._manager.welcome(player)
