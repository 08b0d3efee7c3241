"""hikari's `VoiceComponent` without the races of hikari's own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import types
from collections.abc import Mapping
from typing import Any, Self, TypeVar

import hikari
from hikari.api import VoiceComponent as AbstractVoiceComponent
from hikari.api import VoiceConnection as AbstractVoiceConnection

from voxlink.integrations.hikari.join import Join
from voxlink.integrations.membership import Place

__all__ = ["VoiceComponent"]

log = logging.getLogger("voxlink.hikari")

ConnectionT = TypeVar("ConnectionT", bound=AbstractVoiceConnection)

LEAVE_TIMEOUT_S = 5.0
"""Telling Discord that we leave may take so long; a shard that is down must not hold anybody up."""
ECHO_TIMEOUT_S = 1.0
"""A join waits so long for the echo of the leave before it, so that the echo cannot be taken for a kick."""
CLOSE_TIMEOUT_S = 10.0
"""Each connection has so long to end when the component closes."""
INITIALIZE_ATTEMPTS = 3
"""So often `initialize` is tried when Discord names a new server while it runs, and it fails."""


class VoiceComponent(AbstractVoiceComponent):
    """hikari's voice component, in place of the bot's own by one line before the bot starts.

    ```python
    bot = hikari.GatewayBot(token)
    VoiceComponent.install(bot)
    ```

    It takes any `VoiceConnection` class. Where it differs from hikari's own: see docs/hikari.md.
    """

    __slots__ = (
        "_app",
        "_connections",
        "_echoes",
        "_is_alive",
        "_is_closing",
        "_joins",
        "_placed",
        "_voice_listener",
        "_who",
    )

    def __init__(self, app: hikari.GatewayBotAware) -> None:
        self._app = app
        self._connections: dict[hikari.Snowflake, AbstractVoiceConnection] = {}
        self._joins: dict[hikari.Snowflake, Join] = {}
        self._echoes: dict[hikari.Snowflake, asyncio.Event] = {}
        """Leaves that Discord has not confirmed yet."""
        self._placed: set[hikari.Snowflake] = set()
        """Guilds in whose voice Discord says that we are."""
        self._who: hikari.Snowflake | None = None
        self._is_alive = False
        self._is_closing = False
        self._voice_listener = False

    @classmethod
    def install(cls, bot: hikari.GatewayBot) -> Self:
        """Put a component in the place of the bot's own; call it before the bot starts.

        `GatewayBot` has no public way to choose the component, so this sets the attribute behind `bot.voice`. Raises
        `ComponentStateConflictError` for a bot that is running.
        """
        if bot.is_alive:
            raise hikari.ComponentStateConflictError("Install the voice component before the bot starts")
        component = cls(bot)
        bot._voice = component  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]  # noqa: SLF001
        return component

    @property
    def app(self) -> hikari.GatewayBotAware:
        """The bot."""
        return self._app

    @property
    def connections(self) -> Mapping[hikari.Snowflake, AbstractVoiceConnection]:
        """The active connections by guild, as a live view that cannot be written to."""
        return types.MappingProxyType(self._connections)

    @property
    def is_alive(self) -> bool:
        """Whether the component was started and not closed."""
        return self._is_alive

    def start(self) -> None:
        """Start the component; the bot does it. Raises `ComponentStateConflictError` if it runs already."""
        if self._is_alive:
            raise hikari.ComponentStateConflictError("Cannot start a voice component which is already running")
        self._is_alive = True

    def _check_if_alive(self) -> None:
        if not self._is_alive:
            raise hikari.ComponentStateConflictError("Component cannot be used while it's not alive")
        if self._is_closing:
            raise hikari.ComponentStateConflictError("Component cannot be used while it's closing")

    # Joining

    async def connect_to(
        self,
        guild: hikari.SnowflakeishOr[hikari.PartialGuild],
        channel: hikari.SnowflakeishOr[hikari.GuildVoiceChannel],
        voice_connection_type: type[ConnectionT],
        *,
        deaf: bool = False,
        mute: bool = False,
        timeout: float | None = 5,
        **kwargs: Any,
    ) -> ConnectionT:
        """Join a voice channel and give back the connection that `voice_connection_type.initialize` makes.

        `timeout` (seconds; None: for ever) covers the time until Discord has answered; `initialize` has limits of its
        own. `kwargs` go to `initialize`. However it ends other than well, cancellation included, the bot leaves the
        channel and nothing stays registered.

        Raises:
            VoiceError: The guild has a connection or a join under way, the shard is not there, or Discord did not
                answer in time.
            ComponentStateConflictError: The component or the shard is not running, or the component closes meanwhile.
            Exception: What `initialize` raised.

        """
        self._check_if_alive()
        guild_id = hikari.Snowflake(guild)
        if guild_id in self._connections or guild_id in self._joins:
            raise hikari.VoiceError(
                "Already in a voice channel for that guild. Disconnect before attempting to connect again"
            )
        shard = self._shard_of(guild_id)
        join = self._joins[guild_id] = Join(guild_id, hikari.Snowflake(0))
        try:
            connection = await self._join(
                join, shard, guild, channel, voice_connection_type, (deaf, mute), timeout, kwargs
            )
            self._connections[guild_id] = connection
        finally:
            del self._joins[guild_id]
            try:
                if join.has_asked and guild_id not in self._connections:
                    await self._leave(shard, guild_id, is_echo_due=True)
            finally:
                join.ended.set()
        for event in join.events:
            await self._tell(connection, event)
        return connection

    async def _join(
        self,
        join: Join,
        shard: hikari.api.GatewayShard,
        guild: hikari.SnowflakeishOr[hikari.PartialGuild],
        channel: hikari.SnowflakeishOr[hikari.GuildVoiceChannel],
        kind: type[ConnectionT],
        flags: tuple[bool, bool],
        timeout: float | None,
        kwargs: Mapping[str, Any],
    ) -> ConnectionT:
        """From op 4 to the connection. Raises what `connect_to` documents."""
        deaf, mute = flags
        try:
            async with asyncio.timeout(timeout):
                join.user_id = self._who = await self._own_id()
                self._listen()
                await self._echoed(hikari.Snowflake(guild))
                join.check_aborted()
                join.has_asked = True
                await shard.update_voice_state(guild, channel, self_deaf=deaf, self_mute=mute)
                await join.placed()
        except hikari.ComponentStateConflictError:
            join.has_asked = join.is_aborted  # a shard that is down took nothing that would have to be left
            raise
        except TimeoutError as error:
            raise hikari.VoiceError(f"Could not connect to voice channel {channel} in guild {guild}.") from error
        connection = await self._initialize(join, kind, shard.id, kwargs)
        if join.membership.channel_id is None:
            await self._end(connection)
            raise hikari.VoiceError(f"Disconnected from voice channel {channel} in guild {guild} during the join")
        return connection

    def _shard_of(self, guild_id: hikari.Snowflake) -> hikari.api.GatewayShard:
        if not self._app.shard_count:
            raise hikari.VoiceError("Cannot connect to a voice channel before the application has shards")
        shard_id = hikari.snowflakes.calculate_shard_id(self._app, guild_id)
        try:
            return self._app.shards[shard_id]
        except KeyError:
            raise hikari.VoiceError(
                f"Cannot connect to shard {shard_id} as it is not present in this application"
            ) from None

    async def _own_id(self) -> hikari.Snowflake:
        user = self._app.cache.get_me() or await self._app.rest.fetch_my_user()
        return user.id

    async def _initialize(
        self, join: Join, kind: type[ConnectionT], shard_id: int, kwargs: Mapping[str, Any]
    ) -> ConnectionT:
        """Make the connection. When it fails and Discord has named another server meanwhile, that one is tried."""
        attempts = 0
        while True:
            attempts += 1
            place = await join.placed()
            join.events.clear()
            work = asyncio.ensure_future(self._initialized(place, join.user_id, kind, shard_id, kwargs))
            join.initializing = work
            try:
                await asyncio.wait([work])
            except asyncio.CancelledError:
                await self._undo(work)
                raise
            if join.is_aborted:
                await self._undo(work)
                join.check_aborted()
            has_failed = not work.cancelled() and work.exception() is not None
            if has_failed and join.membership.place not in {None, place} and attempts < INITIALIZE_ATTEMPTS:
                log.debug("initialize failed and Discord has named another server; trying that one")
                continue
            return work.result()

    async def _initialized(
        self, place: Place, user_id: int, kind: type[ConnectionT], shard_id: int, kwargs: Mapping[str, Any]
    ) -> ConnectionT:
        return await kind.initialize(
            channel_id=hikari.Snowflake(place.channel_id),
            endpoint=f"wss://{place.endpoint}",
            guild_id=hikari.Snowflake(place.guild_id),
            on_close=self._on_connection_close,
            owner=self,
            session_id=place.session_id,
            shard_id=shard_id,
            token=place.token,
            user_id=hikari.Snowflake(user_id),
            **kwargs,
        )

    async def _undo(self, work: asyncio.Future[ConnectionT]) -> None:
        """Stop an `initialize` that nobody wants any more; a connection that it made all the same is ended."""
        work.cancel()
        await asyncio.wait([work], timeout=CLOSE_TIMEOUT_S)
        if work.done() and not work.cancelled() and work.exception() is None:
            await self._end(work.result())

    # Leaving

    async def disconnect(self, guild: hikari.SnowflakeishOr[hikari.PartialGuild]) -> None:
        """End a guild's connection. Raises `VoiceError` if there is none, and what the connection raises.

        A connection that raises is unregistered all the same, and its channel left.
        """
        self._check_if_alive()
        connection = self._connections.get(hikari.Snowflake(guild))
        if connection is None:
            raise hikari.VoiceError("This application doesn't have any active voice connection in this server")
        try:
            await connection.disconnect()
        except BaseException:
            await self._on_connection_close(connection)
            raise

    async def disconnect_all(self) -> None:
        """End all connections. One that raises keeps no other from ending; the first error is raised at the end."""
        self._check_if_alive()
        await self._disconnect_all()

    async def _disconnect_all(self) -> None:
        connections = list(self._connections.values())
        errors = [error for error in await asyncio.gather(*map(self._end, connections)) if error is not None]
        if errors:
            raise errors[0]

    async def _end(self, connection: AbstractVoiceConnection) -> Exception | None:
        """End one connection and see that it is unregistered; gives back what it raised."""
        failure: Exception | None = None
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await connection.disconnect()
        except Exception as error:
            log.exception("%r could not be ended; it is dropped", connection)
            failure = error
        with contextlib.suppress(Exception):  # a leave that fails was logged where it failed
            await self._on_connection_close(connection)
        return failure

    async def close(self) -> None:
        """End joins and connections, wait for them, then unsubscribe from events. The component can be started again.

        What a connection raises is logged and holds nothing up. Raises `ComponentStateConflictError` if the component
        is not running.
        """
        self._check_if_alive()
        self._is_closing = True
        try:
            joins = list(self._joins.values())
            for join in joins:
                join.abort()
            for join in joins:
                await join.ended.wait()
            if self._connections:
                log.info("shutting down %d active voice connection(s)", len(self._connections))
                with contextlib.suppress(Exception):  # logged where it happened
                    await self._disconnect_all()
        finally:
            if self._voice_listener:
                self._voice_listener = False
                self._app.event_manager.unsubscribe(hikari.VoiceEvent, self._on_voice_event)
            self._connections.clear()
            self._echoes.clear()
            self._placed.clear()
            self._is_alive = False
            self._is_closing = False

    async def _on_connection_close(self, connection: AbstractVoiceConnection) -> None:
        """Unregister a connection that has ended and leave its channel.

        Told twice, or by one that has a successor, it does nothing: the channel belongs to the successor.
        """
        guild_id = connection.guild_id
        if self._connections.get(guild_id) is not connection:
            return
        del self._connections[guild_id]
        shard = self._app.shards.get(connection.shard_id)
        if shard is not None:
            await self._leave(shard, guild_id, is_echo_due=guild_id in self._placed)

    async def _leave(self, shard: hikari.api.GatewayShard, guild_id: hikari.Snowflake, *, is_echo_due: bool) -> None:
        """Tell Discord that we leave, and remember whether its echo is due. Bounded; raises only `CancelledError`."""
        echo = asyncio.Event()
        if is_echo_due:
            self._echoes[guild_id] = echo
        work = asyncio.ensure_future(asyncio.wait_for(shard.update_voice_state(guild_id, None), LEAVE_TIMEOUT_S))
        try:
            # A caller that is cancelled meanwhile must not keep the bot in the channel.
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise
        except Exception as error:  # noqa: BLE001 - whatever the shard raises, the connection is gone
            log.warning("Could not tell Discord that we leave voice in guild %s: %r", guild_id, error)
            echo.set()

    async def _echoed(self, guild_id: hikari.Snowflake) -> None:
        """Wait for the echo of our last leave, for it must not be taken for the answer to a join or for a kick."""
        echo = self._echoes.get(guild_id)
        if echo is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ECHO_TIMEOUT_S):
                    await echo.wait()
            self._echoes.pop(guild_id, None)

    # Events

    def _listen(self) -> None:
        if not self._voice_listener:
            self._voice_listener = True
            self._app.event_manager.subscribe(hikari.VoiceEvent, self._on_voice_event)

    async def _on_voice_event(self, event: hikari.VoiceEvent) -> None:
        """Pass an event on. Nothing is awaited before the join has heard it: hikari's tasks begin in order."""
        guild_id = event.guild_id
        if self._is_echo(event):
            return
        join = self._joins.get(guild_id)
        if join is not None:
            join.heard(event)
        connection = self._connections.get(guild_id)
        if connection is not None:
            await connection.notify(event)

    def _is_echo(self, event: hikari.VoiceEvent) -> bool:
        """Whether the event is Discord's confirmation of a leave of ours."""
        if not isinstance(event, hikari.VoiceStateUpdateEvent) or event.state.user_id != self._who:
            return False
        if event.state.channel_id is not None:
            self._placed.add(event.guild_id)
            return False
        self._placed.discard(event.guild_id)
        echo = self._echoes.get(event.guild_id)
        if echo is None or echo.is_set():
            return False
        echo.set()
        return True

    async def _tell(self, connection: AbstractVoiceConnection, event: hikari.VoiceEvent) -> None:
        try:
            await connection.notify(event)
        except Exception:
            log.exception("%r could not take %r", connection, event)
