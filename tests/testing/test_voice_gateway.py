"""One websocket: what is sent is queued in order, what closes is closed with its code."""

from __future__ import annotations

from testing.scripted_client import GUILD, USER, joined, scripted
from voxlink.testing import VoiceServer


async def test_says_hello_first() -> None:
    async with VoiceServer(heartbeat_interval_ms=500) as server, scripted(server) as client:
        await client.open()
        assert await client.next_message() == {"op": 8, "d": {"v": 8, "heartbeat_interval": 500}}


async def test_describes_the_session_as_clients_expect() -> None:
    async with VoiceServer() as server, joined(server) as client:
        assert client.ready["modes"] == ["aead_aes256_gcm_rtpsize", "aead_xchacha20_poly1305_rtpsize"]
        assert client.ready["ip"] == "127.0.0.1"
        assert client.description["mode"] == "aead_xchacha20_poly1305_rtpsize"
        assert len(client.description["secret_key"]) == 32
        assert client.description["dave_protocol_version"] == 0
        assert client.description["audio_codec"] == "opus"


async def test_ignores_what_discord_ignores() -> None:
    async with VoiceServer() as server, joined(server) as client:
        for op in (12, 14, 16, 18, 20, 32):
            await client.say(op, {})
        await client.beat()


async def test_a_deaf_member_is_sent_no_media() -> None:
    async with VoiceServer() as server, joined(server, user=1) as speaker, joined(server, user=2) as deaf:
        await deaf.say(15, {"any": 0})
        await deaf.beat()
        speaker.send(speaker.packet(b"unheard"))
        await server.listener(GUILD, 1).wait_frames(1, 5)
        await deaf.say(15, {"any": 100})
        await deaf.beat()
        speaker.send(speaker.packet(b"heard"))
        assert (await deaf.hear())[1] == b"heard"


async def test_an_empty_binary_message_cannot_be_decoded() -> None:
    async with VoiceServer() as server, joined(server) as client:
        await client.websocket.send_bytes(b"")
        assert await client.expect_close() == 4002
        assert server.listener(GUILD, USER).faults == ["gateway message refused: close 4002"]


async def test_a_client_without_a_heartbeat_is_closed_and_may_resume() -> None:
    async with VoiceServer(heartbeat_interval_ms=100) as server, joined(server) as client:
        assert await client.expect_close() == 4009
        await client.open()
        await client.resume()
        await client.expect(9)
