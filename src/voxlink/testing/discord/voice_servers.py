"""The voice servers behind the simulated Discord: who is admitted where, and who is sent away."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from voxlink.testing.discord.voice_states import Admission, Admit

if TYPE_CHECKING:
    from voxlink.testing.heard import Heard
    from voxlink.testing.simulated_member import SimulatedMember

__all__ = ["Region", "VoiceServers"]

DISCONNECTED = 4014
"""Discord's voice close code for "you were moved, kicked, or your session is over"."""


class Region(Protocol):
    """What the simulation needs of a voice server (`voxlink.testing.VoiceServer` is one)."""

    def admit(self, guild_id: int, user_id: int, channel_id: int, *, session_id: str | None = None) -> Admission:
        """Make a voice session, under the id of one that goes on elsewhere if it is given."""
        ...

    def listener(self, guild_id: int, user_id: int) -> Heard:
        """What is heard of a user in a guild at this server."""
        ...

    def seat(self, guild_id: int, user_id: int, channel_id: int) -> SimulatedMember:
        """Put a person into a channel's call, without any client."""
        ...

    async def close_session(self, guild_id: int, user_id: int, code: int) -> None:
        """Close a member's voice websocket; raises a `LookupError` for one who never came."""
        ...


@dataclass(slots=True, frozen=True)
class NoServer:
    """What is admitted where no voice server was given: an address of the reserved documentation range."""

    session_id: str
    token: str = field(repr=False)
    endpoint: str = "192.0.2.1:443"


class VoiceServers:
    """The regions of the simulation; with none, bots get an endpoint at which nobody answers."""

    def __init__(self, servers: Sequence[Region]) -> None:
        self.servers = list(servers)
        self._counter = itertools.count(1)
        self._partings: set[asyncio.Task[None]] = set()

    def admits(self) -> list[Admit]:
        """One way to be admitted for each region."""
        if not self.servers:
            return [self._admit_nowhere, self._admit_nowhere]
        return [self._admit_at(server) for server in self.servers]

    def _admit_at(self, server: Region) -> Admit:
        def admit(guild_id: int, user_id: int, channel_id: int, session_id: str | None) -> Admission:
            return server.admit(guild_id, user_id, channel_id, session_id=session_id)

        return admit

    def _admit_nowhere(self, guild_id: int, user_id: int, channel_id: int, session_id: str | None) -> Admission:
        number = next(self._counter)
        return NoServer(session_id or f"session-{number}", f"token-{number}")

    def part(self, index: int, guild_id: int, user_id: int) -> None:
        """Close the voice session that a bot has at a region's server, as Discord does at a move or a kick."""
        if self.servers:
            task = asyncio.get_running_loop().create_task(
                self._disconnect(self.servers[index], guild_id, user_id), name="voice-part"
            )
            self._partings.add(task)
            task.add_done_callback(self._partings.discard)

    async def _disconnect(self, server: Region, guild_id: int, user_id: int) -> None:
        with contextlib.suppress(LookupError):  # it never came
            await server.close_session(guild_id, user_id, DISCONNECTED)

    async def close(self) -> None:
        """Wait for those who are being sent away."""
        if self._partings:
            await asyncio.wait(self._partings)
