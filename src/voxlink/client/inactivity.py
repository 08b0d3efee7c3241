"""Players that nobody needs: idle, alone in their channel, or paused for too long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from voxlink.client.events import Event, GuildEvent, InactivityEvent, PlayerDestroyedEvent, PlayerErrorEvent

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client

__all__ = ["Inactivity", "InactivityPolicy"]

log = logging.getLogger("voxlink.client.player")

Kind = Literal["idle", "alone", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InactivityPolicy:
    """When a player counts as inactive, in seconds (None: never), and what follows.

    `idle_s`: nothing plays; `alone_s`: nobody listens, as told by `player.set_listeners`; `paused_s`: paused. Then an
    `InactivityEvent` is published and `action` called with guild id and kind (an adapter leaves the channel in it);
    with `destroy` the player is destroyed as well.
    """

    idle_s: float | None = 300.0
    alone_s: float | None = 120.0
    paused_s: float | None = None
    destroy: bool = True
    action: Callable[[int, str], Awaitable[object]] | None = None


class Inactivity:
    """Watches the players of a client by their events; each has at most one timer of each kind."""

    def __init__(self, client: Client, policy: InactivityPolicy) -> None:
        self._client = client
        self._policy = policy
        self._timers: dict[tuple[int, Kind], asyncio.TimerHandle] = {}
        client.dispatcher.tap(GuildEvent, self._saw)

    def close(self) -> None:
        """Forget every timer."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def look(self, player: BasePlayer) -> None:
        """See how a player is doing and start or stop its timers. Needs a running event loop."""
        self._set(player, "idle", self._policy.idle_s, is_on=_is(player, "idle"))
        self._set(player, "paused", self._policy.paused_s, is_on=_is(player, "paused"))
        self._set(player, "alone", self._policy.alone_s, is_on=_is(player, "alone"))

    def _saw(self, event: Event) -> None:
        if not isinstance(event, GuildEvent) or not self._client.is_running or isinstance(event, InactivityEvent):
            return
        if isinstance(event, PlayerDestroyedEvent):
            for kind in ("idle", "alone", "paused"):
                self._stop(event.player.guild_id, kind)
        else:
            self.look(event.player)

    def _set(self, player: BasePlayer, kind: Kind, after_s: float | None, *, is_on: bool) -> None:
        key = (player.guild_id, kind)
        if not is_on or after_s is None:
            self._stop(*key)
        elif key not in self._timers:
            self._timers[key] = asyncio.get_running_loop().call_later(after_s, self._due, player, kind)

    def _stop(self, guild_id: int, kind: Kind) -> None:
        timer = self._timers.pop((guild_id, kind), None)
        if timer is not None:
            timer.cancel()

    def _due(self, player: BasePlayer, kind: Kind) -> None:
        self._timers.pop((player.guild_id, kind), None)
        if self._client.players.get(player.guild_id) is player and not self._client.is_closed:
            log.info("The player of guild %d is inactive (%s)", player.guild_id, kind)
            self._client.publish(InactivityEvent(player, kind))
            self._client.tasks.spawn(self._act(player, kind), f"inactive-{player.guild_id}")

    async def _act(self, player: BasePlayer, kind: Kind) -> None:
        if self._policy.action is not None:
            try:
                await self._policy.action(player.guild_id, kind)
            except Exception as error:
                log.exception("The inactivity action of guild %d raised", player.guild_id)
                self._client.publish(PlayerErrorEvent(player, error))
        if self._policy.destroy and self._client.players.get(player.guild_id) is player and _is(player, kind):
            await self._client.player_manager.destroy_because(player.guild_id, "inactivity")


def _is(player: BasePlayer, kind: Kind) -> bool:
    """Whether a player is inactive in this way now."""
    if kind == "idle":
        return player.current is None
    if kind == "paused":
        return bool(getattr(player, "paused", False)) and player.current is not None
    return player.channel_id is not None and getattr(player, "listeners", None) == 0
