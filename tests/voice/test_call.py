"""Voice without a node: join, play, listen, move, leave."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from voxlink.errors import UsageError, VoiceRefused
from voxlink.testing import VoiceServer
from voxlink.voice import (
    HeardOpus,
    Transmitter,
    VoiceCall,
    VoiceConnected,
    VoiceDisconnected,
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


async def test_a_refused_join_leaves_nothing_behind(server: VoiceServer) -> None:
    with pytest.raises(VoiceRefused):
        await connect(endpoint=server.endpoint, token="wrong", session_id="wrong", user_id=1, guild_id=1, channel_id=1)
    assert [task.get_name() for task in asyncio.all_tasks() if "vox" in task.get_name()] == []
