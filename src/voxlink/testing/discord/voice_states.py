"""Who is in which voice channel, and what Discord says about it: op 4, moves, kicks, region changes. Pure.

Each verb changes the world and returns the events that follow, in Discord's order, each with who shall receive it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from voxlink.testing.discord import payloads
from voxlink.testing.discord.state import Channel, Guild, Json, Permission, VoiceState, World

__all__ = ["Admission", "Admit", "Event", "VoiceStateBody", "VoiceStates"]


class Admission(Protocol):
    """What a voice server gives out for one connection (`voxlink.voice.VoiceLogin` is one)."""

    @property
    def session_id(self) -> str:
        """The voice session."""
        ...

    @property
    def token(self) -> str:
        """The token for it."""
        ...

    @property
    def endpoint(self) -> str:
        """Host and port of the voice server."""
        ...


Admit = Callable[[int, int, int, str | None], Admission]
"""guild id, user id, channel id, the session id to keep (None: a new one) -> what the voice server admits."""


class VoiceStateBody(msgspec.Struct):
    """The data of op 4."""

    guild_id: int
    channel_id: int | None
    self_mute: bool = False
    self_deaf: bool = False


@dataclass(slots=True, frozen=True)
class Event:
    """A gateway event of a guild; `only` names the user whom alone it is for."""

    guild_id: int
    name: str
    data: Json
    only: int | None = None


class VoiceStates:
    """The voice states of all guilds. `admits` are the voice servers; a guild uses one until its region changes."""

    def __init__(self, world: World, admits: Sequence[Admit]) -> None:
        self._world = world
        self._admits = admits
        self._server_of: dict[int, int] = {}

    def request(self, user_id: int, body: VoiceStateBody, *, server_first: bool = False) -> list[Event]:
        """Take op 4 of a user. What Discord ignores (unknown, full or forbidden channels) has no events."""
        guild = self._world.guilds.get(body.guild_id)
        if guild is None or user_id not in guild.members:
            return []
        if body.channel_id is None:
            return self.leave(guild, user_id)
        channel = guild.channels.get(body.channel_id)
        if channel is None or not self.may_join(guild, channel, user_id):
            return []
        return self.join(
            guild, channel, user_id, self_mute=body.self_mute, self_deaf=body.self_deaf, server_first=server_first
        )

    def may_join(self, guild: Guild, channel: Channel, user_id: int) -> bool:
        """Whether Discord lets the user into the channel. A full channel admits those who may move members."""
        if not (channel.is_voice and channel.allows(user_id, Permission.VIEW_CHANNEL | Permission.CONNECT)):
            return False
        inside = guild.in_channel(channel.id)
        return user_id in inside or not channel.user_limit or len(inside) < channel.user_limit

    def join(
        self,
        guild: Guild,
        channel: Channel,
        user_id: int,
        *,
        self_mute: bool = False,
        self_deaf: bool = False,
        server_first: bool = False,
    ) -> list[Event]:
        """Put a user into a channel: a state update for all and, where the channel is new, a server update."""
        before = guild.voice_states.get(user_id)
        if before is not None and before.channel_id == channel.id:
            # Nothing that needs a new voice session: mute and deaf only (voice.md 1.2.6).
            state = VoiceState(guild.id, user_id, channel.id, before.session_id, self_mute, self_deaf)
            guild.voice_states[user_id] = state
            return [self._state_event(guild, state)]
        # A move keeps the session id; the token is new all the same (voice.md 1.2.5).
        admitted = self._admit(guild, user_id, channel.id, before.session_id if before else None)
        state = VoiceState(guild.id, user_id, channel.id, admitted.session_id, self_mute, self_deaf)
        guild.voice_states[user_id] = state
        events = [self._state_event(guild, state), self._server_event(guild, user_id, admitted)]
        return events[::-1] if server_first else events

    def leave(self, guild: Guild, user_id: int) -> list[Event]:
        """Take a user out of voice: a state update with a null channel, if the user was in voice at all."""
        before = guild.voice_states.pop(user_id, None)
        if before is None:
            return []
        return [self._state_event(guild, VoiceState(guild.id, user_id, None, before.session_id))]

    def move(self, guild: Guild, user_id: int, channel: Channel) -> list[Event]:
        """Move a user by somebody's hand; mute and deaf stay as they are."""
        before = guild.voice_states[user_id]
        return self.join(guild, channel, user_id, self_mute=before.self_mute, self_deaf=before.self_deaf)

    def change_region(self, guild: Guild) -> list[Event]:
        """Give the guild another voice server: each bot in voice gets a server update alone, its session id stays."""
        self._server_of[guild.id] = (self._server_of.get(guild.id, 0) + 1) % len(self._admits)
        events: list[Event] = []
        for state in guild.voice_states.values():
            if guild.members[state.user_id].user.is_bot and state.channel_id is not None:
                admitted = self._admit(guild, state.user_id, state.channel_id, state.session_id)
                events.append(self._server_event(guild, state.user_id, admitted))
        return events

    def server_index(self, guild: Guild) -> int:
        """Which of the voice servers the guild uses."""
        return self._server_of.get(guild.id, 0)

    def _admit(self, guild: Guild, user_id: int, channel_id: int, session_id: str | None) -> Admission:
        return self._admits[self._server_of.get(guild.id, 0)](guild.id, user_id, channel_id, session_id)

    def _state_event(self, guild: Guild, state: VoiceState) -> Event:
        return Event(guild.id, "VOICE_STATE_UPDATE", payloads.voice_state(state, guild.members[state.user_id]))

    def _server_event(self, guild: Guild, user_id: int, admitted: Admission) -> Event:
        data: Json = {"token": admitted.token, "guild_id": str(guild.id), "endpoint": admitted.endpoint}
        return Event(guild.id, "VOICE_SERVER_UPDATE", data, only=user_id)
