"""Every close code and every kind of trouble on the simulated voice server: what must happen, and that it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from voxlink.testing import LinkTrouble, VoiceServer
from voxlink.voice import (
    HeardOpus,
    Lost,
    Transmitter,
    VoiceConnected,
    VoiceConnection,
    VoiceDisconnected,
    VoiceReconnecting,
    VoiceResumed,
    VoiceServerNeeded,
)
from voxlink.voice.close_codes import REACTIONS, Reaction

GUILD, USER, OTHER, CHANNEL = 1, 2, 9, 3
DEADLINE_S = 60

Event = TypeVar("Event")


class Member:
    """A connection with its stream and its events in order."""

    def __init__(self, server: VoiceServer, transmitter: Transmitter, user_id: int = USER) -> None:
        self.server = server
        self.user_id = user_id
        self.stream = transmitter.open_stream(lambda report: None)
        self.events: asyncio.Queue[object] = asyncio.Queue()
        login = server.admit(GUILD, user_id, CHANNEL)
        self.connection = VoiceConnection(login, self.stream, on_event=self.events.put_nowait)
        self.heard = server.listener(GUILD, user_id)

    async def next(self, kind: type[Event]) -> Event:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    async def close(self) -> None:
        await self.connection.close()
        self.stream.close()


@pytest.fixture
async def transmitter() -> AsyncIterator[Transmitter]:
    async with Transmitter(realtime=False) as transmitter:
        yield transmitter


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceServer]:
    async with VoiceServer(heartbeat_interval_ms=500) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


@pytest.fixture
async def member(server: VoiceServer, transmitter: Transmitter) -> AsyncIterator[Member]:
    member = Member(server, transmitter)
    await member.connection.connect()
    await member.next(VoiceConnected)
    yield member
    await member.close()
    assert [task for task in asyncio.all_tasks() if "voice-" in task.get_name()] == []


def frames(count: int) -> list[bytes]:
    return [b"\xfc" + b"%d" % index for index in range(count)]


def codes(*reactions: Reaction) -> list[int]:
    return [code for code, reaction in REACTIONS.items() if reaction in reactions]


@pytest.mark.parametrize("code", [1000, 1001, *codes(Reaction.RESUME, Reaction.RESUME_ONCE)])
async def test_codes_that_resume_lose_no_frame(member: Member, code: int) -> None:
    member.stream.queue(frames(30))
    await member.heard.wait_frames(5, DEADLINE_S)
    await member.server.close_session(GUILD, USER, code)
    assert (await member.next(VoiceReconnecting)).resuming
    await member.next(VoiceResumed)
    await member.heard.wait_frames(30, DEADLINE_S)
    assert [frame.opus for frame in member.heard.music_frames] == frames(30)
    assert member.heard.faults == []


@pytest.mark.parametrize("code", [*codes(Reaction.FRESH), 4999])
async def test_codes_that_need_a_fresh_session_go_on_with_a_new_login(member: Member, code: int) -> None:
    started = time.monotonic()
    await member.server.close_session(GUILD, USER, code)
    assert (await member.next(VoiceServerNeeded)).code == code
    assert not (await member.next(VoiceReconnecting)).resuming
    member.stream.queue(frames(10))
    await member.connection.move(member.server.admit(GUILD, USER, CHANNEL))
    await member.next(VoiceConnected)
    await member.heard.wait_frames(10, DEADLINE_S)
    assert time.monotonic() - started < 20  # the goal is 2 s in a quiet channel
    assert [frame.opus for frame in member.heard.music_frames] == frames(10)


@pytest.mark.parametrize("code", codes(Reaction.FRESH))
async def test_a_fresh_session_with_the_old_login_is_tried_where_the_server_still_takes_it(
    member: Member, code: int
) -> None:
    await member.server.close_session(GUILD, USER, code, keeps_session=True)
    await member.next(VoiceConnected)
    member.stream.queue(frames(5))
    await member.heard.wait_frames(5, DEADLINE_S)


@pytest.mark.parametrize("code", codes(Reaction.WAIT, Reaction.NEW_TOKEN))
async def test_codes_that_wait_do_nothing_until_a_login_comes(member: Member, code: int) -> None:
    await member.server.close_session(GUILD, USER, code)
    assert (await member.next(VoiceServerNeeded)).code == code
    assert not member.connection.is_connected
    await member.connection.move(member.server.admit(GUILD, USER, CHANNEL))
    await member.next(VoiceConnected)
    assert member.connection.is_connected


@pytest.mark.parametrize("code", codes(Reaction.STOP))
async def test_codes_that_stop_end_it(member: Member, code: int) -> None:
    await member.server.close_session(GUILD, USER, code)
    ended = await member.next(VoiceDisconnected)
    assert (ended.code, ended.by_remote) == (code, True)
    assert ended.reason


async def test_4016_goes_on_with_the_other_encryption_mode(member: Member) -> None:
    await member.server.close_session(GUILD, USER, 4016, keeps_session=True)
    assert (await member.next(VoiceConnected)).mode == "aead_xchacha20_poly1305_rtpsize"
    member.stream.queue(frames(10))
    await member.heard.wait_frames(10, DEADLINE_S)
    assert member.heard.faults == []


async def test_withheld_acks_are_noticed_and_the_session_resumed(member: Member) -> None:
    member.server.withhold_heartbeat_acks()
    assert "heartbeats" in (await member.next(VoiceReconnecting)).reason
    member.server.withhold_heartbeat_acks(withhold=False)
    await member.next(VoiceResumed)


async def test_a_stalled_socket_is_noticed_while_audio_goes_on(member: Member) -> None:
    member.stream.queue(frames(150))
    member.server.stall(GUILD, USER)
    assert (await member.next(VoiceReconnecting)).resuming
    await member.heard.wait_frames(150, DEADLINE_S)
    assert [frame.opus for frame in member.heard.music_frames] == frames(150)


async def test_a_bad_way_to_us_is_put_in_order_with_losses_marked(
    member: Member, server: VoiceServer, transmitter: Transmitter
) -> None:
    speaker = Member(server, transmitter, OTHER)
    await speaker.connection.connect()
    listening = member.connection.listen()
    speaker.stream.queue(frames(5))
    async with asyncio.timeout(DEADLINE_S):
        async for item in listening:
            if isinstance(item, HeardOpus) and item.is_silence:
                break
    trouble = LinkTrouble(seed=4, lose=0.1, duplicate=0.1, reorder=0.2, reorder_ms=30)
    server.trouble_downlink(GUILD, USER, trouble)
    speaker.stream.queue(frames(200))
    await speaker.heard.wait_frames(206, DEADLINE_S)
    server.trouble_downlink(GUILD, USER, None)
    speaker.stream.queue([b"\xfcend"])
    items: list[HeardOpus | Lost] = []
    async with asyncio.timeout(DEADLINE_S):
        async for item in listening:
            items.append(item)
            if isinstance(item, HeardOpus) and item.opus == b"\xfcend":
                break
    heard = [int(item.opus[1:]) for item in items if isinstance(item, HeardOpus) and item.opus in set(frames(200))]
    assert heard == sorted(set(heard)), "in order, once"
    lost = sum(isinstance(item, Lost) for item in items)
    assert trouble.lost > 5
    assert 150 < len(heard) < 200
    assert len(heard) + lost >= 190
    await speaker.close()


async def test_lost_uplink_packets_show_in_the_statistics(
    member: Member, server: VoiceServer, transmitter: Transmitter
) -> None:
    member.connection.listen()
    server.trouble_uplink(GUILD, USER, LinkTrouble(seed=1, lose=0.3))
    member.stream.queue(frames(50))
    await member.heard.wait_frames(50, DEADLINE_S)
    server.report_reception()
    speaker = Member(server, transmitter, OTHER)
    await speaker.connection.connect()
    speaker.stream.queue(frames(3))
    async with asyncio.timeout(DEADLINE_S):
        async for _ in member.connection.listen():
            break
    assert member.connection.stats().uplink_loss >= 0
    await speaker.close()


async def test_sequence_numbers_wrap_on_a_resume(transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch) -> None:
    async with VoiceServer(first_sequence=65_534, dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        one, two = Member(server, transmitter), Member(server, transmitter, OTHER)
        await one.connection.connect()
        await two.connection.connect()
        await server.drop(GUILD, USER)
        await one.next(VoiceResumed)
        async with asyncio.timeout(DEADLINE_S):
            while one.connection.privacy_code is None or one.connection.privacy_code != two.connection.privacy_code:
                await one.events.get()
        await one.close()
        await two.close()


async def test_forced_transition_timeouts_cost_no_frame(
    transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with VoiceServer(dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        one, two = Member(server, transmitter), Member(server, transmitter, OTHER)
        await one.connection.connect()
        server.force_transition_timeouts(CHANNEL)
        await two.connection.connect()
        listening = two.connection.listen()
        async with asyncio.timeout(DEADLINE_S):
            while two.connection.stats().dave_epoch < 1 or one.connection.stats().dave_epoch < 1:
                await asyncio.sleep(0)
        one.stream.queue(frames(20))
        async with asyncio.timeout(DEADLINE_S):
            async for item in listening:
                assert isinstance(item, HeardOpus)
                if item.opus == frames(20)[-1]:
                    break
        await one.close()
        await two.close()
