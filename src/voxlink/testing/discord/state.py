"""What the simulated Discord knows: users, guilds, channels, voice states, messages. Pure values, no sockets."""

from __future__ import annotations

import base64
import enum
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from voxlink.errors import UsageError

__all__ = [
    "Account",
    "Attachment",
    "Channel",
    "ChannelType",
    "Guild",
    "Member",
    "Message",
    "Permission",
    "User",
    "VoiceState",
    "World",
]

Json = dict[str, object]
"""A JSON object as Discord sends it."""

FIRST_ID = 1_100_000_000_000_000_000
"""Snowflakes count up from here, a millisecond of Discord's clock (2**22) apart: bots read a time from them."""


class ChannelType(enum.IntEnum):
    """The channel types that the simulation has (Discord's numbers)."""

    TEXT = 0
    VOICE = 2
    STAGE = 13


class Permission(enum.IntFlag):
    """The permissions that the simulation checks (Discord's bits)."""

    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MOVE_MEMBERS = 1 << 24


EVERYTHING = (1 << 50) - 1 - (1 << 3)
"""What the everyone role may do unless a channel denies it: all but ADMINISTRATOR, which would overrule each denial."""


@dataclass(slots=True)
class User:
    """A person or a bot."""

    id: int
    username: str
    is_bot: bool = False


@dataclass(slots=True)
class Account(User):
    """A bot's account: its user, application and token. The repr hides the token."""

    token: str = field(default="", repr=False)
    public_key: str = "00" * 32

    @property
    def application_id(self) -> int:
        """Discord gives the bot user and its application the same id."""
        return self.id


@dataclass(slots=True)
class Member:
    """A user in a guild, with the guild's own mute and deafen."""

    user: User
    joined_at: str
    mute: bool = False
    deaf: bool = False


@dataclass(slots=True)
class Channel:
    """A text, voice or stage channel; `denied` holds what single users may not do in it."""

    id: int
    guild_id: int
    name: str
    type: ChannelType
    position: int = 0
    user_limit: int = 0
    denied: dict[int, Permission] = field(default_factory=dict[int, Permission])

    @property
    def is_voice(self) -> bool:
        """Whether one can join it with op 4."""
        return self.type is not ChannelType.TEXT

    def allows(self, user_id: int, permission: Permission) -> bool:
        """Whether the user has the permission here."""
        return not self.denied.get(user_id, Permission(0)) & permission


@dataclass(slots=True, frozen=True)
class VoiceState:
    """Where a user is in a guild's voice; `channel_id` None is the state of one who just left."""

    guild_id: int
    user_id: int
    channel_id: int | None
    session_id: str
    self_mute: bool = False
    self_deaf: bool = False


@dataclass(slots=True)
class Guild:
    """A guild with its channels, members and who is in which voice channel."""

    id: int
    name: str
    owner_id: int
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    voice_states: dict[int, VoiceState] = field(default_factory=dict[int, VoiceState])

    def in_channel(self, channel_id: int) -> list[int]:
        """The ids of the users in a voice channel."""
        return [user_id for user_id, state in self.voice_states.items() if state.channel_id == channel_id]


@dataclass(slots=True, frozen=True)
class Attachment:
    """A file of a message."""

    id: int
    filename: str
    data: bytes


@dataclass(slots=True)
class Message:
    """A message as people see it. `ephemeral` ones are shown to `shown_to` alone."""

    id: int
    channel_id: int
    guild_id: int
    author: User
    content: str = ""
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    flags: int = 0
    sent_at: str = ""
    edited_at: str | None = None
    application_id: int | None = None
    interaction: Json | None = None
    shown_to: int | None = None
    is_thinking: bool = False
    """A deferred answer: people see "… is thinking"."""
    is_deleted: bool = False

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & 64)

    @property
    def text(self) -> str:
        """All that can be read in it: the content, then titles, descriptions, fields and footers of the embeds."""
        return "\n".join([self.content, *(part for embed in self.embeds for part in _texts_of(embed))]).strip("\n")


class _EmbedText(msgspec.Struct):
    text: str = ""


class _EmbedField(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Embed(msgspec.Struct):
    """What can be read in an embed."""

    title: str | None = None
    description: str | None = None
    fields: list[_EmbedField] = msgspec.field(default_factory=list[_EmbedField])
    footer: _EmbedText | None = None


def _texts_of(payload: Json) -> Iterator[str]:
    embed = msgspec.convert(payload, _Embed)
    yield from (part for part in (embed.title, embed.description) if part)
    for entry in embed.fields:
        yield from (entry.name, entry.value)
    if embed.footer is not None:
        yield embed.footer.text


class World:
    """Everything that exists. Adding and finding; what Discord does with it stands in the files beside this one."""

    def __init__(self) -> None:
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.messages: dict[int, Message] = {}
        self._ids = (FIRST_ID + (count << 22) for count in itertools.count())

    def next_id(self) -> int:
        """A new snowflake, larger than all before it."""
        return next(self._ids)

    @property
    def accounts(self) -> list[Account]:
        """The bots."""
        return [user for user in self.users.values() if isinstance(user, Account)]

    def account_by_token(self, token: str) -> Account | None:
        """The bot whose token this is."""
        return next((account for account in self.accounts if account.token == token), None)

    def add_user(self, username: str) -> User:
        """Register a person."""
        user = User(self.next_id(), username)
        self.users[user.id] = user
        return user

    def add_account(self, username: str) -> Account:
        """Register a bot, with a token in the shape of Discord's."""
        number = self.next_id()
        head = base64.b64encode(str(number).encode()).decode().rstrip("=")
        account = Account(number, username, is_bot=True, token=f"{head}.simula.ted-token-of-{username}")
        self.users[number] = account
        return account

    def add_guild(self, name: str, *, owner: User) -> Guild:
        """Found a guild; its owner is its first member."""
        guild = Guild(self.next_id(), name, owner.id)
        self.guilds[guild.id] = guild
        self.add_member(guild, owner)
        return guild

    def add_member(self, guild: Guild, user: User) -> Member:
        """Let a user into a guild."""
        member = Member(user, joined_at="2026-01-01T00:00:00.000000+00:00")
        guild.members[user.id] = member
        return member

    def add_channel(self, guild: Guild, name: str, kind: ChannelType, *, user_limit: int = 0) -> Channel:
        """Open a channel in a guild."""
        channel = Channel(self.next_id(), guild.id, name, kind, len(guild.channels), user_limit)
        guild.channels[channel.id] = channel
        return channel

    def channel(self, channel_id: int) -> Channel | None:
        """The channel with this id, in whichever guild it is."""
        return next((g.channels[channel_id] for g in self.guilds.values() if channel_id in g.channels), None)

    def guilds_of(self, user_id: int) -> list[Guild]:
        """The guilds that a user is a member of."""
        return [guild for guild in self.guilds.values() if user_id in guild.members]

    def messages_in(self, channel_id: int) -> list[Message]:
        """The channel's messages, oldest first, without the deleted ones."""
        return [m for m in self.messages.values() if m.channel_id == channel_id and not m.is_deleted]

    def guild_with(self, *user_ids: int) -> Guild:
        """The one guild that all these users are in; raises `UsageError` where that is none or several."""
        found = [guild for guild in self.guilds.values() if all(user_id in guild.members for user_id in user_ids)]
        if len(found) != 1:
            raise UsageError(f"{len(found)} guilds have the members {user_ids}; name the guild")
        return found[0]
