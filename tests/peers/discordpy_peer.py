"""discord.py's own voice client in a process of its own: joins, plays, and opens the packets of its own socket.

Started by `peer_process.py`. discord.py has no receiver, so this one decrypts what the client's reader thread hands
out with the client's own key and DAVE session (reference order: transport, extension, padding, DAVE).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import ssl
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import davey
import discord
from discord.gateway import DiscordClientWebSocketResponse
from discord.voice_state import VoiceConnectionState
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt

SILENCE = b"\xf8\xff\xfe"


def tell(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


class Ear:
    """What this client heard, by user."""

    def __init__(self) -> None:
        self.users: dict[int, int] = {}
        self.heard: dict[int, list[str]] = {}
        self.failed: dict[int, int] = {}
        self.unknown = 0
        self.lock = threading.Lock()

    def reset(self) -> None:
        with self.lock:
            self.heard.clear()
            self.failed.clear()

    def take(self, packet: bytes, client: discord.VoiceClient) -> None:
        if len(packet) < 32 or packet[1] & 0x7F != 120:
            return
        size = 12 + 4 * (packet[0] & 0x0F) + (4 if packet[0] & 0x10 else 0)
        user = self.users.get(int.from_bytes(packet[8:12], "big"))
        nonce, key = packet[-4:] + bytes(20), bytes(client.secret_key)
        plain = crypto_aead_xchacha20poly1305_ietf_decrypt(packet[size:-4], packet[:size], nonce, key)
        if packet[0] & 0x10:
            plain = plain[4 * int.from_bytes(packet[size - 2 : size], "big") :]
        if packet[0] & 0x20:
            plain = plain[: -plain[-1]]
        if not plain or plain == SILENCE:
            return
        if user is None:
            self.unknown += 1
            return
        self.open(client, user, plain)

    def open(self, client: discord.VoiceClient, user: int, plain: bytes) -> None:
        session = client._connection.dave_session
        with self.lock:
            try:
                frame = plain if session is None else session.decrypt(user, davey.MediaType.audio, plain)
            except ValueError:
                self.failed[user] = self.failed.get(user, 0) + 1
                return
            self.heard.setdefault(user, []).append(hashlib.sha256(frame).hexdigest()[:16])


class Frames(discord.AudioSource):
    """Opus frames from a file, each behind its length."""

    def __init__(self, path: str) -> None:
        data = Path(path).read_bytes()
        self.frames: list[bytes] = []
        while data:
            size = int.from_bytes(data[:2], "big")
            self.frames.append(data[2 : 2 + size])
            data = data[2 + size :]
        self.frames.reverse()

    def read(self) -> bytes:
        return self.frames.pop() if self.frames else b""

    def is_opus(self) -> bool:
        return True


class Client(discord.VoiceClient):
    ear: Ear

    def create_connection_state(self) -> VoiceConnectionState:
        return VoiceConnectionState(self, hook=self.on_message)

    async def on_message(self, _socket: object, message: dict[str, Any]) -> None:
        if message["op"] == 5:
            data = message["d"]
            self.ear.users[data["ssrc"]] = int(data["user_id"])
        if message["op"] == 22:
            tell("executed", transition=message["d"]["transition_id"])


async def make_client(login: dict[str, Any], session: aiohttp.ClientSession) -> Client:
    """A voice client with just as much of a bot around it as it uses."""
    guild_id, channel_id = int(login["guild_id"]), int(login["channel_id"])
    user = SimpleNamespace(id=int(login["user_id"]))
    http = SimpleNamespace(
        ws_connect=lambda url, compress=0: session.ws_connect(url, max_msg_size=0, compress=compress)
    )
    state: Any = SimpleNamespace(
        loop=asyncio.get_running_loop(), user=user, http=http, _remove_voice_client=lambda key: None
    )
    client: Any

    async def change_voice_state(*, channel: Any, self_mute: bool = False, self_deaf: bool = False) -> None:
        reply = answer() if channel is not None else leave()
        state.loop.call_later(0.02, state.loop.create_task, reply)

    async def answer() -> None:
        await client.on_voice_state_update({"channel_id": str(channel_id), "session_id": login["session_id"]})
        await client.on_voice_server_update(
            {"token": login["token"], "guild_id": str(guild_id), "endpoint": login["endpoint"]}
        )

    async def leave() -> None:
        await client.on_voice_state_update({"channel_id": None, "session_id": login["session_id"]})

    guild = SimpleNamespace(
        id=guild_id,
        me=SimpleNamespace(voice=None),
        change_voice_state=change_voice_state,
        get_channel=lambda _: channel,
    )
    channel: Any = SimpleNamespace(id=channel_id, guild=guild, _get_voice_client_key=lambda: (guild_id, "guild_id"))
    client = Client(SimpleNamespace(_connection=state, loop=state.loop), channel)  # type: ignore[arg-type]
    client.ear = Ear()
    return client


async def read_commands() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main() -> None:
    commands = await read_commands()
    login = json.loads(await commands.readline())
    trust = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=login["authority"]))
    async with aiohttp.ClientSession(connector=trust, ws_response_class=DiscordClientWebSocketResponse) as session:
        client = await make_client(login, session)
        await client.connect(timeout=10, reconnect=True)
        client._connection.add_socket_listener(lambda packet: client.ear.take(packet, client))
        tell("joined")
        while line := await commands.readline():
            await obey(client, json.loads(line))
        await client.disconnect(force=True)


def code_of(client: Client) -> str | None:
    session = client._connection.dave_session
    return None if session is None else session.voice_privacy_code


async def obey(client: Client, command: dict[str, Any]) -> None:
    match command["do"]:
        case "play":
            loop = asyncio.get_running_loop()
            client.play(Frames(command["frames"]), after=lambda _: loop.call_soon_threadsafe(tell, "played"))
        case "forget":
            client.ear.reset()
            tell("forgotten")
        case "code":
            # A library tells nobody when its group is new: look until it is not the one that is known already.
            while (code := code_of(client)) in {None, command["known"]}:
                await asyncio.sleep(0.01)
            tell("code", code=code)
        case "report":
            with client.ear.lock:
                heard = {str(user): frames for user, frames in client.ear.heard.items()}
                failed = {str(user): count for user, count in client.ear.failed.items()}
            tell("report", heard=heard, failed=failed, unknown=client.ear.unknown)


if __name__ == "__main__":
    asyncio.run(main())
    # The client's reader thread sits in a 30 s select that nothing wakes.
    os._exit(0)
