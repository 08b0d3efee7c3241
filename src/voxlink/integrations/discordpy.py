"""Players for discord.py and its family (disnake, nextcord, py-cord): a `VoiceProtocol` class for `channel.connect`.

No library is imported here: the class is built on the one that the bot uses, whichever that is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from voxlink.client import BasePlayer, Client, DefaultPlayer
from voxlink.integrations.membership import Membership, Place
from voxlink.integrations.player_link import PlayerLink

__all__ = ["PlayerProtocol", "voice_protocol"]

log = logging.getLogger("voxlink.integrations")

BaseT = TypeVar("BaseT")

LEAVE_TIMEOUT_S = 5.0
RETURN_TIMEOUT_S = 12.0
"""How long Discord may take to let the bot in again; a little longer than the player itself waits."""


def voice_protocol(base: type[BaseT], client: Client, *, player_class: type[BasePlayer] | None = None) -> type[BaseT]:
    """Build the class to connect with, on a library's own `VoiceProtocol`.

    ```python
    Voice = voice_protocol(discord.VoiceProtocol, lavalink_client)
    voice = await channel.connect(cls=Voice, self_deaf=True)
    await voice.player.play(track)
    ```
    """
    members = {"player_client": client, "player_class": player_class}
    return cast("type[BaseT]", type("VoxlinkProtocol", (PlayerProtocol, base), members))


class PlayerProtocol:
    """The behaviour of the built class: joins, follows moves and region changes, ends with a kick or a disconnect."""

    client: Any
    channel: Any
    player_client: Client
    player_class: type[BasePlayer] | None

    def __init__(self, client: Any, channel: Any) -> None:
        super().__init__(client, channel)  # type: ignore[call-arg] - the library's base takes both
        self.channel = channel
        self._membership = Membership(channel.guild.id)
        self._changed = asyncio.Event()
        self._link: PlayerLink | None = None
        self._is_over = False
        self._return: asyncio.Task[None] | None = None

    @property
    def player(self) -> Any:
        """The player; None until the bot has joined."""
        return None if self._link is None else self._link.player

    def is_connected(self) -> bool:
        """Whether the bot is in the channel and has a player."""
        return self._link is not None and not self._is_over

    async def connect(
        self, *, timeout: float, reconnect: bool, self_deaf: bool = False, self_mute: bool = False
    ) -> None:
        """Called by the library. Whatever goes wrong, cancellation included, the channel is left and free again.

        Raises `TimeoutError` if Discord does not answer in time, `ClientError` if the client has no node.
        """
        try:
            async with asyncio.timeout(timeout):
                await self.channel.guild.change_voice_state(
                    channel=self.channel, self_mute=self_mute, self_deaf=self_deaf
                )
                place = await self._placed()
            guild_id = self.channel.guild.id
            link = PlayerLink(self.player_client, guild_id, endpoint=place.endpoint, player_class=self.player_class)
            self._link = link
            if isinstance(link.player, DefaultPlayer):
                link.player.send_voice = self._send_voice
            await link.state(place.channel_id, place.session_id, self_mute=self_mute, self_deaf=self_deaf)
            await link.server(place.token, place.endpoint)
        except BaseException:
            await self._over()
            raise

    async def _placed(self) -> Place:
        while (place := self._membership.place) is None:
            self._changed.clear()
            await self._changed.wait()
        return place

    async def on_voice_state_update(self, data: Any, /) -> None:
        """Called by the library with the bot's own voice state; a null channel before the join is an older leave's."""
        raw = raw_of(data)
        channel_id = int(raw["channel_id"]) if raw.get("channel_id") else None
        lost = self._membership.state(channel_id, raw.get("session_id"))
        self._changed.set()
        if channel_id is not None:
            self.channel = self.channel.guild.get_channel(channel_id) or self.channel
        if self._link is not None:
            # Asked before the state is passed on: a player that joins again is only away for a moment.
            comes_back = getattr(self.player, "is_rejoining", False)
            await self._link.state(
                channel_id,
                raw.get("session_id"),
                self_mute=bool(raw.get("self_mute")),
                self_deaf=bool(raw.get("self_deaf")),
            )
            if lost and comes_back:
                self._return = asyncio.ensure_future(self._back_or_over())
            elif lost:
                await self.disconnect(force=True)

    async def on_voice_server_update(self, data: Any, /) -> None:
        """Called by the library when Discord names a voice server."""
        raw = raw_of(data)
        self._membership.server(raw["token"], raw.get("endpoint"))
        self._changed.set()
        if self._link is not None:
            await self._link.server(raw["token"], raw.get("endpoint"))

    async def _back_or_over(self) -> None:
        """The bot is out of the channel to join it again; without an answer of Discord that is the end."""
        try:
            async with asyncio.timeout(RETURN_TIMEOUT_S):
                await self._placed()
        except TimeoutError:
            await self.disconnect(force=True)

    async def _send_voice(self, _guild_id: int, payload: Mapping[str, Any]) -> None:
        """What the player asks of Discord: the same channel again, for a voice session that was lost."""
        data = payload["d"]
        channel = data["channel_id"] and (self.channel.guild.get_channel(int(data["channel_id"])) or self.channel)
        await self.channel.guild.change_voice_state(
            channel=channel, self_mute=data["self_mute"], self_deaf=data["self_deaf"]
        )

    async def move_to(self, channel: Any) -> None:
        """Ask Discord to move the bot to another channel; the track goes on."""
        await self.channel.guild.change_voice_state(channel=channel)

    async def disconnect(self, *, force: bool = False) -> None:
        """Destroy the player and leave the channel. May be called any number of times."""
        await asyncio.shield(asyncio.ensure_future(self._over()))

    async def _over(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._return is not None and self._return is not asyncio.current_task():
            self._return.cancel()
        try:
            if self._link is not None:
                await self._link.close()
            async with asyncio.timeout(LEAVE_TIMEOUT_S):
                await self.channel.guild.change_voice_state(channel=None)
        except (OSError, RuntimeError) as error:  # the library's socket is gone: Discord has taken the bot out already
            log.warning("Could not tell Discord that we leave voice in guild %d: %r", self._membership.guild_id, error)
        finally:
            self.cleanup()  # type: ignore[attr-defined] - the library's own: it forgets the connection


def raw_of(data: Any) -> Mapping[str, Any]:
    """The dictionary of a payload; py-cord wraps it in an object whose own accessors warn."""
    return getattr(data, "_raw_data", data)
