"""What the doors of the simulated Discord (REST, gateway, the hands of users) share: one world and one clock."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from voxlink.testing.discord import payloads
from voxlink.testing.discord.commands import CommandBook
from voxlink.testing.discord.interactions import Interaction
from voxlink.testing.discord.state import Json, Message, World
from voxlink.testing.discord.trouble import Trouble
from voxlink.testing.discord.voice_states import Event, VoiceStates
from voxlink.testing.discord.waiting import Changes

__all__ = ["Core"]


def _nobody(_: list[Event]) -> None:
    """Until there is a gateway, nobody hears of events."""


@dataclass(slots=True)
class Core:
    """The state that every door works on. `publish` sends events to the bots that may see them."""

    world: World
    trouble: Trouble
    changes: Changes
    voice: VoiceStates
    book: CommandBook
    interactions: dict[int, Interaction] = field(default_factory=dict[int, Interaction])
    publish: Callable[[list[Event]], None] = _nobody
    clock: Callable[[], float] = time.monotonic

    def stamp(self) -> str:
        """The time in Discord's form."""
        return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")

    def tell_of(self, message: Message, name: str) -> None:
        """Tell of a message that appeared (`MESSAGE_CREATE`), changed or went; ephemeral ones are told to nobody."""
        if not message.is_ephemeral:
            if name == "MESSAGE_DELETE":
                data: Json = {
                    "id": str(message.id),
                    "channel_id": str(message.channel_id),
                    "guild_id": str(message.guild_id),
                }
            else:
                data = payloads.message(message)
            self.publish([Event(message.guild_id, name, data)])
        self.changes.told()
