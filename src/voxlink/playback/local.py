"""The engine in this process: sound is made in a pool of threads, and sent by a transmitter that is its child."""

from __future__ import annotations

import asyncio

from voxlink.errors import EngineClosed
from voxlink.playback.engine import Engine, EngineConfig, OnMessage
from voxlink.playback.player import Library, LocalPlayer
from voxlink.playback.sources import HttpSource, LocalSource, Source, SourceRegistry
from voxlink.playback.workers import Workers
from voxlink.protocol import Loaded
from voxlink.voice import Transmitter

RENDER_THREADS = 32
"""Threads that render and read. Most of the time a player needs none; one whose source is slow holds one."""
READER_THREADS = 8
"""Threads in which identifiers are looked at and tracks are opened."""


class LocalEngine(Engine):
    """Loads and plays in this process. The constructor does no work.

    `library` takes the place of the sources that `config` names; it stays the caller's.
    """

    def __init__(self, config: EngineConfig | None = None, *, library: Library | None = None) -> None:
        self._config = config or EngineConfig()
        self._library = library
        self._registry: SourceRegistry | None = None
        self._transmitter = Transmitter()
        self._workers: Workers | None = None
        self._readers: Workers | None = None
        self._players: set[LocalPlayer] = set()

    def __repr__(self) -> str:
        return f"<LocalEngine players={len(self._players)} {self._transmitter!r}>"

    async def start(self) -> None:
        """See `Engine`."""
        await self._transmitter.start()
        self._workers = Workers(RENDER_THREADS)
        self._readers = Workers(READER_THREADS)
        self._registry = SourceRegistry(_sources(self._config, self._readers))

    async def load(self, identifier: str) -> Loaded:
        """See `Engine`."""
        return await self._ready()[1].load(identifier)

    async def create_player(self, *, guild_id: int, user_id: int, on_message: OnMessage) -> LocalPlayer:
        """See `Engine`."""
        workers, library = self._ready()
        player = LocalPlayer(
            guild_id=guild_id,
            user_id=user_id,
            config=self._config,
            transmitter=self._transmitter,
            library=library,
            pool=workers,
            on_message=on_message,
            on_destroyed=self._players.discard,
        )
        self._players.add(player)
        return player

    async def close(self) -> None:
        """See `Engine`."""
        workers, readers, registry = self._workers, self._readers, self._registry
        self._workers = self._readers = self._registry = None
        try:
            if self._players:
                await asyncio.gather(*(player.destroy() for player in list(self._players)))
        finally:
            await self._transmitter.close()
            if registry is not None:
                await registry.close()  # releases the threads that wait for a server
            for threads in (workers, readers):
                if threads is not None:
                    await threads.close()

    def _ready(self) -> tuple[Workers, Library]:
        if self._workers is None or self._registry is None:
            raise EngineClosed("the engine is not running")
        return self._workers, self._library or self._registry


def _sources(config: EngineConfig, readers: Workers) -> list[Source]:
    """The sources that are on, in the order in which they are asked (server.md 5.1)."""
    sources: list[Source] = []
    if config.local_files:
        sources.append(LocalSource(readers))
    if config.http:
        sources.append(HttpSource(readers, config.http_settings))
    return sources
