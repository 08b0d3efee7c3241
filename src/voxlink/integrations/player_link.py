"""One guild's player of a client, kept in step with what Discord says about the bot's place in that guild's voice.

Every library's adapter uses it: it turns Discord's two voice messages into the client's words, in the order in which
they came, and knows when the place is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from typing import Any

from voxlink.client import BasePlayer, Client
from voxlink.errors import VoxlinkError
from voxlink.integrations.membership import Membership

__all__ = ["PlayerLink"]

log = logging.getLogger("voxlink.integrations")

CLOSE_TIMEOUT_S = 5.0
"""A node has so long to be told that a player is gone; leaving the channel must not wait longer for it."""


class PlayerLink:
    """The player of one guild while the bot is in its voice. Making one makes the player, unless the client has it.

    Raises `ClientError` if the client has no node that could play.
    """

    def __init__(
        self,
        client: Client,
        guild_id: int,
        *,
        endpoint: str | None = None,
        player_class: type[BasePlayer] | None = None,
    ) -> None:
        self.client = client
        self.membership = Membership(guild_id)
        self.player: Any = client.player_manager.create(guild_id, endpoint=endpoint, cls=player_class)
        self._changed = asyncio.Event()
        self._news_at = -math.inf

    async def state(
        self, channel_id: int | None, session_id: str | None, *, self_mute: bool = False, self_deaf: bool = False
    ) -> bool:
        """Pass on the bot's own voice state; whether the bot has just lost its place.

        Returns when the node has been told. The order of calls is kept even if the ones before have not returned.
        """
        lost = self.membership.state(channel_id, session_id)
        self._tell()
        data = {
            "guild_id": str(self.membership.guild_id),
            "user_id": str(self.client.user_id),
            "channel_id": None if channel_id is None else str(channel_id),
            "session_id": session_id,
            "self_mute": self_mute,
            "self_deaf": self_deaf,
        }
        await self.client.voice_update_handler({"t": "VOICE_STATE_UPDATE", "d": data})
        return lost

    async def server(self, token: str, endpoint: str | None) -> None:
        """Pass on a voice server update; with a null endpoint the node waits for the next one."""
        self.membership.server(token, endpoint)
        self._tell()
        data = {
            "guild_id": str(self.membership.guild_id),
            "token": token,
            "endpoint": self.membership.endpoint,
        }
        await self.client.voice_update_handler({"t": "VOICE_SERVER_UPDATE", "d": data})

    async def wait_for_channel(self, channel_id: int) -> None:
        """Wait until Discord has the bot in this channel. Put a limit around it: Discord may stay silent."""
        while self.membership.channel_id != channel_id:
            await self.wait_for_news()

    def settle(self) -> None:
        """What Discord has said so far was the answer to a join of ours, and is no news."""
        self._news_at = -math.inf

    async def has_news(self, *, within_s: float) -> bool:
        """Whether Discord says, or has just said, something about this place; waits at most `within_s` for it."""
        if asyncio.get_running_loop().time() - self._news_at < within_s:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self.wait_for_news()
                return True
        return False

    async def wait_for_news(self) -> None:
        """Wait for the next message of Discord about this place."""
        changed = self._changed
        await changed.wait()

    def _tell(self) -> None:
        """Wake those who wait; the next ones wait for the next message."""
        self._news_at = asyncio.get_running_loop().time()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def close(self) -> None:
        """Destroy the player, here and on its node. Bounded; what fails is logged, for the player is gone here."""
        players = self.client.player_manager
        if players.get(self.membership.guild_id) is not self.player:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await players.destroy(self.membership.guild_id)
        except (VoxlinkError, TimeoutError) as error:
            log.warning("The player of guild %d was not ended in order: %r", self.membership.guild_id, error)
