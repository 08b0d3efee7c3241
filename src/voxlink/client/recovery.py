"""Voice connections that are lost: which losses heal by themselves, which need a rejoin, which are final."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voxlink.client.events import PlayerDisconnectedEvent, PlayerErrorEvent, WebSocketClosedEvent
from voxlink.client.voice_out import VoiceOut

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client

__all__ = ["Recovery", "VoiceLoss", "VoiceRecoveryPolicy", "classify_close"]

log = logging.getLogger("voxlink.client.voice")


class VoiceLoss(enum.Enum):
    """What a close of a voice connection asks for."""

    NOTHING = "nothing"
    REJOIN = "rejoin"
    LEFT = "left"
    FATAL = "fatal"


REJOIN_CODES = frozenset({1006, 4006, 4009, 4015})
LEFT_CODES = frozenset({4014})
FATAL_CODES = frozenset({4004, 4011, 4016, 4017, 4020, 4021, 4022})
FATAL_WORDS = {
    4017: "the call is end-to-end encrypted and the node cannot do that (Lavalink 4.2 or later can)",
    4021: "Discord asks for no reconnect: it limits this bot's connections",
    4022: "the call was ended",
}


def classify_close(code: int) -> VoiceLoss:
    """Which loss a close code of Discord's voice gateway is.

    4006 and 4009 (session gone or timed out) and 4015 (server crashed) heal with a new session. 4014 is a kick, a
    deleted channel or a move: the voice state that comes with it says which. Others (Discord's voice close codes) are
    final.
    """
    if code in REJOIN_CODES:
        return VoiceLoss.REJOIN
    if code in LEFT_CODES:
        return VoiceLoss.LEFT
    return VoiceLoss.FATAL if code in FATAL_CODES else VoiceLoss.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRecoveryPolicy:
    """What is done about a lost voice connection.

    The channel is left and joined again with the player's `send_voice` (an adapter's, or that of the client). `rejoin`,
    a coroutine function of guild and channel id, does it in its place; with neither of them all that can be done is to
    send the known voice state to the node again. Not more often than every `cool_down_s`. A node that reports
    `connected: false` for `stalled_s` counts as a loss.
    """

    rejoin: Callable[[int, int], Awaitable[object]] | None = field(default=None)
    cool_down_s: float = 10.0
    stalled_s: float = 15.0
    enabled: bool = True


class Recovery:
    """Watches the voice connections of all players."""

    def __init__(self, client: Client, policy: VoiceRecoveryPolicy) -> None:
        self._client = client
        self._policy = policy
        self._last_try: dict[int, float] = {}
        self._silent_since: dict[int, float] = {}

    def saw_close(self, player: BasePlayer, event: WebSocketClosedEvent) -> None:
        """Discord (or the node) closed a player's voice connection."""
        loss = classify_close(event.code)
        if loss is VoiceLoss.FATAL:
            why = FATAL_WORDS.get(event.code, event.reason or "Discord refuses the connection")
            log.error("The voice connection of guild %d is lost for good: %d, %s", player.guild_id, event.code, why)
            self._client.publish(PlayerDisconnectedEvent(player, "voice_closed", player.channel_id, event.code))
        elif loss is VoiceLoss.REJOIN and event.by_remote:
            self._try(player, f"close code {event.code}")

    def saw_state(self, player: BasePlayer, connected: bool) -> None:
        """A node reported whether a player's voice connection stands."""
        guild_id = player.guild_id
        if connected or player.channel_id is None or player.current is None:
            self._silent_since.pop(guild_id, None)
            return
        now = self._client.now()
        since = self._silent_since.setdefault(guild_id, now)
        if now - since >= self._policy.stalled_s:
            self._silent_since[guild_id] = now
            self._try(player, f"no connection for {self._policy.stalled_s:g} s")

    def forget(self, guild_id: int) -> None:
        """The player is gone."""
        self._last_try.pop(guild_id, None)
        self._silent_since.pop(guild_id, None)

    def _try(self, player: BasePlayer, why: str) -> None:
        now = self._client.now()
        last = self._last_try.get(player.guild_id)
        if not self._policy.enabled or (last is not None and now - last < self._policy.cool_down_s):
            return
        self._last_try[player.guild_id] = now
        log.warning("Joining the voice channel of guild %d again: %s", player.guild_id, why)
        self._client.tasks.spawn(self._rejoin(player), f"rejoin-{player.guild_id}")

    async def _rejoin(self, player: BasePlayer) -> None:
        channel_id = player.channel_id
        if channel_id is None or player._destroyed:
            return
        try:
            if self._policy.rejoin is not None:
                async with asyncio.timeout(self._policy.cool_down_s):
                    await self._policy.rejoin(player.guild_id, channel_id)
            elif isinstance(player, VoiceOut) and player.send_voice is not None:
                await player.join_again(timeout=self._policy.cool_down_s)
            else:
                player._voice_pending = True
                await player._dispatch_voice_update()
        except Exception as error:  # noqa: BLE001 - a bot's own function may raise anything
            log.warning("The voice channel of guild %d could not be joined again: %r", player.guild_id, error)
            self._client.publish(PlayerErrorEvent(player, error))
