"""`Discord`: the simulation as a test holds it. Its doors for bots, the hands of its users, and what they see."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiohttp import web

from voxlink.errors import UsageError
from voxlink.testing.discord.commands import CommandBook, Value, pressed
from voxlink.testing.discord.core import Core
from voxlink.testing.discord.gateway import Gateway
from voxlink.testing.discord.interactions import Interaction, InteractionKind
from voxlink.testing.discord.messages import buttons_in
from voxlink.testing.discord.pressed import TIMEOUT_S, Pressed, text_in
from voxlink.testing.discord.rest import account_of, answer, build_app
from voxlink.testing.discord.routes_guilds import ROUTES as GUILD_ROUTES
from voxlink.testing.discord.routes_interactions import ROUTES as INTERACTION_ROUTES
from voxlink.testing.discord.sessions import Session
from voxlink.testing.discord.state import Account, Channel, ChannelType, Guild, Json, Message, User, World
from voxlink.testing.discord.trouble import Trouble
from voxlink.testing.discord.voice_servers import Region, VoiceServers
from voxlink.testing.discord.voice_states import Event, VoiceStateBody, VoiceStates
from voxlink.testing.discord.waiting import Changes

if TYPE_CHECKING:
    from voxlink.testing.heard import Heard
    from voxlink.testing.simulated_member import SimulatedMember

__all__ = ["Discord"]

HEARTBEAT_INTERVAL_MS = 41_250
"""What Discord asks for."""


class Discord:
    """A Discord on loopback that real bot libraries log in to.

    Opens with one guild (`guild`) that has a text channel (`text`), two voice channels (`lounge`, `stage_left`), a
    person (`user`) and a bot (`bot`, with its `token`); more of each can be added at any time before a bot logs in.
    Use it as an asynchronous context manager. Bots are pointed at `rest_url` and `gateway_url`.
    """

    def __init__(
        self,
        *voice_servers: Region,
        heartbeat_interval_ms: int = HEARTBEAT_INTERVAL_MS,
        seed: int = 0,
    ) -> None:
        self.trouble = Trouble(seed)
        self.world = World()
        self._changes = Changes()
        self._voice_servers = VoiceServers(voice_servers)
        self._core = Core(
            self.world,
            self.trouble,
            self._changes,
            VoiceStates(self.world, self._voice_servers.admits()),
            CommandBook(self.world.next_id),
        )
        self.gateway = Gateway(
            self.world,
            self.trouble,
            self._changes,
            heartbeat_interval_ms=heartbeat_interval_ms,
            on_voice_request=self._voice_requested,
            on_session_end=self._session_ended,
        )
        self._core.publish = self.gateway.publish
        self._runner: web.AppRunner | None = None
        self._base = ""
        self.user: User = self.world.add_user("ada")
        self.guild: Guild = self.world.add_guild("Sound check", owner=self.user)
        self.bot: Account = self.add_bot("dj", self.guild)
        self.text: Channel = self.world.add_channel(self.guild, "music", ChannelType.TEXT)
        self.lounge: Channel = self.world.add_channel(self.guild, "Lounge", ChannelType.VOICE)
        self.stage_left: Channel = self.world.add_channel(self.guild, "Stage left", ChannelType.VOICE)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Open the doors on an ephemeral loopback port."""
        gateway_routes = [("GET", "/gateway", self._gateway), ("GET", "/gateway/bot", self._gateway_bot)]
        app = build_app(self._core, [*gateway_routes, *GUILD_ROUTES, *INTERACTION_ROUTES], self.gateway.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        _, port = self._runner.addresses[0][:2]
        self._base = f"127.0.0.1:{port}"
        self.gateway.resume_url = self.gateway_url

    async def close(self) -> None:
        """Close every socket and the doors. Idempotent."""
        await self.gateway.close()
        await self._voice_servers.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def rest_url(self) -> str:
        """Where REST is, in the form that hikari's `rest_url` and discord.py's `Route.BASE` have."""
        return f"http://{self._base}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the main gateway is."""
        return f"ws://{self._base}/"

    # What exists

    def add_guild(self, name: str, *members: User) -> Guild:
        """Found another guild, owned by `user`, with these members."""
        guild = self.world.add_guild(name, owner=self.user)
        for member in members:
            self.world.add_member(guild, member)
        return guild

    def add_user(self, username: str, *guilds: Guild) -> User:
        """Register another person and let them into guilds."""
        user = self.world.add_user(username)
        for guild in guilds:
            self.world.add_member(guild, user)
        return user

    def add_bot(self, username: str, *guilds: Guild) -> Account:
        """Register another bot and let it into guilds."""
        account = self.world.add_account(username)
        for guild in guilds:
            self.world.add_member(guild, account)
        return account

    def add_text_channel(self, guild: Guild, name: str) -> Channel:
        """Open a text channel."""
        return self.world.add_channel(guild, name, ChannelType.TEXT)

    def add_voice_channel(self, guild: Guild, name: str, *, user_limit: int = 0) -> Channel:
        """Open a voice channel."""
        return self.world.add_channel(guild, name, ChannelType.VOICE, user_limit=user_limit)

    # The hands of users

    def user_presses(
        self,
        command: str,
        *,
        by: User | None = None,
        where: Channel | None = None,
        of: Account | None = None,
        **options: Value,
    ) -> Pressed:
        """A user presses a slash command ("/play", "/queue clear") with its options filled in.

        `by` is `user`, `where` is `text` and `of` is any bot unless they are named. Raises `UsageError` for what
        Discord's own client would not let a user press: an unknown command or option, a missing or wrong value.
        """
        name, *path = command.removeprefix("/").split()
        where = where or self.text
        found = self._core.book.find(where.guild_id, name, of.application_id if of else None)
        data = pressed(found, path, options)
        account = self.world.users[found.application_id]
        assert isinstance(account, Account)
        return self._press(InteractionKind.COMMAND, account, by or self.user, where, data, f"/{name}")

    def user_types(
        self, command: str, option: str, text: str, *, by: User | None = None, where: Channel | None = None
    ) -> Pressed:
        """A user types into an option with autocomplete; `await (…).choices()` is what the bot offers."""
        name, *path = command.removeprefix("/").split()
        where = where or self.text
        found = self._core.book.find(where.guild_id, name)
        data = pressed(found, path, {option: text})
        focus: Json = {"name": option, "type": 3, "value": text, "focused": True}
        data = {**data, "options": [focus]} if not path else data
        account = self.world.users[found.application_id]
        assert isinstance(account, Account)
        return self._press(InteractionKind.AUTOCOMPLETE, account, by or self.user, where, data, f"/{name}")

    def user_clicks(self, message: Message, custom_id: str, *, by: User | None = None) -> Pressed:
        """A user clicks a button of a message. Raises `UsageError` where there is no such button or it is disabled."""
        found = [button for button in buttons_in(message) if button.custom_id == custom_id]
        if not found or found[0].disabled:
            raise UsageError(f"the message has no button {custom_id!r} that can be clicked")
        assert isinstance(message.author, Account)
        channel = self.world.guilds[message.guild_id].channels[message.channel_id]
        data: Json = {"custom_id": custom_id, "component_type": 2, "id": 1}
        user = by or self.user
        return self._press(InteractionKind.COMPONENT, message.author, user, channel, data, custom_id, message)

    def _press(
        self,
        kind: InteractionKind,
        account: Account,
        user: User,
        channel: Channel,
        data: Json,
        name: str,
        source: Message | None = None,
    ) -> Pressed:
        guild = self.world.guilds[channel.guild_id]
        number = self.world.next_id()
        interaction = Interaction(
            number, kind, f"interaction-token-{number}", account, user, guild, channel, data, self._core.clock(),
            name, source,
        )  # fmt: skip
        self._core.interactions[number] = interaction
        self.gateway.publish([Event(guild.id, "INTERACTION_CREATE", interaction.payload(), only=account.id)])
        return Pressed(interaction, self._changes)

    def user_says(self, text: str, *, by: User | None = None, where: Channel | None = None) -> Message:
        """A user writes a message into a text channel."""
        channel = where or self.text
        message = Message(
            self.world.next_id(), channel.id, channel.guild_id, by or self.user, text, sent_at=self._core.stamp()
        )
        self.world.messages[message.id] = message
        self._core.tell_of(message, "MESSAGE_CREATE")
        return message

    def user_joins(self, channel: Channel, *, by: User | None = None) -> None:
        """A user enters a voice channel, or changes to it."""
        guild = self.world.guilds[channel.guild_id]
        self._happened(self._core.voice.join(guild, channel, (by or self.user).id))

    def user_leaves(self, guild: Guild | None = None, *, by: User | None = None) -> None:
        """A user leaves voice."""
        self._happened(self._core.voice.leave(guild or self.guild, (by or self.user).id))

    # The hands of moderators and of Discord itself

    def move(self, user: User, channel: Channel) -> None:
        """Move somebody, bot or person, to another voice channel."""
        guild = self.world.guilds[channel.guild_id]
        self._parts(guild, user.id)
        self._happened(self._core.voice.move(guild, user.id, channel))

    def kick(self, user: User, guild: Guild | None = None) -> None:
        """Disconnect somebody, bot or person, from voice."""
        guild = guild or self.guild
        self._parts(guild, user.id)
        self._happened(self._core.voice.leave(guild, user.id))

    def change_region(self, guild: Guild | None = None) -> None:
        """Move the guild to the next voice server: bots in voice get a server update and their old server closes."""
        guild = guild or self.guild
        for user_id in list(guild.voice_states):
            self._parts(guild, user_id)
        self._happened(self._core.voice.change_region(guild))

    def lose_voice_server(self, guild: Guild | None = None) -> None:
        """Say `endpoint: null` to every bot in the guild's voice: the server is gone and no other is known yet."""
        guild = guild or self.guild
        self._happened(
            [
                Event(
                    guild.id, "VOICE_SERVER_UPDATE", {"token": "", "guild_id": str(guild.id), "endpoint": None}, user_id
                )
                for user_id in guild.voice_states
                if guild.members[user_id].user.is_bot
            ]
        )

    async def reconnect(self, bot: Account | None = None) -> None:
        """Ask a bot to reconnect and resume (op 7), as Discord does several times a day."""
        await self.gateway.ask_to_reconnect((bot or self.bot).id)

    async def invalidate_session(self, bot: Account | None = None, *, resumable: bool = False) -> None:
        """Tell a bot that its session is invalid (op 9). Not resumable: Discord also takes it out of voice."""
        await self.gateway.invalidate((bot or self.bot).id, resumable=resumable)

    def drop_gateway(self, bot: Account | None = None) -> None:
        """Cut a bot's main gateway sockets without a word."""
        self.gateway.drop((bot or self.bot).id)

    # What is seen

    def shown(self, where: Channel | None = None, *, to: User | None = None) -> list[Message]:
        """The messages that somebody (`user`) sees in a channel (`text`), oldest first."""
        reader = (to or self.user).id
        found = self.world.messages_in((where or self.text).id)
        return [m for m in found if not m.is_thinking and (not m.is_ephemeral or m.shown_to == reader)]

    async def wait_shown(
        self,
        wanted: str | Callable[[Message], bool],
        *,
        where: Channel | None = None,
        to: User | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> Message:
        """Wait until somebody sees a message with this text in it (any case), or one that answers the question."""
        asks = wanted if callable(wanted) else text_in(wanted)
        return await self._changes.until(
            lambda: next((m for m in self.shown(where, to=to) if asks(m)), None),
            f"a message that shows {wanted!r}",
            timeout_s=timeout_s,
            instead=lambda: [message.text for message in self.shown(where, to=to)],
        )

    def heard(self, bot: User | None = None, guild: Guild | None = None) -> Heard:
        """What is heard of a bot at the voice server that the guild uses now. Raises `UsageError` without servers."""
        guild = guild or self.guild
        return self._voice_server(guild).listener(guild.id, (bot or self.bot).id)

    def seat(self, user: User | None = None, *, guild: Guild | None = None) -> SimulatedMember:
        """Give a person (`user`) who is in a voice channel ears and a mouth at its voice server.

        They hear what a person hears, end-to-end encryption included: `.listener(bot.id)`, `await ….speak(frames)`.
        Raises `UsageError` for somebody who is in no voice channel.
        """
        user, guild = user or self.user, guild or self.guild
        channel = self.voice_channel_of(user, guild)
        if channel is None:
            raise UsageError(f"{user.username} is in no voice channel of {guild.name}")
        return self._voice_server(guild).seat(guild.id, user.id, channel.id)

    def _voice_server(self, guild: Guild) -> Region:
        if not self._voice_servers.servers:
            raise UsageError("this Discord was made without voice servers")
        return self._voice_servers.servers[self._core.voice.server_index(guild)]

    def voice_channel_of(self, user: User, guild: Guild | None = None) -> Channel | None:
        """The voice channel that somebody is in."""
        guild = guild or self.guild
        state = guild.voice_states.get(user.id)
        return None if state is None or state.channel_id is None else guild.channels[state.channel_id]

    async def wait_in_voice(
        self,
        channel: Channel | None,
        user: User | None = None,
        *,
        guild: Guild | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Wait until somebody (`bot`) is in a voice channel; None: in none."""
        user = user or self.bot
        guild = self.world.guilds[channel.guild_id] if channel else guild or self.guild
        place = channel.name if channel else "no voice channel"
        await self._changes.until(
            lambda: True if self.voice_channel_of(user, guild) is channel else None,
            f"{user.username} in {place}",
            timeout_s=timeout_s,
        )

    async def wait_ready(self, bot: Account | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until a bot has identified at the main gateway."""
        bot = bot or self.bot
        await self._changes.until(
            lambda: True if self.gateway.is_connected(bot.id) else None,
            f"{bot.username} logged in",
            timeout_s=timeout_s,
        )

    async def wait_gone(self, bot: Account | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until a bot has no socket at the main gateway."""
        bot = bot or self.bot
        await self._changes.until(
            lambda: None if self.gateway.is_connected(bot.id) else True,
            f"{bot.username} logged out",
            timeout_s=timeout_s,
        )

    async def wait_command(self, command: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until a bot has registered a slash command that people in `guild` see."""

        def look() -> object | None:
            with contextlib.suppress(UsageError):
                return self._core.book.find(self.guild.id, command.removeprefix("/"))
            return None

        await self._changes.until(look, f"the command {command}", timeout_s=timeout_s)

    async def wait_resumed(self, *, after: int, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until bots have resumed their sessions more than `after` times in all (`gateway.resumes` counts)."""
        await self._changes.until(
            lambda: True if self.gateway.resumes > after else None, f"resume {after + 1}", timeout_s=timeout_s
        )

    # Inside

    def _happened(self, events: list[Event]) -> None:
        self.gateway.publish(events)
        self._changes.told()

    def _voice_requested(self, user_id: int, body: VoiceStateBody) -> list[Event]:
        guild = self.world.guilds.get(body.guild_id)
        before = guild.voice_states.get(user_id) if guild else None
        if guild is not None and before is not None and before.channel_id != body.channel_id:
            channel = None if body.channel_id is None else guild.channels.get(body.channel_id)
            if body.channel_id is None or (channel and self._core.voice.may_join(guild, channel, user_id)):
                self._parts(guild, user_id)
        return self._core.voice.request(user_id, body, server_first=self.trouble.server_update_first)

    def _session_ended(self, session: Session) -> list[Event]:
        events: list[Event] = []
        for guild in self.world.guilds_of(session.account.id):
            if session.is_for(guild.id) and session.account.id in guild.voice_states:
                self._parts(guild, session.account.id)
                events += self._core.voice.leave(guild, session.account.id)
        return events

    def _parts(self, guild: Guild, user_id: int) -> None:
        """The user gives up the place in voice that they have: the voice server closes it."""
        if guild.members[user_id].user.is_bot and user_id in guild.voice_states:
            self._voice_servers.part(self._core.voice.server_index(guild), guild.id, user_id)

    async def _gateway(self, _: web.Request) -> web.Response:
        return answer({"url": self.gateway_url})

    async def _gateway_bot(self, request: web.Request) -> web.Response:
        account_of(request)
        limit: Json = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 16}
        return answer({"url": self.gateway_url, "shards": 1, "session_start_limit": limit})
