"""Trouble of the simulated server that needs more than one server or member, and our connection in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from voxlink.testing import ServerUpdate, VoiceServer
from voxlink.voice import Transmitter, VoiceConnection

GUILD, CHANNEL, OURS = 1, 3, 1000
DEADLINE_S = 30.0
LATE_S = 0.3


@pytest.fixture
async def transmitter() -> AsyncIterator[Transmitter]:
    async with Transmitter(realtime=False) as transmitter:
        yield transmitter


def music(count: int) -> list[bytes]:
    return [b"\xfc" + number.to_bytes(2, "big") * 40 for number in range(count)]


async def test_a_null_endpoint_and_a_move_neither_lose_nor_repeat_a_frame(
    transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with VoiceServer() as old, VoiceServer() as new:
        both = old.certificate.parent / "both.pem"
        both.write_bytes(old.certificate.read_bytes() + new.certificate.read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(both))
        stream = transmitter.open_stream(lambda report: None)
        connection = VoiceConnection(old.admit(GUILD, OURS, CHANNEL), stream, on_event=lambda event: None)
        moves: list[asyncio.Task[None]] = []

        def follow(update: ServerUpdate) -> None:
            if update.login is None:
                connection.hold()
            else:
                moves.append(asyncio.create_task(connection.move(update.login)))

        old.on_server_update = follow
        await connection.connect()
        stream.queue(music(60))
        before, after = old.listener(GUILD, OURS), new.listener(GUILD, OURS)
        await before.wait_frames(10, DEADLINE_S)
        old.announce_null_endpoint(GUILD, OURS)
        await old.move(GUILD, OURS, channel_id=CHANNEL + 1, to=new)
        await asyncio.gather(*moves)
        while not after.music_frames or after.music_frames[-1].opus != music(60)[-1]:
            await after.wait_frames(len(after.frames) + 1, DEADLINE_S)
        heard = [frame.opus for heard in (before, after) for frame in heard.music_frames]
        assert heard == [frame for frame in music(60) if frame in heard], "in order, once"
        assert 60 - len(heard) <= old.strays <= 3, "but for what was on its way to a session that was over"
        assert before.faults == after.faults == []
        await connection.close()
        stream.close()


async def test_a_commit_that_reaches_us_late_costs_the_others_no_frame_of_ours(
    transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with VoiceServer(dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        anna, ben = server.seat(GUILD, 1, CHANNEL), server.seat(GUILD, 2, CHANNEL)
        stream = transmitter.open_stream(lambda report: None)
        connection = VoiceConnection(server.admit(GUILD, OURS, CHANNEL), stream, on_event=lambda event: None)
        await connection.connect()
        await server.wait_settled(CHANNEL, DEADLINE_S)
        stream.queue(music(150))
        heard = server.listener(GUILD, OURS)
        await anna.listener(OURS).wait_frames(10, DEADLINE_S)
        lost = {seat.user_id: seat.undecodable.get(OURS, 0) for seat in (anna, ben)}
        server.delay_messages(GUILD, OURS, 29, LATE_S)
        newcomer = server.seat(GUILD, 9, CHANNEL)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await heard.wait_frames(150, DEADLINE_S)
        assert {seat.user_id: seat.undecodable.get(OURS, 0) for seat in (anna, ben)} == lost
        assert newcomer.listener(OURS).music_frames[-1].opus == music(150)[-1]
        assert connection.privacy_code == anna.privacy_code == newcomer.privacy_code
        await connection.close()
        stream.close()
