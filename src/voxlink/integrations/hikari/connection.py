"""hikari's `VoiceConnection` over a player: on a node, or on the voice engine without one."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self, cast

import hikari
from hikari.api import VoiceComponent, VoiceConnection

from voxlink.client import Client, WebSocketClosedEvent
from voxlink.errors import BadType
from voxlink.integrations.membership import plain_endpoint
from voxlink.integrations.native_client import NativeClient
from voxlink.integrations.player_link import PlayerLink
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.client import BasePlayer
    from voxlink.playback.ears import Ears
    from voxlink.playback.feed import SoundFormat
    from voxlink.playback.pulling import Pieces

__all__ = ["LavalinkVoiceConnection", "NativeVoiceConnection"]

log = logging.getLogger("voxlink.hikari")

OnClose = Callable[[Any], Awaitable[None]]

NEWS_TIMEOUT_S = 5.0
"""After 4014 (moved, kicked, or the gateway session is over) Discord says within this what it was, or never."""
SHARD_TIMEOUT_S = 60.0
"""A shard that reconnects is waited for so long before a connection that needs it is given up."""
FRESH_CODES = frozenset({4006, 4009})
"""Voice close codes after which only a new join helps (voice.md 1.3, "Close codes")."""
DISCONNECTED_CODE = 4014


class PlayerConnection(VoiceConnection):
    """What both connections share: a player that follows the bot's place in voice, and one orderly end."""

    __slots__ = (
        "_closes_client",
        "_ended",
        "_ending",
        "_flags",
        "_guild_id",
        "_is_rejoining",
        "_link",
        "_on_close",
        "_owner",
        "_shard_id",
        "_user_id",
    )

    def __init__(
        self,
        link: PlayerLink,
        *,
        on_close: OnClose,
        owner: VoiceComponent,
        shard_id: int,
        user_id: hikari.Snowflake,
        closes_client: bool = False,
    ) -> None:
        self._link = link
        self._guild_id = hikari.Snowflake(link.membership.guild_id)
        self._on_close = on_close
        self._owner = owner
        self._shard_id = shard_id
        self._user_id = user_id
        self._closes_client = closes_client
        self._flags: tuple[bool, bool] | None = None
        self._is_rejoining = False
        self._ending: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    def __repr__(self) -> str:
        state = "alive" if self.is_alive else "ended"
        return f"<{type(self).__name__} guild={self._guild_id} channel={self._link.membership.channel_id} {state}>"

    @classmethod
    async def _open(
        cls,
        client: Client,
        hook: dict[str, Any],
        player_class: type[BasePlayer] | None,
        *,
        closes_client: bool = False,
    ) -> Self:
        """Make the player and tell its node where Discord wants it."""
        endpoint = plain_endpoint(hook["endpoint"])
        link = PlayerLink(client, hook["guild_id"], endpoint=endpoint, player_class=player_class)
        connection = cls(
            link,
            on_close=hook["on_close"],
            owner=hook["owner"],
            shard_id=hook["shard_id"],
            user_id=hook["user_id"],
            closes_client=closes_client,
        )
        client.add_event_hook(connection._voice_closed, event=WebSocketClosedEvent)
        try:
            await link.state(hook["channel_id"], hook["session_id"])
            await link.server(hook["token"], endpoint)
            link.settle()
        except BaseException:
            client.remove_event_hooks(events=[WebSocketClosedEvent], hooks=[connection._voice_closed])
            await link.close()
            raise
        return connection

    # What hikari asks for

    @property
    def channel_id(self) -> hikari.Snowflake:
        """The channel that Discord has the bot in; after the end the last one."""
        return hikari.Snowflake(self._link.membership.last_channel_id)

    @property
    def guild_id(self) -> hikari.Snowflake:
        """The guild."""
        return self._guild_id

    @property
    def is_alive(self) -> bool:
        """False from the moment of a disconnect or a kick on."""
        return self._ending is None

    @property
    def owner(self) -> VoiceComponent:
        """The component that made the connection."""
        return self._owner

    @property
    def shard_id(self) -> int:
        """The shard that the guild is on."""
        return self._shard_id

    @property
    def player(self) -> Any:
        """The player: a `DefaultPlayer`, or of the class that `connect_to` was given as `player_class`."""
        return self._link.player

    @property
    def client(self) -> Client:
        """The client that the player belongs to."""
        return self._link.client

    async def disconnect(self) -> None:
        """Destroy the player and leave the channel. Called again it waits for the same end.

        Cancelling the caller does not undo it: the end goes on in the background.
        """
        await asyncio.shield(self._end())

    async def join(self) -> None:
        """Wait until the connection has ended, by `disconnect`, a kick or anything else."""
        await self._ended.wait()

    async def notify(self, event: hikari.VoiceEvent) -> None:
        """Take an event of the guild. Calls may overlap: the order in which they began is kept."""
        if not self.is_alive:
            return
        if isinstance(event, hikari.VoiceServerUpdateEvent):
            await self._link.server(event.token, event.raw_endpoint)
        elif isinstance(event, hikari.VoiceStateUpdateEvent) and event.state.user_id == self._user_id:
            state = event.state
            self._flags = (state.is_self_deafened, state.is_self_muted)
            lost = await self._link.state(state.channel_id, state.session_id)
            if lost and not self._is_rejoining:
                await self.disconnect()

    # What users ask for

    async def move_to(
        self, channel: hikari.SnowflakeishOr[hikari.GuildVoiceChannel], *, timeout: float | None = 5
    ) -> None:
        """Move to another channel of the guild; the track goes on.

        Raises `VoiceError` if Discord does not move the bot within `timeout` seconds, and
        `ComponentStateConflictError` while the shard is not connected; the bot then stays where it is.
        """
        if not self.is_alive:
            raise hikari.VoiceError("The voice connection has ended")
        channel_id = hikari.Snowflake(channel)
        try:
            async with asyncio.timeout(timeout):
                await self._ask_for(channel_id)
                await self._link.wait_for_channel(channel_id)
        except TimeoutError as error:
            raise hikari.VoiceError(f"Could not move to voice channel {channel_id}.") from error

    async def _ask_for(self, channel_id: hikari.Snowflake | None) -> None:
        deaf, mute = self._flags_now()
        shard = app_of(self._owner).shards[self._shard_id]
        await shard.update_voice_state(self._guild_id, channel_id, self_deaf=deaf, self_mute=mute)

    def _flags_now(self) -> tuple[bool, bool]:
        """Deaf and mute as Discord last said; op 4 would otherwise take them back."""
        if self._flags is not None:
            return self._flags
        cached = app_of(self._owner).cache.get_voice_state(self._guild_id, self._user_id)
        return (False, False) if cached is None else (cached.is_self_deafened, cached.is_self_muted)

    # How it ends, and how it does not

    def _end(self) -> asyncio.Task[None]:
        if self._ending is None:
            self._ending = asyncio.create_task(self._finish(), name=f"voice-end-{self._guild_id}")
        return self._ending

    async def _finish(self) -> None:
        client = self._link.client
        try:
            client.remove_event_hooks(events=[WebSocketClosedEvent], hooks=[self._voice_closed])
            await self._link.close()
            if self._closes_client:
                await client.close()
        finally:
            try:
                await self._on_close(self)
            finally:
                self._ended.set()

    async def _voice_closed(self, event: WebSocketClosedEvent) -> None:
        """The voice server closed the connection: wait for Discord's word, and join again where none comes."""
        is_mine = event.player is self._link.player and event.by_remote
        if not is_mine or not self.is_alive or self._is_rejoining:
            return
        if event.code == DISCONNECTED_CODE:
            if await self._link.has_news(within_s=NEWS_TIMEOUT_S):
                return
        elif event.code not in FRESH_CODES:
            return
        await self._rejoin()

    async def _shard_connected(self) -> None:
        """Wait until the shard can be spoken to. Raises `TimeoutError` after `SHARD_TIMEOUT_S`."""
        app = app_of(self._owner)
        if not app.shards[self._shard_id].is_connected:
            await app.event_manager.wait_for(
                hikari.ShardConnectedEvent,
                timeout=SHARD_TIMEOUT_S,
                predicate=lambda event: event.shard.id == self._shard_id,
            )

    async def _rejoin(self) -> None:
        """Leave and join the same channel, for a new voice session; end the connection if Discord does not answer."""
        old, channel_id = self._link.membership.place, self._link.membership.channel_id
        if channel_id is None or not self.is_alive:
            return
        log.warning("Joining voice channel %d of guild %d again", channel_id, self._guild_id)
        self._is_rejoining = True
        try:
            await self._shard_connected()
            # What is known of the old voice server must not be sent beside the new session id.
            await self._link.server("", None)
            async with asyncio.timeout(NEWS_TIMEOUT_S):
                await self._ask_for(None)
                await self._ask_for(hikari.Snowflake(channel_id))
                while self._link.membership.place in {None, old}:
                    await self._link.wait_for_news()
            self._link.settle()
        except (TimeoutError, hikari.HikariError) as error:
            log.warning("Voice channel %d could not be joined again: %r", channel_id, error)
            await self.disconnect()
        finally:
            self._is_rejoining = False


class LavalinkVoiceConnection(PlayerConnection):
    """Plays on a Lavalink node through a `voxlink.Client`.

    ```python
    connection = await bot.voice.connect_to(guild, channel, LavalinkVoiceConnection, client=client, deaf=True)
    await connection.player.play(track)
    ```
    """

    __slots__ = ()

    @classmethod
    async def initialize(
        cls,
        channel_id: hikari.Snowflake,
        endpoint: str,
        guild_id: hikari.Snowflake,
        on_close: OnClose,
        owner: VoiceComponent,
        session_id: str,
        shard_id: int,
        token: str,
        user_id: hikari.Snowflake,
        **kwargs: Any,
    ) -> Self:
        """Called by the component. `kwargs`: `client`, and `player_class` for a player class of one's own.

        A node that is away is told where to connect as soon as it is back. Raises `ClientError` if the client has no
        node, `BadType` for other keywords.
        """
        client = kwargs.pop("client", None)
        player_class = kwargs.pop("player_class", None)
        if not isinstance(client, Client) or kwargs:
            raise BadType(f"{cls.__name__} takes client=voxlink.Client(...) and player_class=, not {sorted(kwargs)}")
        hook = {
            "channel_id": channel_id, "endpoint": endpoint, "guild_id": guild_id, "on_close": on_close, "owner": owner,
            "session_id": session_id, "shard_id": shard_id, "token": token, "user_id": user_id,
        }  # fmt: skip
        return await cls._open(cast("Client", client), hook, player_class)


class NativeVoiceConnection(PlayerConnection):
    """Plays with nothing but Python: the voice engine directly, in its own process, and no node.

    The player has the verbs of the Lavalink one. Several connections share a `NativeClient` given as `client`;
    without one each connection has an engine of its own.
    """

    __slots__ = ()

    @classmethod
    async def initialize(
        cls,
        channel_id: hikari.Snowflake,
        endpoint: str,
        guild_id: hikari.Snowflake,
        on_close: OnClose,
        owner: VoiceComponent,
        session_id: str,
        shard_id: int,
        token: str,
        user_id: hikari.Snowflake,
        **kwargs: Any,
    ) -> Self:
        """Called by the component. `kwargs`: `client` (a `NativeClient`) and `player_class`; both optional.

        Raises `MissingExtra` without the packages of the `hikari` extra, `BadType` for other keywords.
        """
        client = kwargs.pop("client", None)
        player_class = kwargs.pop("player_class", None)
        if kwargs or not (client is None or isinstance(client, NativeClient)):
            raise BadType(f"{cls.__name__} takes client=NativeClient(...) and player_class=, not {sorted(kwargs)}")
        hook = {
            "channel_id": channel_id, "endpoint": endpoint, "guild_id": guild_id, "on_close": on_close, "owner": owner,
            "session_id": session_id, "shard_id": shard_id, "token": token, "user_id": user_id,
        }  # fmt: skip
        if client is not None:
            return await cls._open(client, hook, player_class)
        own = NativeClient(int(user_id))
        try:
            return await cls._open(own, hook, player_class, closes_client=True)
        except BaseException:
            await own.close()
            raise

    @property
    def client(self) -> NativeClient:
        """The client that the player belongs to."""
        return cast("NativeClient", self._link.client)

    async def play(
        self,
        source: str | os.PathLike[str] | AudioTrack | Pieces,
        *,
        sound: SoundFormat | None = None,
        title: str = "",
        **options: Any,
    ) -> AudioTrack:
        """Play a file, an address, a track, or what an iterator hands over, in place of what plays now.

        An iterator needs `sound`: "opus" (packets of 20 ms) or "pcm" (48 kHz, stereo, 16 bit, little-endian), and may
        have a `title`. `options` are those of `player.play`. Gives the track. Raises `NoMatches` where a name finds
        nothing, `LoadFailed` where it cannot be loaded, and the errors of `player.play`.
        """
        if isinstance(source, str | os.PathLike):
            track = await self.client.find(source)
        elif isinstance(source, AudioTrack):
            track = source
        elif sound is None:
            raise BadType("an iterator is played with sound='opus' or sound='pcm'")
        else:
            track = self.client.pieces(source, sound=sound, title=title)
        await self.player.play(track, **options)
        return track

    def listen(self) -> Ears:
        """What the others in the channel say, as PCM: `with connection.listen() as ears: async for heard in ears: …`.

        Join with `deaf=False`, or there is nothing to hear.
        """
        return self.client.listen(self._guild_id)


def app_of(owner: VoiceComponent) -> hikari.GatewayBotAware:
    """The bot behind a component. hikari's own component keeps it in a private attribute; ours has `app`."""
    app = getattr(owner, "app", None) or getattr(owner, "_app", None)
    if app is None:
        raise hikari.VoiceError(f"{type(owner).__name__} does not say which bot it belongs to")
    return app
