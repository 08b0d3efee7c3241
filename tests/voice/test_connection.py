"""A voice connection against the simulated voice server: joins, survives, ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

from voxlink.errors import UsageError, VoiceRefused, VoiceTimeout, VoiceUnreachable
from voxlink.testing import VoiceServer
from voxlink.voice import (
    FrameStream,
    Transmitter,
    VoiceConnected,
    VoiceConnection,
    VoiceDisconnected,
    VoiceLogin,
    VoiceReconnecting,
    VoiceResumed,
    VoiceServerNeeded,
)

GUILD, USER, CHANNEL = 1, 2, 3
DEADLINE_S = 30

Event = TypeVar("Event")


class Call:
    """One connection, its stream, and its events in order."""

    def __init__(self, server: VoiceServer, transmitter: Transmitter, login: VoiceLogin | None = None) -> None:
        self.server = server
        self.stream: FrameStream = transmitter.open_stream(lambda report: None)
        self.events: asyncio.Queue[object] = asyncio.Queue()
        self.heard = server.listener(GUILD, USER)
        login = login or server.admit(GUILD, USER, CHANNEL)
        self.connection = VoiceConnection(login, self.stream, on_event=self.events.put_nowait)

    async def next(self, kind: type[Event]) -> Event:
        """Wait for the next event of a kind; others are passed over."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceServer]:
    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


@pytest.fixture
async def transmitter() -> AsyncIterator[Transmitter]:
    async with Transmitter(realtime=False) as transmitter:
        yield transmitter


@pytest.fixture
async def call(server: VoiceServer, transmitter: Transmitter) -> AsyncIterator[Call]:
    call = Call(server, transmitter)
    await call.connection.connect()
    yield call
    await call.connection.close()
    call.stream.close()
    assert [task for task in asyncio.all_tasks() if "voice-" in task.get_name()] == []


def frames(count: int) -> list[bytes]:
    return [b"\xfc" + b"%d" % index for index in range(count)]


async def test_what_is_queued_is_heard_without_a_fault(call: Call) -> None:
    assert (await call.next(VoiceConnected)).mode == "aead_aes256_gcm_rtpsize"
    assert call.connection.is_connected
    call.stream.queue(frames(20))
    await call.heard.wait_frames(25, DEADLINE_S)
    assert [frame.opus for frame in call.heard.music_frames] == frames(20)
    assert [frame.is_silence for frame in call.heard.frames[20:]] == [True] * 5
    assert call.heard.faults == []
    assert call.heard.missing <= call.stream.counts.skipped


async def test_after_a_cut_socket_audio_goes_on_during_the_resume(call: Call) -> None:
    call.stream.queue(frames(60))
    await call.heard.wait_frames(10, DEADLINE_S)
    await call.server.drop(GUILD, USER)
    assert (await call.next(VoiceReconnecting)).resuming
    await call.next(VoiceResumed)
    await call.heard.wait_frames(60, DEADLINE_S)
    assert [frame.opus for frame in call.heard.music_frames] == frames(60)
    assert call.heard.faults == []


async def test_a_killed_transmitter_is_heard_as_a_short_gap(call: Call, transmitter: Transmitter) -> None:
    call.stream.queue(frames(60))
    await call.heard.wait_frames(10, DEADLINE_S)
    os.kill(transmitter.stats().pid or 0, signal.SIGKILL)
    await call.heard.wait_frames(65, DEADLINE_S)  # a frame whose report was lost is sent twice, none is left out
    assert set(frames(60)) == {frame.opus for frame in call.heard.music_frames}
    assert call.heard.faults == []


async def test_a_session_that_is_over_is_replaced_with_new_server_data(call: Call) -> None:
    await call.server.close_session(GUILD, USER, 4006)
    await call.next(VoiceServerNeeded)
    call.stream.queue(frames(10))
    await call.connection.move(call.server.admit(GUILD, USER, CHANNEL))
    await call.next(VoiceConnected)
    await call.heard.wait_frames(10, DEADLINE_S)
    assert [frame.opus for frame in call.heard.music_frames] == frames(10)


async def test_a_kick_ends_the_connection_after_a_while(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxlink.voice.gateway.WAIT_FOR_LOGIN_S", 0.1)
    await call.server.close_session(GUILD, USER, 4014)
    ended = await call.next(VoiceDisconnected)
    assert (ended.code, ended.by_remote) == (4014, True)
    assert not call.connection.is_connected
    with pytest.raises(UsageError):
        await call.connection.move(call.connection.login)


async def test_a_move_to_another_server_takes_the_frames_along(
    call: Call, transmitter: Transmitter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with VoiceServer() as other:
        await call.next(VoiceConnected)
        both = tmp_path / "both.pem"
        both.write_text(call.server.certificate.read_text() + other.certificate.read_text())
        monkeypatch.setenv("SSL_CERT_FILE", str(both))
        call.stream.queue(frames(50))
        await call.heard.wait_frames(10, DEADLINE_S)
        call.connection.hold()
        assert not call.connection.is_connected
        await call.connection.move(other.admit(GUILD, USER, CHANNEL))
        await call.next(VoiceConnected)
        heard = other.listener(GUILD, USER)
        while not heard.music_frames or heard.music_frames[-1].opus != frames(50)[-1]:
            await heard.wait_frames(len(heard.frames) + 1, DEADLINE_S)
        assert heard.faults == []
        both = [frame.opus for frame in call.heard.music_frames + heard.music_frames]
        assert both == [frame for frame in frames(50) if frame in both], "in order, once"
        assert 50 - len(both) <= call.server.strays <= 3, "but for what was on its way to a session that was over"


async def test_an_equal_login_changes_nothing(call: Call) -> None:
    await call.next(VoiceConnected)
    await call.connection.move(call.connection.login)
    assert call.events.empty()
    assert call.connection.is_connected


async def test_close_says_so_once_and_can_be_repeated(call: Call) -> None:
    await call.connection.close()
    await call.connection.close()
    assert (await call.next(VoiceDisconnected)) == VoiceDisconnected(1000, "closed", by_remote=False)
    assert "CLOSED" in repr(call.connection)
    with pytest.raises(UsageError):
        await call.connection.connect()


async def test_a_wrong_token_is_named_with_its_code(server: VoiceServer, transmitter: Transmitter) -> None:
    login = server.admit(GUILD, USER, CHANNEL)
    wrong = VoiceLogin(GUILD, USER, CHANNEL, login.session_id, "wrong", login.endpoint)
    call = Call(server, transmitter, wrong)
    with pytest.raises(VoiceRefused) as caught:
        await call.connection.connect()
    assert caught.value.code == 4004


async def test_a_server_that_is_not_there_is_named(server: VoiceServer, transmitter: Transmitter) -> None:
    call = Call(server, transmitter, VoiceLogin(GUILD, USER, CHANNEL, "s", "t", "127.0.0.1:1"))
    with pytest.raises(VoiceUnreachable, match=r"127\.0\.0\.1:1"):
        await call.connection.connect()


async def test_a_server_that_says_nothing_times_out_with_the_step(
    server: VoiceServer, transmitter: Transmitter
) -> None:
    server.lose_discoveries(100)
    call = Call(server, transmitter)
    with pytest.raises(VoiceTimeout, match="IP discovery"):
        await call.connection.connect(timeout_s=1)


async def test_lost_discovery_packets_are_repeated(server: VoiceServer, transmitter: Transmitter) -> None:
    server.lose_discoveries(1)
    call = Call(server, transmitter)
    await call.connection.connect()
    await call.connection.close()


async def test_an_owner_that_raises_does_not_end_the_call(server: VoiceServer, transmitter: Transmitter) -> None:
    def fail(_event: object) -> None:
        raise RuntimeError("the owner's mistake")

    stream = transmitter.open_stream(lambda report: None)
    connection = VoiceConnection(server.admit(GUILD, USER, CHANNEL), stream, on_event=fail)
    await connection.connect()
    assert connection.is_connected
    await connection.close()
