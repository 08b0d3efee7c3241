"""A stand for a voice component: hikari's real event manager and factories, a shard whose answers the test decides."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable
from typing import Any

import hikari
from hikari.api import VoiceConnection

from voxlink.integrations.hikari import VoiceComponent
from voxlink.testing import Discord
from voxlink.testing.discord.voice_states import Event, VoiceStateBody, VoiceStates

DEADLINE_S = 10.0
Answer = Callable[["Stand", list[Event]], Awaitable[None]]
"""What Discord does about an op 4: it is given the events that would follow."""


async def at_once(stand: Stand, events: list[Event]) -> None:
    """Everything arrives before `update_voice_state` returns."""
    stand.tell(*events)


async def soon(stand: Stand, events: list[Event]) -> None:
    """Everything arrives in later turns of the event loop."""
    for event in events:
        asyncio.get_running_loop().call_soon(stand.tell, event)


async def never(stand: Stand, events: list[Event]) -> None:
    """Discord stays silent."""


class Shard:
    """A shard that notes each op 4 and lets the stand answer it."""

    def __init__(self, stand: Stand, number: int = 0) -> None:
        self.id = number
        self.sent: list[int | None] = []
        self.flags: list[tuple[object, object]] = []
        self._stand = stand

    async def update_voice_state(
        self, guild: object, channel: object, *, self_mute: object = None, self_deaf: object = None
    ) -> None:
        place = None if channel is None else int(channel)  # type: ignore[call-overload]
        self.sent.append(place)
        self.flags.append((self_deaf, self_mute))
        body = VoiceStateBody(int(guild), place)  # type: ignore[call-overload]
        events = self._stand.voice.request(self._stand.discord.bot.id, body)
        await self._stand.answer(self._stand, events)


class Noting(VoiceConnection):
    """A connection that notes what happens to it."""

    made: list[Noting]

    def __init__(self, **hook: Any) -> None:
        self.hook = hook
        self.events: list[object] = []
        self.disconnects = 0

    channel_id = property(lambda self: self.hook["channel_id"])
    guild_id = property(lambda self: self.hook["guild_id"])
    shard_id = property(lambda self: self.hook["shard_id"])
    owner = property(lambda self: self.hook["owner"])
    is_alive = property(lambda self: not self.disconnects)

    @classmethod
    async def initialize(cls, **hook: Any) -> Noting:  # type: ignore[override]
        connection = cls(**hook)
        if during := hook.get("during"):
            await during(connection)
        return connection

    async def disconnect(self) -> None:
        self.disconnects += 1
        await self.hook["on_close"](self)

    async def join(self) -> None: ...

    async def notify(self, event: object) -> None:
        self.events.append(event)


class Stand:
    """The bot around a component, without a socket."""

    def __init__(self, answer: Answer = at_once) -> None:
        self.discord = Discord()
        self.answer = answer
        self.voice = VoiceStates(self.discord.world, self.discord._voice_servers.admits())
        self.bot = hikari.GatewayBot("MQ.x.y", banner=None, logs=None, suppress_optimization_warning=True)
        self.shard = Shard(self)
        self.guild, self.lounge, self.other = (
            hikari.Snowflake(thing.id) for thing in (self.discord.guild, self.discord.lounge, self.discord.stage_left)
        )
        me = types.SimpleNamespace(id=hikari.Snowflake(self.discord.bot.id))
        self.app: Any = types.SimpleNamespace(
            shard_count=1,
            shards={0: self.shard},
            cache=types.SimpleNamespace(get_me=lambda: me, get_voice_state=lambda *_: None),
            event_manager=self.bot.event_manager,
        )
        self.component = VoiceComponent(self.app)
        self.component.start()

    def tell(self, *events: Event) -> None:
        """Discord sends these."""
        for event in events:
            if event.name == "VOICE_STATE_UPDATE":
                built: Any = self.bot.event_factory.deserialize_voice_state_update_event(
                    self.shard,  # type: ignore[arg-type]
                    dict(event.data),
                    old_state=None,
                )
            else:
                built = self.bot.event_factory.deserialize_voice_server_update_event(self.shard, dict(event.data))  # type: ignore[arg-type]
            self.bot.event_manager.dispatch(built)

    def kick(self) -> None:
        self.tell(*self.voice.leave(self.discord.guild, self.discord.bot.id))

    def move(self) -> list[Event]:
        """The events of a move to the other channel."""
        return self.voice.move(self.discord.guild, self.discord.bot.id, self.discord.stage_left)

    async def connect(self, **options: Any) -> Noting:
        options.setdefault("timeout", DEADLINE_S)
        return await self.component.connect_to(self.guild, self.lounge, Noting, **options)

    def listeners(self) -> int:
        """How many listeners of voice events the event manager has that are the component's."""
        found = self.bot.event_manager.get_listeners(hikari.VoiceEvent)
        return sum(getattr(one, "__self__", None) is self.component for one in found)

    @property
    def is_left(self) -> bool:
        """Whether Discord has the bot in no channel."""
        return self.discord.bot.id not in self.discord.guild.voice_states


async def turns(count: int = 10) -> None:
    """Let the event loop do what is ready."""
    for _ in range(count):
        await asyncio.sleep(0)
