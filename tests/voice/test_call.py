"""Voice without a node: join, play, listen, move, leave."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import voxlink.voice
from voxlink.errors import UsageError, VoiceRefused
from voxlink.testing import VoiceServer
from voxlink.voice import (
    HeardOpus,
    Transmitter,
    VoiceCall,
    VoiceConnected,
    VoiceDisconnected,
    VoiceEvent,
    VoiceReconnecting,
    VoiceServerNeeded,
    connect,
)

GUILD, USER, CHANNEL = 1, 2, 3
DEADLINE_S = 30


def frames(count: int, name: str = "frame") -> list[bytes]:
    return [b"\xfc" + f"{name} {index}".encode() for index in range(count)]


async def join(server: VoiceServer, user_id: int = USER, transmitter: Transmitter | None = None) -> VoiceCall:
    login = server.admit(GUILD, user_id, CHANNEL)
    return await connect(
        endpoint=login.endpoint,
        token=login.token,
        session_id=login.session_id,
        user_id=user_id,
        guild_id=GUILD,
        channel_id=CHANNEL,
        transmitter=transmitter,
    )


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceServer]:
    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


async def test_play_to_the_end(server: VoiceServer) -> None:
    async with await join(server) as call:
        assert await call.play(frames(70)).wait()
        heard = server.listener(GUILD, USER)
        await heard.wait_frames(75, DEADLINE_S)
        assert [frame.opus for frame in heard.music_frames] == frames(70)
        assert heard.faults == []
        assert call.stats().frames.underruns == 0
    assert [task.get_name() for task in asyncio.all_tasks() if "vox" in task.get_name()] == []


async def test_an_async_source_is_fetched_a_second_ahead_and_closed_when_stopped(server: VoiceServer) -> None:
    fetched = itertools.count()
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            for index in fetched:
                yield b"\xfc%d" % index
        finally:
            closed.set()

    async with await join(server) as call:
        playing = call.play(endless())
        await server.listener(GUILD, USER).wait_frames(10, DEADLINE_S)
        assert next(fetched) < 200
        call.stop()
        assert not await playing.wait()
        assert playing.is_over
        async with asyncio.timeout(DEADLINE_S):
            await closed.wait()


async def test_a_source_that_fails_says_so(server: VoiceServer) -> None:
    def broken() -> object:
        yield b"\xfcone"
        raise RuntimeError("no more")

    async with await join(server) as call:
        with pytest.raises(RuntimeError, match="no more"):
            await call.play(broken()).wait()  # type: ignore[arg-type]


async def test_another_play_replaces_the_first(server: VoiceServer) -> None:
    async with await join(server) as call:
        first = call.play(frames(500, "first"))
        heard = server.listener(GUILD, USER)
        await heard.wait_frames(5, DEADLINE_S)
        assert await call.play(frames(10, "second")).wait()
        assert not await first.wait()
        await heard.wait_frames(15, DEADLINE_S)
        assert [frame.opus for frame in heard.music_frames][-1] == b"\xfcsecond 9"


async def test_pause_and_resume(server: VoiceServer) -> None:
    async with await join(server) as call:
        playing = call.play(frames(60))
        heard = server.listener(GUILD, USER)
        await heard.wait_frames(10, DEADLINE_S)
        call.pause()
        call.resume()
        assert await playing.wait()
        await heard.wait_frames(60, DEADLINE_S)
        assert {frame.opus for frame in heard.music_frames} == set(frames(60))


async def test_two_calls_share_a_transmitter_and_hear_each_other(server: VoiceServer) -> None:
    async with (
        Transmitter(realtime=False) as transmitter,
        await join(server, 10, transmitter) as one,
        await join(server, 11, transmitter) as two,
    ):
        listening = two.listen()
        one.play(frames(30))
        async with asyncio.timeout(DEADLINE_S):
            async for item in listening:
                if isinstance(item, HeardOpus) and item.opus == b"\xfcframe 29":
                    break
        listening.close()
        assert two.stats().received >= 30


async def test_events_end_with_the_call(server: VoiceServer) -> None:
    call = await join(server)
    await call.close()
    await call.close()
    seen = [event async for event in call.events()]
    assert isinstance(seen[0], VoiceConnected)
    assert isinstance(seen[-1], VoiceDisconnected)
    with pytest.raises(UsageError):
        call.play([])


async def test_a_move_without_an_endpoint_waits_for_one(server: VoiceServer) -> None:
    async with await join(server) as call:
        playing = call.play(frames(60))
        heard = server.listener(GUILD, USER)
        await heard.wait_frames(5, DEADLINE_S)
        await call.move(endpoint=None, token="", session_id="", channel_id=CHANNEL)
        assert not call.connection.is_connected
        login = server.admit(GUILD, USER, CHANNEL)
        await call.move(endpoint=login.endpoint, token=login.token, session_id=login.session_id, channel_id=CHANNEL)
        assert await playing.wait()
        assert {frame.opus for frame in heard.music_frames} >= set(frames(55))


async def test_a_call_that_has_ended_plays_nothing_and_says_why(server: VoiceServer) -> None:
    async with await join(server) as call:
        playing = call.play(frames(500))
        await server.close_session(GUILD, USER, 4021)
        await next_event(call, VoiceDisconnected)
        assert not await playing.wait()
        for ask in (lambda: call.play(frames(1)), call.pause, call.resume):
            with pytest.raises(UsageError, match="rate limited"):
                ask()
        with pytest.raises(UsageError):
            call.listen()


async def test_a_refused_join_leaves_nothing_behind(server: VoiceServer) -> None:
    with pytest.raises(VoiceRefused):
        await connect(endpoint=server.endpoint, token="wrong", session_id="wrong", user_id=1, guild_id=1, channel_id=1)
    assert [task.get_name() for task in asyncio.all_tasks() if "vox" in task.get_name()] == []


@pytest.mark.parametrize("moment", ["idle", "playing", "paused", "listening", "resuming", "waiting for a login"])
async def test_nothing_is_left_running_after_close(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = open_files()
    async with VoiceServer(dave_version=1, heartbeat_interval_ms=100) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        transmitter = Transmitter(realtime=False)
        await transmitter.start()
        pid = transmitter.stats().pid
        assert pid is not None
        call = await join(server, transmitter=transmitter)
        listening = call.listen()
        if moment != "listening":
            listening.close()
        if moment not in ("idle", "listening"):
            call.play(frames(500))
            await server.listener(GUILD, USER).wait_frames(10, DEADLINE_S)
        if moment == "paused":
            call.pause()
        if moment == "resuming":
            await server.drop(GUILD, USER)
            await next_event(call, VoiceReconnecting)
        if moment == "waiting for a login":
            await server.close_session(GUILD, USER, 4014)
            await next_event(call, VoiceServerNeeded)
        await call.close()
        await call.close()
        assert {name.removesuffix("-write") for name in our_tasks()} == {"voxlink-transmitter"}, "others may use it"
        assert [item async for item in listening] == []
        await transmitter.close()
        assert our_tasks() == []
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    for _ in range(5):  # transports close in the loop's next turns
        await asyncio.sleep(0)
    assert open_files() == files


async def next_event(call: VoiceCall, kind: type[VoiceEvent]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        async for event in call.events():
            if isinstance(event, kind):
                return


def our_tasks() -> list[str]:
    """Name the tasks that run code of the voice room."""
    room = str(Path(voxlink.voice.__file__).parent)
    coroutines = [(task.get_name(), task.get_coro()) for task in asyncio.all_tasks()]
    return [name for name, coroutine in coroutines if room in str(getattr(coroutine, "cr_code", ""))]


def open_files() -> set[str]:
    """Name this process's open files and sockets, where the system tells."""
    folder = Path("/proc/self/fd")
    return {link.name for link in folder.iterdir()} if folder.exists() else set()
