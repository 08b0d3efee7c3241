"""Where each defect is tried: one client of either library and its fake nodes, behind names that both have."""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from client.world import GUILD, QUICK, USER, server_update, state_update
from voxlink.client import FailoverPolicy
from voxlink.protocol import encode
from voxlink.testing import FakeNode, make_track

AT_ONCE = FailoverPolicy(mode="migrate")
PEER_WAIT_S = 1.0
"""How long the peer is given to do what it never does."""


@dataclass(frozen=True)
class Library:
    """`voxlink` or `lavalink`, by its package's name."""

    name: str

    def __getattr__(self, name: str) -> Any:
        """A public name, or a submodule."""
        package = importlib.import_module(self.name)
        try:
            return getattr(package, name)
        except AttributeError:
            try:
                return importlib.import_module(f"{self.name}.{name}")
            except ModuleNotFoundError:
                raise AttributeError(name) from None

    @property
    def is_ours(self) -> bool:
        return self.name == "voxlink"

    def client(self, **options: Any) -> Any:
        """A client; `options` are ours alone."""
        if not self.is_ours:
            return self.Client(USER)
        return self.Client(USER, **{"reconnect": QUICK, "failover": AT_ONCE, **options})

    def track(self, title: str = "", **options: Any) -> Any:
        """A track as `get_tracks` gives it."""
        return self.AudioTrack(json.loads(encode(make_track(title, **options))), 0)


class NeverCame(AssertionError):
    """An event that was waited for did not come."""


class Bench:
    """A client with its nodes, and every event that it has published."""

    def __init__(self, library: Library, client: Any, fakes: list[FakeNode]) -> None:
        self.library, self.client, self.fakes = library, client, fakes
        self.nodes: list[Any] = []
        self.events: list[Any] = []
        self._changed = asyncio.Event()
        self.wait_s = 10.0

        async def note(event: Any) -> None:
            self.events.append(event)
            self._changed.set()

        client.add_event_hook(note)

    @property
    def fake(self) -> FakeNode:
        return self.fakes[0]

    @property
    def node(self) -> Any:
        return self.nodes[0]

    def add_node(self, fake: FakeNode, **options: Any) -> Any:
        node = self.client.add_node(fake.host, fake.port, fake.password, "eu", f"n{len(self.nodes)}", **options)
        self.nodes.append(node)
        return node

    def seen(self, kind: str) -> list[Any]:
        return [event for event in self.events if type(event).__name__ == kind]

    async def saw(self, kind: str, count: int = 1) -> Any:
        """The `count`-th event of this class, waiting for it."""
        await self.until(lambda: len(self.seen(kind)) >= count, f"{count} x {kind}")
        return self.seen(kind)[count - 1]

    async def until(self, is_true: Callable[[], bool], what: str) -> None:
        """Wait until something is true that an event brings about."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.wait_s):
                while not is_true():
                    self._changed.clear()
                    await self._changed.wait()
        if not is_true():
            raise NeverCame(what)

    async def settle(self, node: Any = None) -> None:
        """Let everything that was set in motion happen: ten round trips to the node and back."""
        for _ in range(10):
            await (node or self.node).get_version()

    async def join(self, guild_id: int = GUILD, **options: Any) -> Any:
        """A player in a voice channel."""
        player = self.client.player_manager.create(guild_id, **options)
        await self.client.voice_update_handler(state_update(guild_id))
        await self.client.voice_update_handler(server_update(guild_id))
        return player

    async def play(self, player: Any, title: str, **options: Any) -> Any:
        """Play a new track and wait for its start."""
        track = self.library.track(title)
        count = len(self.seen("TrackStartEvent"))
        await player.play(track, **options)
        await self.saw("TrackStartEvent", count + 1)
        return track


@asynccontextmanager
async def bench(
    library: Library, nodes: int = 1, *, connect: bool = True, session_id: str | None = None, **ours: Any
) -> AsyncGenerator[Bench, None]:
    """A bench with as many ready nodes; `session_id` is asked for by the first one."""
    fakes = [FakeNode(seed=number) for number in range(nodes)]
    for fake in fakes:
        await fake.listen()
    made = Bench(library, library.client(**ours), fakes)
    try:
        if connect:
            for fake in fakes:
                made.add_node(fake, **({"session_id": session_id} if session_id and not made.nodes else {}))
            await made.saw("NodeReadyEvent", nodes)
            if library.is_ours:
                for fake in fakes:
                    await fake.wait_request("GET", "/v4/info")  # the last request of its handshake
        if not library.is_ours:
            made.wait_s = PEER_WAIT_S
        yield made
    finally:
        with suppress(Exception):
            await made.client.close()
        for fake in fakes:
            await fake.close()


@asynccontextmanager
async def resumable(library: Library, **ours: Any) -> AsyncGenerator[Bench, None]:
    """A bench whose node keeps the session of the client over a lost socket, which asks for it by name.

    Lavalink.py asks for a session only if it was given its id in the beginning.
    """
    async with bench(library, connect=False, **ours) as made:
        session = made.fake.lavalink.open_session({"Authorization": made.fake.password, "User-Id": str(USER)})
        assert not isinstance(session, int)
        session.resuming = True
        made.add_node(made.fake, session_id=session.id)
        await made.saw("NodeReadyEvent")
        await made.settle()
        if not library.is_ours:
            made.wait_s = PEER_WAIT_S
        yield made


async def tidy_peer() -> None:
    """End what the peer leaves behind."""
    current = asyncio.current_task()
    for task in asyncio.all_tasks():
        if task is not current:
            task.cancel()
            with suppress(BaseException):
                await task
    gc.collect()


def hush(library: Library) -> None:
    """The peer's log is full of its defects."""
    if not library.is_ours:
        logging.getLogger("lavalink").setLevel(logging.CRITICAL)
