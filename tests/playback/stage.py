"""An engine, a voice server and a player between them, as a test sees them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from playback.tracks import a_track
from voxlink.audio import Media, open_media
from voxlink.playback import Engine, EngineConfig, LocalEngine, PlayerHandle, RemoteEngine
from voxlink.protocol import (
    Loaded,
    LoadedEmpty,
    LoadedTrack,
    PlayerEvent,
    PlayerUpdate,
    Track,
    UpdatePlayer,
    UpdatePlayerTrack,
    VoiceState,
)
from voxlink.testing import Heard, VoiceServer
from voxlink.voice import VoiceLogin

USER, CHANNEL = 42, 43
PATIENCE_S = 10.0
"""How long a test waits for something that usually takes milliseconds."""

_guilds = itertools.count(1000)

Message = TypeVar("Message", PlayerUpdate, Any)


def voice_state(login: VoiceLogin) -> VoiceState:
    return VoiceState(
        token=login.token,
        endpoint=login.endpoint,
        session_id=login.session_id,
        channel_id=str(login.channel_id),
    )


class Files:
    """A library of the files of this machine, with a door that a test can shut."""

    def __init__(self) -> None:
        self.may_open = asyncio.Event()
        self.may_open.set()

    async def load(self, identifier: str) -> Loaded:
        return LoadedTrack(data=a_track(identifier=identifier)) if Path(identifier).is_file() else LoadedEmpty()

    async def open(self, track: Track) -> Media:
        await self.may_open.wait()
        opening = asyncio.get_running_loop().run_in_executor(None, open_media, track.info.identifier)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(lambda done: done.exception() or done.result().close())
            raise


class Stage:
    """One player in a voice channel, and what is said and heard of it."""

    def __init__(self, engine: Engine, server: VoiceServer) -> None:
        self.engine = engine
        self.server = server
        self.guild = next(_guilds)
        self.messages: list[PlayerUpdate | PlayerEvent] = []
        self._news = asyncio.Event()
        self.player: PlayerHandle

    def hear_message(self, message: PlayerUpdate | PlayerEvent) -> None:
        self.messages.append(message)
        self._news.set()

    @property
    def heard(self) -> Heard:
        return self.server.listener(self.guild, USER)

    def names(self, *, updates: bool = False) -> list[str]:
        return [type(message).__name__ for message in self.messages if updates or not isinstance(message, PlayerUpdate)]

    async def join(self) -> None:
        await self.change(voice=voice_state(self.server.admit(self.guild, USER, CHANNEL)))

    async def change(self, *, no_replace: bool = False, **fields: Any) -> None:
        await self.player.apply(UpdatePlayer(**fields), no_replace=no_replace)

    async def play(self, path: Path, **fields: Any) -> None:
        track = UpdatePlayerTrack(encoded=a_track(identifier=str(path)).encoded)
        await self.change(track=track, **fields)

    async def until(self, wanted: Callable[[PlayerUpdate | PlayerEvent], bool]) -> Any:
        """Wait for a message, past ones included."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.messages:
                    if wanted(message):
                        return message
                self._news.clear()
                await self._news.wait()

    async def next_message(self) -> None:
        """Wait until something is said."""
        self._news.clear()
        await self._news.wait()

    async def said(self, kind: type[Message]) -> Message:
        return await self.until(lambda message: isinstance(message, kind))

    async def until_disconnected(self) -> None:
        """Wait until the player itself shows that it has no voice connection."""
        async with asyncio.timeout(PATIENCE_S):
            while self.player.snapshot().state.connected:
                await asyncio.sleep(0)

    async def music(self, count: int) -> Sequence[bytes]:
        """Wait until so many music frames were heard in all; return them."""
        async with asyncio.timeout(PATIENCE_S + count / 50):
            while len(self.heard.music_frames) < count:
                await self.heard.wait_frames(len(self.heard.frames) + 1, PATIENCE_S)
        return [frame.opus for frame in self.heard.music_frames]

    async def quiet(self) -> None:
        """Wait until the five silence frames of an end of speech were heard."""
        async with asyncio.timeout(PATIENCE_S):
            while [frame.is_silence for frame in self.heard.frames[-5:]] != [True] * 5:
                await self.heard.wait_frames(len(self.heard.frames) + 1, PATIENCE_S)


def make_engine(kind: str, config: EngineConfig | None, library: Files | None = None) -> Engine:
    """An engine of either kind that may open files of this machine, through `library` if there is one."""
    config = replace(config or EngineConfig(), local_files=True)
    return RemoteEngine(config) if kind == "remote" else LocalEngine(config, library=library)


@asynccontextmanager
async def in_front_of(engine: Engine, server: VoiceServer, *, joined: bool) -> AsyncIterator[Stage]:
    stage = Stage(engine, server)
    stage.player = await engine.create_player(guild_id=stage.guild, user_id=USER, on_message=stage.hear_message)
    try:
        if joined:
            await stage.join()
        yield stage
    finally:
        await stage.player.destroy()


@asynccontextmanager
async def on_stage(
    monkeypatch: pytest.MonkeyPatch,
    *,
    config: EngineConfig | None = None,
    library: Files | None = None,
    engine: str = "local",
    joined: bool = True,
) -> AsyncIterator[Stage]:
    """Set up a voice server, an engine and a player for one test."""
    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        async with make_engine(engine, config, library) as made, in_front_of(made, server, joined=joined) as stage:
            yield stage


class House:
    """A voice server and an engine of one kind for a whole file of tests; each test has a player of its own."""

    def __init__(self, kind: str, engine: Engine, server: VoiceServer) -> None:
        self.kind = kind
        self.engine = engine
        self.server = server

    @asynccontextmanager
    async def stage(self, *, joined: bool = True, config: EngineConfig | None = None) -> AsyncIterator[Stage]:
        """Set up a player; with a configuration of its own, in an engine of its own."""
        if config is None:
            async with in_front_of(self.engine, self.server, joined=joined) as stage:
                yield stage
            return
        async with (
            make_engine(self.kind, config) as engine,
            in_front_of(engine, self.server, joined=joined) as stage,
        ):
            yield stage


@asynccontextmanager
async def open_house(kind: str) -> AsyncIterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        async with VoiceServer() as server:
            patch.setenv("SSL_CERT_FILE", str(server.certificate))
            async with make_engine(kind, None) as engine:
                yield House(kind, engine, server)
