"""End-to-end encrypted calls between connections of ours, on the simulated voice server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from voxlink.testing import VoiceServer
from voxlink.voice import DaveChanged, HeardOpus, Lost, SpeakingStarted, Transmitter, VoiceConnection
from voxlink.voice.link import Link

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


def opus_of(heard: list[HeardOpus | Lost], speaker: Member) -> list[bytes]:
    """Return the frames; nothing may be lost but slots that a busy machine made the sender leave out."""
    assert sum(isinstance(item, Lost) for item in heard) <= speaker.stream.counts.skipped
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
    assert opus_of(await two.hears(10, b"\xfcone 39"), one) == frames("one", 40)
    assert opus_of(await one.hears(11, b"\xfctwo 39"), two) == frames("two", 40)
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
    heard = opus_of(await three.hears(10, b"\xfcone 59"), one)
    assert heard == frames("one", 60)[-len(heard) :]
    assert len(heard) > 30
    assert opus_of(await two.hears(10, b"\xfcone 59"), one)[-30:] == frames("one", 60)[-30:]


async def test_a_pause_of_twelve_seconds_with_a_join_in_between_is_heard_whole_by_old_and_new(
    server: VoiceServer, members: list[Member]
) -> None:
    # Receivers keep the keys of an old epoch for ten seconds: what waited must be encrypted again.
    one, two, three = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    await two.until_epoch(1)
    music = frames("one", 120)
    one.stream.queue(music)
    first_half = asyncio.create_task(two.hears(10, music[-1]))
    heard = server.listener(GUILD, 10)
    await heard.wait_frames(20, DEADLINE_S)
    one.stream.pause()
    paused_at = asyncio.get_running_loop().time()
    while [frame.is_silence for frame in heard.frames[-5:]] != [True] * 5:
        await heard.wait_frames(len(heard.frames) + 1, DEADLINE_S)
    said = len(heard.music_frames)
    assert 20 <= said < 60, "most of it waits"
    await three.join()
    for member in members:
        await member.until_epoch(2)
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_at(paused_at + 12, over.set_result, None)
    await over
    assert len(heard.music_frames) == said
    one.stream.resume()
    assert opus_of(await three.hears(10, music[-1]), one) == music[said:]
    assert opus_of(await first_half, one) == music
    assert two.connection.stats().undecryptable == three.connection.stats().undecryptable == 0
    assert heard.faults == []
    assert heard.missing <= one.stream.counts.skipped


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
    assert opus_of(await two.hears(10, b"\xfcone 59"), one) == frames("one", 60)[6:]
    assert one.connection.privacy_code == code


async def test_a_move_to_another_encrypted_channel_is_heard_there_and_no_longer_here(
    server: VoiceServer, members: list[Member]
) -> None:
    one, two, three = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    await two.until_epoch(1)
    music = frames("one", 150)
    one.stream.queue(music)
    await two.hears(10, b"\xfcone 5")
    there = server.seat(GUILD, 50, CHANNEL + 1)
    login = await server.move(GUILD, 10, channel_id=CHANNEL + 1)
    await one.connection.move(login)
    await server.wait_settled(CHANNEL + 1, DEADLINE_S)
    heard = there.listener(10)
    while not heard.music_frames or heard.music_frames[-1].opus != music[-1]:
        await heard.wait_frames(len(heard.frames) + 1, DEADLINE_S)
    # Until the new group had its key, frames were consumed at their pace, in silence.
    again = [frame.opus for frame in heard.music_frames]
    assert again == music[-len(again) :]
    assert len(again) > 75
    assert one.connection.privacy_code == there.privacy_code
    assert one.connection.users == {50}
    assert two.connection.users == frozenset()
    assert server.listener(GUILD, 10).faults == []
    assert not three.connection.is_connected


async def test_a_key_package_that_a_lost_socket_swallowed_is_offered_again(
    server: VoiceServer, members: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = members
    await one.join()
    send = Link.send
    with monkeypatch.context() as patch:
        patch.setattr(Link, "send", lambda link, message: None if message[:1] == b"\x1a" else send(link, message))
        await two.join()
    await server.drop(GUILD, 11)
    await one.until_epoch(1)
    await two.until_epoch(1)
    assert one.connection.privacy_code == two.connection.privacy_code


@pytest.mark.parametrize("op", [25, 27, 29, 30])
async def test_garbage_from_the_server_costs_no_more_than_a_new_start(
    server: VoiceServer, members: list[Member], op: int
) -> None:
    one, two, three = members
    for member in members:
        await member.join()
    for member in members:
        await member.until_epoch(2)
    for seed in range(5):
        server.send_garbage(GUILD, 10, op, seed=seed)
    one.stream.queue(frames("one", 5))
    await server.listener(GUILD, 10).wait_frames(10, DEADLINE_S)
    assert one.connection.is_connected
    assert all(frame.is_silence or frame.opus.endswith(b"\xfa\xfa") for frame in server.listener(GUILD, 10).frames)
    # An unusable commit makes it leave and come back (op 31); anything else is none of its business.
    for member in members:
        await member.until_epoch(3 if op == 29 else 2)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    one.stream.queue(frames("again", 40))
    assert opus_of(await two.hears(10, b"\xfcagain 39"), one)[-30:] == frames("again", 40)[-30:]
    assert opus_of(await three.hears(10, b"\xfcagain 39"), one)[-30:] == frames("again", 40)[-30:]
    assert one.connection.privacy_code == two.connection.privacy_code == three.connection.privacy_code


async def test_a_downgrade_is_heard_in_plain_and_an_upgrade_encrypted_again(
    server: VoiceServer, members: list[Member]
) -> None:
    one, two, _ = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    await two.until_epoch(1)
    server.downgrade(CHANNEL)
    for member in (one, two):
        async with asyncio.timeout(DEADLINE_S):
            while member.connection.stats().dave_version:
                assert isinstance(await member.events.get(), DaveChanged | SpeakingStarted)
    one.stream.queue(frames("plain", 10))
    assert opus_of(await two.hears(10, b"\xfcplain 9"), one) == frames("plain", 10)
    assert [frame.opus for frame in server.listener(GUILD, 10).music_frames] == frames("plain", 10)
    server.upgrade(CHANNEL)
    for member in (one, two):
        async with asyncio.timeout(DEADLINE_S):
            while member.connection.stats().dave_version == 0 or member.connection.stats().dave_epoch != 1:
                await member.events.get()
    await server.wait_settled(CHANNEL, DEADLINE_S)
    one.stream.queue(frames("secret", 10))
    assert opus_of(await two.hears(10, b"\xfcsecret 9"), one) == frames("secret", 10)
    assert all(frame.opus.endswith(b"\xfa\xfa") for frame in server.listener(GUILD, 10).music_frames[10:])


async def test_a_transition_that_runs_into_its_timeout_costs_no_frame(
    server: VoiceServer, members: list[Member]
) -> None:
    one, two, three = members
    await one.join()
    await two.join()
    await one.until_epoch(1)
    await two.until_epoch(1)
    server.force_transition_timeouts(CHANNEL)
    music = frames("one", 200)
    one.stream.queue(music)
    heard_by_two = asyncio.create_task(two.hears(10, music[-1]))
    began = asyncio.get_running_loop().time()
    await three.join()
    await three.until_epoch(2)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    assert asyncio.get_running_loop().time() - began > 1.9, "op 22 came by timeout"
    assert opus_of(await heard_by_two, one) == music
    heard = [item.opus for item in await three.hears(10, music[-1]) if isinstance(item, HeardOpus)]
    assert heard == music[-len(heard) :]
    assert len(heard) > 100, "the newcomer did not wait for op 22"


@pytest.mark.parametrize("seed", range(3))
async def test_late_commits_and_welcomes_end_in_one_group(
    server: VoiceServer, members: list[Member], seed: int
) -> None:
    chance = random.Random(seed)
    for member in members:
        await member.join()
        for op in (29, 30):
            server.delay_messages(GUILD, member.user_id, op, chance.uniform(0, 0.5))
    seats = {user: server.seat(GUILD, user, CHANNEL) for user in (20, 21)}
    for change in range(6):
        if chance.random() < 0.6 or len(seats) < 2:
            seats[30 + change] = server.seat(GUILD, 30 + change, CHANNEL)
        else:
            seats.pop(chance.choice(sorted(seats))).leave()
        if chance.random() < 0.4:
            server.send_garbage(GUILD, chance.choice(members).user_id, 29, seed=change)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    code = next(iter(seats.values())).privacy_code
    assert code is not None
    assert {seat.privacy_code for seat in seats.values()} == {code}
    for member in members:
        async with asyncio.timeout(DEADLINE_S):
            while member.connection.privacy_code != code:
                await member.events.get()
    one, two, three = members
    one.stream.queue(frames("one", 20))
    for listener in (two, three):
        assert opus_of(await listener.hears(10, b"\xfcone 19"), one) == frames("one", 20)


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
