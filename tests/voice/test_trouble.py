"""Every close code and every kind of trouble on the simulated voice server: what must happen, and that it does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from voxlink.errors import VoiceUnreachable
from voxlink.testing import LinkTrouble, ServerUpdate, VoiceServer
from voxlink.voice import (
    SILENCE_FRAME,
    HeardOpus,
    Listening,
    Lost,
    Transmitter,
    VoiceConnected,
    VoiceConnection,
    VoiceDisconnected,
    VoiceLogin,
    VoiceReconnecting,
    VoiceResumed,
    VoiceServerNeeded,
)
from voxlink.voice.close_codes import REACTIONS, Reaction
from voxlink.voice.gateway import MAX_FRESH, MAX_REFUSED_TOKENS, MAX_RESUMES
from voxlink.voice.link import Link

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


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 1011, 3999, *codes(Reaction.RESUME, Reaction.RESUME_ONCE)])
async def test_codes_that_resume_lose_no_frame(member: Member, code: int) -> None:
    member.stream.queue(frames(30))
    await member.heard.wait_frames(5, DEADLINE_S)
    await member.server.close_session(GUILD, USER, code)
    assert (await member.next(VoiceReconnecting)).resuming
    await member.next(VoiceResumed)
    await member.heard.wait_frames(30, DEADLINE_S)
    assert [frame.opus for frame in member.heard.music_frames] == frames(30)
    assert member.heard.faults == []


async def test_4009_is_resumed_once_and_then_a_fresh_session(member: Member) -> None:
    await member.server.close_session(GUILD, USER, 4009)
    await member.next(VoiceResumed)
    await member.server.close_session(GUILD, USER, 4009)
    assert not (await member.next(VoiceReconnecting)).resuming
    member.stream.queue(frames(10))
    await member.next(VoiceConnected)
    await member.heard.wait_frames(10, DEADLINE_S)


async def test_a_dropped_tcp_connection_is_resumed_while_audio_goes_on(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_socket, loop = Link.open_socket, asyncio.get_running_loop()
    monkeypatch.setattr(Link, "open_socket", lambda *way: loop.call_later(0.5, open_socket, *way))  # a long way
    member.stream.queue(frames(60))
    await member.heard.wait_frames(5, DEADLINE_S)
    await member.server.drop(GUILD, USER)
    assert (await member.next(VoiceReconnecting)).resuming
    before = len(member.heard.music_frames)
    await member.next(VoiceResumed)
    assert len(member.heard.music_frames) - before >= 10, "of about twenty-five: nobody waited for the resume"
    await member.heard.wait_frames(65, DEADLINE_S)
    assert [frame.opus for frame in member.heard.frames] == frames(60) + [SILENCE_FRAME] * 5
    assert member.heard.faults == []


async def test_a_server_that_is_gone_for_good_ends_it_within_its_limits(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxlink.voice.gateway.FIRST_DELAY_S", 0.01)
    await member.server.close()
    attempts = 0
    async with asyncio.timeout(DEADLINE_S):
        while not isinstance(event := await member.events.get(), VoiceDisconnected):
            attempts += isinstance(event, VoiceReconnecting)
    assert attempts == MAX_RESUMES + MAX_FRESH
    assert (event.code, event.by_remote) == (1006, False)
    assert event.reason


async def test_a_server_that_we_do_not_trust_is_not_talked_to(
    server: VoiceServer, transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxlink.voice.gateway.FIRST_DELAY_S", 0.01)
    monkeypatch.delenv("SSL_CERT_FILE")
    stranger = Member(server, transmitter, OTHER)
    with pytest.raises(VoiceUnreachable, match=r"(?i)certificate"):
        await stranger.connection.connect()


@pytest.mark.parametrize("code", [*codes(Reaction.FRESH), 4999])
async def test_codes_that_need_a_fresh_session_go_on_with_a_new_login(member: Member, code: int) -> None:
    await member.server.close_session(GUILD, USER, code)
    assert (await member.next(VoiceServerNeeded)).code == code
    assert not (await member.next(VoiceReconnecting)).resuming
    member.stream.queue(frames(10))
    await member.connection.move(member.server.admit(GUILD, USER, CHANNEL))
    await member.next(VoiceConnected)
    await member.heard.wait_frames(10, DEADLINE_S)
    assert [frame.opus for frame in member.heard.music_frames] == frames(10)


@pytest.mark.parametrize("code", codes(Reaction.FRESH))
async def test_a_fresh_session_with_the_old_login_is_tried_where_the_server_still_takes_it(
    member: Member, code: int
) -> None:
    await member.server.close_session(GUILD, USER, code, keeps_session=True)
    await member.next(VoiceConnected)
    member.stream.queue(frames(5))
    await member.heard.wait_frames(5, DEADLINE_S)


@pytest.mark.parametrize("code", codes(Reaction.FRESH))
async def test_a_server_that_takes_nobody_is_not_hammered(
    member: Member, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxlink.voice.gateway.FIRST_DELAY_S", 0.01)
    needed = 0
    async with asyncio.timeout(DEADLINE_S):
        await member.server.close_session(GUILD, USER, code)
        while not isinstance(event := await member.events.get(), VoiceDisconnected):
            if isinstance(event, VoiceServerNeeded):
                needed += 1
                await member.connection.move(member.server.admit(GUILD, USER, CHANNEL))
            elif isinstance(event, VoiceConnected):
                await member.server.close_session(GUILD, USER, code)
    assert event.code == code
    assert needed == MAX_FRESH


async def test_a_fresh_reconnect_in_a_quiet_channel_takes_under_two_seconds(member: Member) -> None:
    times: list[float] = []
    for _ in range(3):
        started = time.monotonic()
        await member.server.close_session(GUILD, USER, 4006)
        await member.next(VoiceServerNeeded)
        member.stream.queue(frames(1))
        await member.connection.move(member.server.admit(GUILD, USER, CHANNEL))
        heard = len(member.heard.music_frames)
        while len(member.heard.music_frames) == heard:
            await member.heard.wait_frames(len(member.heard.frames) + 1, DEADLINE_S)
        times.append(time.monotonic() - started)
    print(f"\nclose to first packet of the fresh session: {', '.join(f'{1000 * took:.0f} ms' for took in times)}")
    assert min(times) < 2


@pytest.mark.parametrize("code", codes(Reaction.WAIT, Reaction.NEW_TOKEN))
async def test_codes_that_wait_do_nothing_until_a_login_comes(member: Member, code: int) -> None:
    await member.server.close_session(GUILD, USER, code)
    assert (await member.next(VoiceServerNeeded)).code == code
    assert not member.connection.is_connected
    await member.connection.move(member.server.admit(GUILD, USER, CHANNEL))
    await member.next(VoiceConnected)
    assert member.connection.is_connected


@pytest.mark.parametrize("code", codes(Reaction.WAIT, Reaction.NEW_TOKEN))
async def test_codes_that_wait_end_it_when_no_login_comes(
    member: Member, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxlink.voice.gateway.WAIT_FOR_LOGIN_S", 0.05)
    await member.server.close_session(GUILD, USER, code)
    ended = await member.next(VoiceDisconnected)
    assert (ended.code, ended.by_remote) == (code, True)


async def test_4004_ends_it_when_three_tokens_were_refused(member: Member) -> None:
    await member.server.close_session(GUILD, USER, 4004)
    for _ in range(MAX_REFUSED_TOKENS - 1):
        assert (await member.next(VoiceServerNeeded)).code == 4004
        good = member.server.admit(GUILD, USER, CHANNEL)
        stale = VoiceLogin(GUILD, USER, CHANNEL, good.session_id, "stale", good.endpoint)
        await member.connection.move(stale)
    assert (await member.next(VoiceDisconnected)).code == 4004


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


async def test_4016_ends_it_when_the_other_mode_is_refused_too(member: Member) -> None:
    await member.server.close_session(GUILD, USER, 4016, keeps_session=True)
    await member.next(VoiceConnected)
    await member.server.close_session(GUILD, USER, 4016, keeps_session=True)
    assert (await member.next(VoiceDisconnected)).code == 4016


async def test_withheld_acks_are_noticed_and_the_session_resumed(member: Member) -> None:
    member.server.withhold_heartbeat_acks()
    assert "heartbeats" in (await member.next(VoiceReconnecting)).reason
    member.server.withhold_heartbeat_acks(withhold=False)
    await member.next(VoiceResumed)


async def test_a_stalled_socket_is_noticed_while_audio_goes_on(member: Member) -> None:
    member.stream.queue(frames(150))
    member.server.stall(GUILD, USER)
    assert (await member.next(VoiceReconnecting)).resuming
    await member.next(VoiceResumed)
    await member.heard.wait_frames(150, DEADLINE_S)
    assert [frame.opus for frame in member.heard.music_frames] == frames(150)
    assert member.server.resumes(GUILD, USER) == 1


async def test_lost_discovery_packets_are_sent_again(server: VoiceServer, transmitter: Transmitter) -> None:
    server.lose_discoveries(2)
    slow = Member(server, transmitter, OTHER)
    await slow.connection.connect()
    slow.stream.queue(frames(5))
    await slow.heard.wait_frames(5, DEADLINE_S)
    await slow.close()


async def test_the_way_to_the_voice_server_is_measured(
    server: VoiceServer, transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxlink.voice.discovery.KEEPALIVE_INTERVAL_S", 0.02)
    measured = Member(server, transmitter, OTHER)
    assert measured.connection.stats().udp_ping_ms == -1
    await measured.connection.connect()
    measured.stream.queue(frames(50))
    await measured.heard.wait_frames(50, DEADLINE_S)
    assert 0 <= measured.connection.stats().udp_ping_ms < 200
    assert 0 <= measured.connection.stats().ping_ms < 200
    await measured.close()


async def test_a_null_endpoint_with_nothing_behind_it_ends_it(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxlink.voice.gateway.WAIT_FOR_SERVER_S", 0.05)
    told: list[ServerUpdate] = []
    member.server.on_server_update = told.append
    member.server.announce_null_endpoint(GUILD, USER)
    assert told == [ServerUpdate(GUILD, USER, None)]
    member.connection.hold()
    assert not member.connection.is_connected
    assert "named no other" in (await member.next(VoiceDisconnected)).reason


@pytest.mark.parametrize("channel", [CHANNEL, CHANNEL + 1])
async def test_a_move_on_the_same_server_repeats_no_frame_and_loses_none_of_ours(member: Member, channel: int) -> None:
    moves: list[ServerUpdate] = []
    member.server.on_server_update = moves.append
    member.stream.queue(frames(60))
    await member.heard.wait_frames(10, DEADLINE_S)
    login = await member.server.move(GUILD, USER, channel_id=channel)
    assert [update.login for update in moves] == [login]
    await member.connection.move(login)
    connected = await member.next(VoiceConnected)
    assert connected.endpoint == login.endpoint
    while not member.heard.music_frames or member.heard.music_frames[-1].opus != frames(60)[-1]:
        await member.heard.wait_frames(len(member.heard.frames) + 1, DEADLINE_S)
    heard = [frame.opus for frame in member.heard.music_frames]
    assert heard == [frame for frame in frames(60) if frame in heard], "in order, once"
    assert 60 - len(heard) <= member.server.strays, "but for what was on its way to a session that was over"
    assert member.server.strays <= 3
    assert member.server.resumes(GUILD, USER) == 0, "no session is resumed across a move"
    assert member.heard.faults == []


async def test_a_bad_way_to_us_is_put_in_order_with_losses_marked(
    member: Member, server: VoiceServer, transmitter: Transmitter
) -> None:
    speaker = Member(server, transmitter, OTHER)
    await speaker.connection.connect()
    listening = member.connection.listen()
    await speaker_is_heard(speaker, listening)
    trouble = LinkTrouble(seed=4, lose=0.1, duplicate=0.1, reorder=0.2, reorder_ms=30)
    server.trouble_downlink(GUILD, USER, trouble)
    speaker.stream.queue(frames(200))
    while speaker.heard.music_frames[-1].opus != frames(200)[-1]:
        await speaker.heard.wait_frames(len(speaker.heard.frames) + 1, DEADLINE_S)
    server.trouble_downlink(GUILD, USER, None)
    speaker.stream.queue([b"\xfcend"])
    items = await items_until(listening, b"\xfcend")
    heard = [int(item.opus[1:]) for item in items if isinstance(item, HeardOpus) and item.opus in set(frames(200))]
    assert heard == sorted(set(heard)), "in order, once"
    lost = sum(isinstance(item, Lost) for item in items)
    assert trouble.lost > 5
    assert 150 < len(heard) < 200
    assert len(heard) + lost >= 190
    await speaker.close()


async def test_a_late_and_uneven_way_to_us_loses_nothing(
    member: Member, server: VoiceServer, transmitter: Transmitter
) -> None:
    speaker = Member(server, transmitter, OTHER)
    await speaker.connection.connect()
    listening = member.connection.listen()
    await speaker_is_heard(speaker, listening)
    server.trouble_downlink(GUILD, USER, LinkTrouble(seed=2, delay_ms=80, jitter_ms=35))
    speaker.stream.queue([*frames(100), b"\xfcend"])
    items = await items_until(listening, b"\xfcend")
    assert [item.opus for item in items if isinstance(item, HeardOpus) and not item.is_silence][:-1] == frames(100)
    assert sum(isinstance(item, Lost) for item in items) <= speaker.stream.counts.skipped
    await speaker.close()


async def test_lost_uplink_packets_show_in_the_statistics(
    member: Member, server: VoiceServer, transmitter: Transmitter
) -> None:
    speaker = Member(server, transmitter, OTHER)
    await speaker.connection.connect()
    server.trouble_uplink(GUILD, USER, LinkTrouble(seed=1, lose=0.3))
    member.stream.queue(frames(50))
    await member.heard.wait_frames(50, DEADLINE_S)
    assert member.connection.stats().uplink_loss == -1, "nothing is known before the first report"
    listening = member.connection.listen()
    server.report_reception()
    await speaker_is_heard(speaker, listening)  # the report came before that
    assert 0.1 < member.connection.stats().uplink_loss < 0.5
    assert 0 <= member.connection.stats().uplink_jitter_ms < 200
    await speaker.close()


async def speaker_is_heard(speaker: Member, listening: Listening) -> None:
    """Say something until a listener hears it: whoever just asked for media gets it a moment later."""
    speaker.stream.queue([b"\xfchello"] * 50)
    async with asyncio.timeout(DEADLINE_S):
        async for item in listening:
            if isinstance(item, HeardOpus) and item.is_silence:
                return


async def items_until(listening: Listening, last: bytes) -> list[HeardOpus | Lost]:
    """Collect what is heard up to a frame."""
    items: list[HeardOpus | Lost] = []
    async with asyncio.timeout(DEADLINE_S):
        async for item in listening:
            items.append(item)
            if isinstance(item, HeardOpus) and item.opus == last:
                break
    return items


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
