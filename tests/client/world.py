"""What the client's tests share: a client with one fake node, and Discord's voice messages."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from voxlink.client import Client, DefaultPlayer, Node, ReconnectPolicy
from voxlink.protocol import AudioTrack, Track, encode
from voxlink.testing import FakeNode, make_track

USER = 1000
GUILD = 81384788765712384
QUICK = ReconnectPolicy(initial_s=0.01, max_s=0.05, jitter=0)
"""Reconnects at once: tests of policy pass the time to the machine instead."""


@asynccontextmanager
async def world(**options: Any) -> AsyncGenerator[tuple[Client, Node, FakeNode], None]:
    """A client, its only node (ready), and the fake behind it."""
    async with FakeNode() as fake, client(**options) as made:
        node = add(made, fake)
        await node.wait_ready()
        await fake.wait_request("GET", "/v4/info")  # the last request of the handshake
        while node.info is None:
            await node.get_version()
        yield made, node, fake


def client(**options: Any) -> Client:
    options.setdefault("reconnect", QUICK)
    return Client(USER, **options)


def add(made: Client, fake: FakeNode, region: str = "eu", name: str | None = None, **options: Any) -> Node:
    return made.add_node(fake.host, fake.port, fake.password, region, name or f"node-{fake.port}", **options)


def state_update(
    guild_id: int = GUILD, channel_id: int | None = 7, session_id: str = "voice-session"
) -> dict[str, Any]:
    data = {"guild_id": str(guild_id), "user_id": str(USER), "session_id": session_id}
    return {"t": "VOICE_STATE_UPDATE", "d": {**data, "channel_id": None if channel_id is None else str(channel_id)}}


def server_update(
    guild_id: int = GUILD, token: str = "voice-token", endpoint: str | None = "c-fra1.discord.media:443"
) -> dict[str, Any]:
    return {"t": "VOICE_SERVER_UPDATE", "d": {"guild_id": str(guild_id), "token": token, "endpoint": endpoint}}


async def join(made: Client, guild_id: int = GUILD, channel_id: int = 7) -> DefaultPlayer:
    """A player in a voice channel."""
    player = made.player_manager.create(guild_id)
    await made.voice_update_handler(state_update(guild_id, channel_id))
    await made.voice_update_handler(server_update(guild_id))
    return player


def as_audio(made: Track) -> AudioTrack:
    """A node's track as the client has it."""
    return AudioTrack(json.loads(encode(made)))


def track(title: str = "", **options: Any) -> AudioTrack:
    """A track as `get_tracks` gives it."""
    return as_audio(make_track(title, **options))
