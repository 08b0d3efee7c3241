"""A stage: a voice server, an embedded node and a client on loopback, and a seat in the audience of each player."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import NamedTuple, Self

import msgspec

from voxlink.client import Client, DefaultPlayer, Node
from voxlink.testing.heard import Heard
from voxlink.testing.trust import trusted
from voxlink.testing.voice_server import VoiceServer
from voxlink.voice import VoiceLogin

__all__ = ["Seat", "Stage"]

BOT_USER_ID = 1_000_000_000_000_000_001


class Seat(msgspec.Struct, frozen=True):
    """One player on the stage, and what its listener hears."""

    player: DefaultPlayer
    heard: Heard
    login: VoiceLogin


class _Parts(NamedTuple):
    server: VoiceServer
    client: Client
    node: Node


class Stage:
    """Everything between a bot's `play` and a listener's ear, on this machine; an async context manager.

    The node is a real child process, the client speaks to it over real sockets, and the sound arrives at a real voice
    server as encrypted packets. While the stage is open `SSL_CERT_FILE` names a bundle of the usual certificate
    authorities and the voice server's own, so that child processes trust both. Leaving the block stops every process
    and task.
    """

    def __init__(self, *, local_files: bool = True, user_id: int = BOT_USER_ID) -> None:
        self._local_files = local_files
        self._user_id = user_id
        self._exits = AsyncExitStack()
        self._parts: _Parts | None = None

    @property
    def server(self) -> VoiceServer:
        """The simulated voice server. Raises RuntimeError while the stage is not open; so do `client` and `node`."""
        return self._open_parts().server

    @property
    def client(self) -> Client:
        """The client that a bot would have."""
        return self._open_parts().client

    @property
    def node(self) -> Node:
        """The embedded node."""
        return self._open_parts().node

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            server = await exits.enter_async_context(VoiceServer())
            exits.enter_context(trusted(server.certificate))
            client = Client(self._user_id)
            exits.push_async_callback(client.close)
            node = await client.start_embedded_node(local_files=self._local_files)
            self._parts = _Parts(server, client, node)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._parts = None
        await self._exits.aclose()

    def _open_parts(self) -> _Parts:
        if self._parts is None:
            raise RuntimeError("the stage is not open")
        return self._parts

    async def join(self, guild_id: int = 1, channel_id: int = 10) -> Seat:
        """Join a voice channel as Discord would have us do it, and sit down beside the player."""
        player = self.client.player_manager.create(guild_id)
        login = self.server.admit(guild_id, self._user_id, channel_id)
        await self.tell(login)
        return Seat(player, self.server.listener(guild_id, self._user_id), login)

    async def tell(self, login: VoiceLogin) -> None:
        """Give the client the two dispatches that the main gateway sends for a join or a move."""
        state = {
            "guild_id": str(login.guild_id),
            "channel_id": str(login.channel_id),
            "user_id": str(login.user_id),
            "session_id": login.session_id,
        }
        server = {"guild_id": str(login.guild_id), "endpoint": login.endpoint, "token": login.token}
        await self.client.voice_update_handler({"t": "VOICE_STATE_UPDATE", "d": state})
        await self.client.voice_update_handler({"t": "VOICE_SERVER_UPDATE", "d": server})
