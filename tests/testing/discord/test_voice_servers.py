"""The voice servers behind the simulation: sessions are closed with 4014 when a place is given up."""

from __future__ import annotations

from typing import Any

from voxlink.testing import Heard
from voxlink.testing.discord.voice_servers import VoiceServers
from voxlink.testing.discord.voice_states import Admission


class Noting:
    """A region that notes who is admitted and who is sent away."""

    def __init__(self) -> None:
        self.closed: list[tuple[int, int, int]] = []

    def admit(self, guild_id: int, user_id: int, channel_id: int, *, session_id: str | None = None) -> Admission:
        return VoiceServers([]).admits()[0](guild_id, user_id, channel_id, session_id)

    def listener(self, guild_id: int, user_id: int) -> Heard:
        return Heard()

    def seat(self, guild_id: int, user_id: int, channel_id: int) -> Any:
        raise NotImplementedError

    async def close_session(self, guild_id: int, user_id: int, code: int) -> None:
        self.closed.append((guild_id, user_id, code))
        if user_id == 0:
            raise LookupError(user_id)


async def test_a_bot_that_parts_is_closed_with_4014() -> None:
    region = Noting()
    servers = VoiceServers([region])
    servers.part(0, 1, 2)
    servers.part(0, 1, 0)
    await servers.close()
    assert region.closed == [(1, 2, 4014), (1, 0, 4014)]


def test_without_servers_there_is_an_address_at_which_nobody_answers() -> None:
    admitted = VoiceServers([]).admits()[0](1, 2, 3, None)
    assert admitted.endpoint.startswith("192.0.2.")
    assert admitted.token not in repr(admitted)
    assert VoiceServers([]).admits()[1](1, 2, 3, "kept").session_id == "kept"
