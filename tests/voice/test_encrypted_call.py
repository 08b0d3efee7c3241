"""End-to-end encrypted calls between connections of ours, on the simulated voice server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from voxlink.testing import VoiceServer
from voxlink.voice import DaveChanged, HeardOpus, Lost, SpeakingStarted, Transmitter, VoiceConnection

GUILD, CHANNEL = 1, 3
DEADLINE_S = 30


class Member:
    """One connection of ours that listens."""

    def __init__(self, server: VoiceServer, transmitter: Transmitter, user_id: int) -> None:
        self.user_id = user_id
        self.stream = transmitter.open_stream(lambda report: None)
        self.events: asyncio.Queue[object] = asyncio.Queue()
        login = server.admit(GUILD, user_id, CHANNEL)
        self.connection = VoiceConnection(login, self.stream, on_event=self.events.put_nowait)

    async def join(self) -> None:
        await self.connection.connect()
        self.listening = self.connection.listen()

    async def until_epoch(self, epoch: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.connection.stats().dave_epoch != epoch:
                await self.events.get()

    async def hears(self, user_id: int, last: bytes) -> list[HeardOpus | Lost]:
        """Collect what is heard of a user up to a frame."""
        heard: list[HeardOpus | Lost] = []
        async with asyncio.timeout(DEADLINE_S):
            async for item in self.listening:
                if item.user_id == user_id and not (isinstance(item, HeardOpus) and item.is_silence):
                    heard.append(item)
                    if isinstance(item, HeardOpus) and item.opus == last:
                        break
        return heard


def frames(name: str, count: int) -> list[bytes]:
    return [b"\xfc" + f"{name} {index}".encode() for index in range(count)]


def opus_of(heard: list[HeardOpus | Lost]) -> list[bytes]:
    assert not [item for item in heard if isinstance(item, Lost)]
    return [item.opus for item in heard if isinstance(item, HeardOpus)]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceServer]:
    async with VoiceServer(dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


@pytest.fixture
async def members(server: VoiceServer) -> AsyncIterator[list[Member]]:
    async with Transmitter(realtime=False) as transmitter:
        members = [Member(server, transmitter, user_id) for user_id in (10, 11, 12)]
        yield members
        for member in members:
            await member.connection.close()
            member.stream.close()
        assert [task for task in asyncio.all_tasks() if "voice-" in task.get_name()] == []


async def test_members_agree_on_codes_and_hear_each_other(server: VoiceServer, members: list[Member]) -> None:
    one, two, _ = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    await two.until_epoch(1)
    assert one.connection.privacy_code == two.connection.privacy_code
    assert len(one.connection.privacy_code or "") == 30
    assert await one.connection.verification_code(11) == await two.connection.verification_code(10)
    one.stream.queue(frames("one", 40))
    two.stream.queue(frames("two", 40))
    assert opus_of(await two.hears(10, b"\xfcone 39")) == frames("one", 40)
    assert opus_of(await one.hears(11, b"\xfctwo 39")) == frames("two", 40)
    assert server.listener(GUILD, 10).faults == []
    assert all(frame.opus.endswith(b"\xfa\xfa") for frame in server.listener(GUILD, 10).music_frames)
    assert one.connection.users == {11}


async def test_a_pause_with_a_join_in_between_is_heard_whole_by_the_newcomer(members: list[Member]) -> None:
    one, two, three = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    one.stream.queue(frames("one", 60))
    await two.hears(10, b"\xfcone 5")
    one.stream.pause()
    await three.join()
    for member in members:
        await member.until_epoch(2)
    one.stream.resume()
    heard = opus_of(await three.hears(10, b"\xfcone 59"))
    assert heard == frames("one", 60)[-len(heard) :]
    assert len(heard) > 30
    assert opus_of(await two.hears(10, b"\xfcone 59"))[-30:] == frames("one", 60)[-30:]


async def test_a_resume_keeps_the_group(server: VoiceServer, members: list[Member]) -> None:
    one, two, _ = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    await two.until_epoch(1)
    code = one.connection.privacy_code
    one.stream.queue(frames("one", 60))
    await two.hears(10, b"\xfcone 5")
    await server.drop(GUILD, 10)
    assert opus_of(await two.hears(10, b"\xfcone 59")) == frames("one", 60)[6:]
    assert one.connection.privacy_code == code


@pytest.mark.parametrize("op", [25, 27, 29, 30])
async def test_garbage_from_the_server_ends_nothing(server: VoiceServer, members: list[Member], op: int) -> None:
    one, two, _ = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    for seed in range(5):
        server.send_garbage(GUILD, 10, op, seed=seed)
    one.stream.queue(frames("one", 5))
    await server.listener(GUILD, 10).wait_frames(10, DEADLINE_S)
    assert one.connection.is_connected


async def test_downgrade_and_upgrade_are_told(server: VoiceServer, members: list[Member]) -> None:
    one, two, _ = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    server.downgrade(CHANNEL)
    async with asyncio.timeout(DEADLINE_S):
        while one.connection.stats().dave_version:
            assert isinstance(await one.events.get(), DaveChanged | SpeakingStarted)
    one.stream.queue(frames("plain", 10))
    assert opus_of(await two.hears(10, b"\xfcplain 9")) == frames("plain", 10)
    server.upgrade(CHANNEL)
    async with asyncio.timeout(DEADLINE_S):
        while one.connection.stats().dave_version == 0:
            await one.events.get()


async def test_uplink_reports_reach_the_statistics(server: VoiceServer, members: list[Member]) -> None:
    one, two, _ = members
    await one.join()
    await two.join()
    one.stream.queue(frames("one", 20))
    await server.listener(GUILD, 10).wait_frames(20, DEADLINE_S)
    server.report_reception()
    two.stream.queue(frames("two", 30))
    await one.hears(11, b"\xfctwo 29")
    assert one.connection.stats().uplink_loss == 0
    assert one.connection.stats().frames.sent >= 20
