"""A voice client that does what the test says: voice.md 1 by hand, encryption by PyNaCl, apart from our own engine."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt, crypto_aead_xchacha20poly1305_ietf_encrypt

from voxlink.testing.voice_member import VoiceMember
from voxlink.testing.voice_server import VoiceServer

XCHACHA = "aead_xchacha20_poly1305_rtpsize"
DEADLINE_S = 30.0
GUILD, USER, CHANNEL = 41, 42, 43


class ScriptedClient:
    """One voice session in XChaCha20 mode, step by step."""

    def __init__(self, server: VoiceServer, member: VoiceMember) -> None:
        self.server = server
        self.member = member
        self.session = aiohttp.ClientSession()
        self.media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.media.setblocking(False)
        self.media.bind(("127.0.0.1", 0))
        self.websocket: aiohttp.ClientWebSocketResponse
        self.ready: dict[str, Any] = {}
        self.description: dict[str, Any] = {}
        self.key = b""
        self.sequence, self.timestamp, self.nonce = 65_530, 2**32 - 960 * 3, 0
        self.seq_ack = -1

    async def open(self) -> None:
        self.websocket = await self.session.ws_connect(
            f"wss://{self.server.endpoint}/?v=8", ssl=self.server.ssl_context(), max_msg_size=0
        )

    async def close(self) -> None:
        if hasattr(self, "websocket"):
            await self.websocket.close()
        await self.session.close()
        self.media.close()

    async def say(self, op: int, data: object) -> None:
        await self.websocket.send_str(json.dumps({"op": op, "d": data}))

    async def next_message(self) -> dict[str, Any] | bytes | int:
        """The next text or binary message, or the close code."""
        async with asyncio.timeout(DEADLINE_S):
            message = await self.websocket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            body = json.loads(message.data)
            self.seq_ack = body.get("seq", self.seq_ack)
            return body
        if message.type is aiohttp.WSMsgType.BINARY:
            self.seq_ack = int.from_bytes(message.data[:2], "big")
            return message.data
        return self.websocket.close_code or 1006

    async def expect(self, op: int) -> Any:
        """Read until text message `op` comes; return its data."""
        while True:
            message = await self.next_message()
            assert not isinstance(message, int), f"closed with {message} while waiting for op {op}"
            if isinstance(message, dict) and message["op"] == op:
                return message["d"]

    async def expect_close(self) -> int:
        while not isinstance(message := await self.next_message(), int):
            pass
        return message

    async def identify(self, **changes: object) -> None:
        identity = {
            "server_id": str(self.member.guild_id),
            "user_id": str(self.member.user_id),
            "session_id": self.member.session_id,
            "token": self.member.token,
            "max_dave_protocol_version": 0,
        }
        await self.say(0, identity | changes)

    async def resume(self, **changes: object) -> None:
        identity = {
            "server_id": str(self.member.guild_id),
            "session_id": self.member.session_id,
            "token": self.member.token,
            "seq_ack": self.seq_ack,
        }
        await self.say(7, identity | changes)

    async def discover(self) -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        ssrc = self.ready["ssrc"].to_bytes(4, "big")
        request = b"\x00\x01\x00\x46" + ssrc + bytes(66)
        await loop.sock_sendto(self.media, request, (self.ready["ip"], self.ready["port"]))
        async with asyncio.timeout(DEADLINE_S):
            answer = await loop.sock_recv(self.media, 2048)
        assert len(answer) == 74
        assert answer[:8] == b"\x00\x02\x00\x46" + ssrc
        return answer[8:72].rstrip(b"\0").decode("ascii"), int.from_bytes(answer[72:], "big")

    async def join(self, **changes: object) -> None:
        """Everything up to the first Speaking."""
        await self.open()
        await self.identify(**changes)
        self.ready = await self.expect(2)
        address, port = await self.discover()
        await self.say(1, {"protocol": "udp", "data": {"address": address, "port": port, "mode": XCHACHA}})
        self.description = await self.expect(4)
        self.key = bytes(self.description["secret_key"])
        await self.speak(1)

    async def speak(self, speaking: int) -> None:
        """Say op 5 and wait until the server has read it."""
        await self.say(5, {"speaking": speaking, "delay": 0, "ssrc": self.ready["ssrc"]})
        await self.beat()

    async def beat(self) -> None:
        nonce = int.from_bytes(os.urandom(4), "big")
        await self.say(3, {"t": nonce, "seq_ack": self.seq_ack})
        assert (await self.expect(6))["t"] == nonce

    def packet(self, payload: bytes, *, nonce: int | None = None, head: bytes = b"\x80\x78") -> bytes:
        """Make the next packet; the counters step on."""
        self.sequence, self.timestamp = (self.sequence + 1) % 2**16, (self.timestamp + 960) % 2**32
        clear = head + self.sequence.to_bytes(2, "big") + self.timestamp.to_bytes(4, "big")
        return self.seal(clear + self.ready["ssrc"].to_bytes(4, "big"), payload, nonce=nonce)

    def seal(self, clear: bytes, payload: bytes, *, nonce: int | None = None) -> bytes:
        self.nonce += 1
        tail = (self.nonce if nonce is None else nonce).to_bytes(4, "big")
        return clear + crypto_aead_xchacha20poly1305_ietf_encrypt(payload, clear, tail + bytes(20), self.key) + tail

    def send(self, packet: bytes) -> None:
        self.media.sendto(packet, (self.ready["ip"], self.ready["port"]))

    async def hear(self) -> tuple[bytes, bytes]:
        """The next audio packet from the server: clear header and plain text behind it."""
        loop = asyncio.get_running_loop()
        while True:
            async with asyncio.timeout(DEADLINE_S):
                packet = await loop.sock_recv(self.media, 2048)
            if len(packet) > 8 and packet[1] == 0x78:
                return self.unseal(packet)

    def unseal(self, packet: bytes, size: int | None = None) -> tuple[bytes, bytes]:
        size = size or 12 + (4 if packet[0] & 0x10 else 0)
        clear, nonce = packet[:size], packet[-4:] + bytes(20)
        return clear, crypto_aead_xchacha20poly1305_ietf_decrypt(packet[size:-4], clear, nonce, self.key)


@asynccontextmanager
async def scripted(server: VoiceServer, *, user: int = USER, channel: int = CHANNEL) -> AsyncIterator[ScriptedClient]:
    """A client that is admitted and has not connected yet."""
    client = ScriptedClient(server, server._backend.admit(GUILD, user, channel))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def joined(server: VoiceServer, *, user: int = USER, channel: int = CHANNEL) -> AsyncIterator[ScriptedClient]:
    """A client that is in the call and may speak."""
    async with scripted(server, user=user, channel=channel) as client:
        await client.join()
        yield client
