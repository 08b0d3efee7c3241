"""Raw op 4 out: how a player asks Discord for a channel through the bot's own library, whichever that is."""
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

from voxlink.client.moving_player import MovingPlayer
from voxlink.errors import UsageError

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["VoiceOut", "voice_state_payload"]

SendVoice = Callable[[int, dict[str, Any]], object]
"""Sends a payload on the shard of a guild: a function or coroutine function of the guild's id and the payload."""


def voice_state_payload(
    guild_id: int, channel_id: int | None, *, self_mute: bool = False, self_deaf: bool = False
) -> dict[str, Any]:
    """Discord's op 4, ready for a gateway's `send_json`: join a channel, move to it, or leave with None."""
    data = {
        "guild_id": str(guild_id),
        "channel_id": None if channel_id is None else str(channel_id),
        "self_mute": self_mute,
        "self_deaf": self_deaf,
    }
    return {"op": 4, "d": data}


class VoiceOut(MovingPlayer):
    """The part of a player that joins, moves and leaves.

    It needs somebody who sends op 4: `Client(send_voice=…)`, or an adapter that sets `send_voice` of the player.
    """

    __slots__ = ("_rejoins", "send_voice")

    def __init__(self, guild_id: int, node: Node) -> None:
        super().__init__(guild_id, node)
        self.send_voice: SendVoice | None = self.client.send_voice
        self._rejoins = False

    @property
    def is_rejoining(self) -> bool:
        """Whether the bot has left its channel only to join it again, for a new voice session."""
        return self._rejoins

    async def connect(
        self, channel_id: int, *, self_deaf: bool = False, self_mute: bool = False, timeout: float = 10.0
    ) -> None:
        """Join a channel, or move to it; returns when the node knows where to connect.

        Raises `UsageError` if nobody sends op 4 for this player, TimeoutError if Discord does not answer within
        `timeout` seconds (no permission, a channel that is full or gone), and what `send_voice` raises. What was asked
        of Discord is taken back then, and when this is cancelled.
        """
        if channel_id == self.channel_id and self._voice_complete:
            await self._ask_discord(channel_id, self_mute, self_deaf)  # Discord answers nothing new to that
            return
        before = self.channel_id
        try:
            async with asyncio.timeout(timeout), self._voice_reaches_node():
                await self._ask_discord(channel_id, self_mute, self_deaf)
        except BaseException:
            with contextlib.suppress(Exception):
                await self._ask_discord(before, self_mute, self_deaf)
            raise

    async def move_to(self, channel_id: int, *, timeout: float = 10.0) -> None:
        """Move to another channel, deaf and mute as before; the track goes on. Raises as `connect` does."""
        self_mute, self_deaf = self._self_flags
        await self.connect(channel_id, self_mute=self_mute, self_deaf=self_deaf, timeout=timeout)

    async def disconnect(self, *, destroy: bool = True) -> None:
        """Leave the channel and, unless `destroy` is False, destroy the player. Raises `UsageError` as `connect` does.

        A player that is kept goes on with its track when it joins again.
        """
        try:
            await self._ask_discord(None, self_mute=False, self_deaf=False)
        finally:
            if destroy:
                await self.client.player_manager.destroy(self.guild_id)

    async def join_again(self, *, timeout: float) -> None:
        """Leave the channel and join it again for a new voice session; queue and track stay.

        Raises as `connect` does; if Discord did not let the bot in again, the player counts as disconnected.
        """
        channel_id = self.channel_id
        if channel_id is None:
            return
        self_mute, self_deaf = self._self_flags
        self._rejoins = True
        try:
            async with asyncio.timeout(timeout), self._voice_reaches_node():
                await self._ask_discord(None, self_mute=self_mute, self_deaf=self_deaf)
                await self._ask_discord(channel_id, self_mute, self_deaf)
        finally:
            self._rejoins = False
            if not self._voice_state.get("sessionId") and not self._destroyed:
                self.channel_id = None
                self._voice_left(channel_id)

    def _voice_left(self, channel_id: int) -> None:
        if self._rejoins:
            self.channel_id = channel_id  # it is coming back
        else:
            super()._voice_left(channel_id)

    async def _ask_discord(self, channel_id: int | None, self_mute: bool, self_deaf: bool) -> None:
        if self.send_voice is None:
            raise UsageError(
                "nobody sends op 4 for this player: give Client(send_voice=…) a function that sends a payload, "
                "or join the channel with your library"
            )
        payload = voice_state_payload(self.guild_id, channel_id, self_mute=self_mute, self_deaf=self_deaf)
        sent = self.send_voice(self.guild_id, payload)
        if inspect.isawaitable(sent):
            await sent

    @contextlib.asynccontextmanager
    async def _voice_reaches_node(self) -> AsyncGenerator[None, None]:
        """At the end of the block wait until a voice state that came after its beginning has reached the node."""
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._voice_waiters = [*self._voice_waiters, reached]
        try:
            yield
            await reached
        finally:
            self._voice_waiters = [waiter for waiter in self._voice_waiters if waiter is not reached]
            if not reached.cancel() and not reached.cancelled():
                reached.exception()  # whoever waited was told, or has a reason of his own
