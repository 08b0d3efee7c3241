"""A player's line to Discord: one voice connection at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from playback.stage import CHANNEL, PATIENCE_S, USER, voice_state
from voxlink.errors import EngineClosed, VoiceConnectError
from voxlink.playback.line import VoiceLine
from voxlink.protocol import VoiceState
from voxlink.testing import VoiceServer
from voxlink.voice import Transmitter

GUILD = 41


class Told:
    """What a line tells its player."""

    def __init__(self) -> None:
        self.story: list[object] = []
        self.news = asyncio.Event()

    def opened(self, voice: VoiceState) -> None:
        self.story.append(voice)
        self.news.set()

    def closed(self, code: int, reason: str, by_remote: bool) -> None:
        self.story.append((code, by_remote))
        self.news.set()


@asynccontextmanager
async def a_line(
    monkeypatch: pytest.MonkeyPatch, *, timeout_s: float = PATIENCE_S
) -> AsyncIterator[tuple[VoiceLine, VoiceServer, Told]]:
    told = Told()
    async with VoiceServer() as server, Transmitter() as transmitter:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        stream = transmitter.open_stream(lambda report: None)
        line = VoiceLine(GUILD, USER, stream, timeout_s=timeout_s, on_open=told.opened, on_closed=told.closed)
        try:
            yield line, server, told
        finally:
            await line.close()
            stream.close()


def admit(server: VoiceServer) -> VoiceState:
    return voice_state(server.admit(GUILD, USER, CHANNEL))


async def test_between_two_openings_there_is_a_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, server, told):
        first, second = admit(server), admit(server)
        await line.join(first)
        await line.join(first)
        await line.join(second)
        assert told.story == [first, (1000, False), second]
        assert line.is_connected
        await line.close()
        assert told.story[3:] == [(1000, False)]
        assert not line.is_connected


async def test_a_newer_login_takes_over_and_both_callers_get_its_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, server, told):
        older, newer = admit(server), admit(server)
        await asyncio.gather(line.join(older), line.join(newer))
        assert told.story == [newer]


async def test_the_same_login_twice_at_once_is_one_joining(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, server, told):
        voice = admit(server)
        await asyncio.gather(line.join(voice), line.join(voice))
        assert told.story == [voice]


async def test_a_caller_that_gives_up_does_not_stop_the_joining(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, server, told):
        voice = admit(server)
        joining = asyncio.create_task(line.join(voice))
        await asyncio.sleep(0)
        joining.cancel()
        async with asyncio.timeout(PATIENCE_S):
            await told.news.wait()
        assert told.story == [voice]


async def test_after_a_refusal_the_next_login_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch, timeout_s=2.0) as (line, server, told):
        good = admit(server)
        bad = VoiceState(token="wrong", endpoint=good.endpoint, session_id=good.session_id, channel_id=good.channel_id)
        with pytest.raises(VoiceConnectError):
            await line.join(bad)
        assert told.story == []
        await line.join(good)
        assert told.story == [good]


async def test_after_a_close_by_the_server_the_same_login_connects_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, server, told):
        await line.join(admit(server))
        told.news.clear()
        await server.close_session(GUILD, USER, 4014)
        async with asyncio.timeout(PATIENCE_S):
            await told.news.wait()
        assert told.story[1:] == [(4014, True)]
        assert not line.is_connected
        await line.join(admit(server))
        assert line.is_connected


async def test_a_closed_line_joins_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, server, _):
        voice = admit(server)
        joining = asyncio.create_task(line.join(voice))
        await asyncio.sleep(0)
        await line.close()
        with pytest.raises(EngineClosed):
            await joining
        with pytest.raises(EngineClosed):
            await line.join(voice)


async def test_ping_is_unknown_without_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_line(monkeypatch) as (line, _, _):
        assert line.ping_ms == -1
