"""Nodes in memory: each is the pure `FakeLavalink`, reached through an `Edge` that can be cut."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from voxlink.client.edge import Answer, Call, HandshakeRefused, LineClosed
from voxlink.errors import NodeTimeout, NodeUnreachable
from voxlink.protocol import EndReason, Message, TrackEnd, TrackStart
from voxlink.testing.fake_lavalink import FakeLavalink, FakeSession

EPOCH_S = 1_700_000_000.0
LATENCY_S = (0.002, 0.010)
HEARTBEAT_S = 30.0
"""How long the real edge takes to notice a peer that has gone silent."""
UPDATE_EVERY_S = 5.0
STATS_EVERY_S = 60.0
PLAYER_PATH = re.compile(r"/players/(\d+)$")

Note = Callable[..., None]


def wall() -> float:
    """The wall clock of the story."""
    return EPOCH_S + asyncio.get_running_loop().time()


class Machine:
    """One node and the state that it is in: `up`, `refusing`, `silent`, `proxy` (502) or `stalled`."""

    def __init__(self, name: str, seed: int, note: Note) -> None:
        loop = asyncio.get_running_loop()
        self.name = name
        self.state = "up"
        self.lavalink = FakeLavalink(now=loop.time, wall=wall, seed=seed)
        self.lines: list[MemoryLine] = []
        self.random = random.Random(seed)
        self._note = note
        self._changed = asyncio.Event()
        self._ends: dict[int, asyncio.TimerHandle] = {}
        self._loop = loop

    def become(self, state: str) -> None:
        """Change the state and wake everybody who waits for another one."""
        self._note("machine", self.name, state)
        self.state = state
        self._changed.set()
        self._changed = asyncio.Event()

    async def until_it_answers(self) -> None:
        """Wait while the machine is silent or stalled."""
        while self.state in ("silent", "stalled"):
            await self._changed.wait()

    def hang_up(self, code: int | None = None) -> None:
        """Cut every socket."""
        for line in list(self.lines):
            line.cut(code)

    def lose_sessions(self) -> None:
        """What a new process knows: nothing."""
        self.lavalink.forget_sessions()
        for timer in self._ends.values():
            timer.cancel()
        self._ends.clear()

    async def travel(self) -> None:
        """The time that a message takes."""
        await asyncio.sleep(self.random.uniform(*LATENCY_S))

    # Requests and sockets

    def answer(self, call: Call) -> Answer:
        """Let Lavalink answer, and look when the track will end."""
        url = urlsplit(call.url)
        given = self.lavalink.answer(call.method, url.path, call.params, call.headers, call.body or b"")
        found = PLAYER_PATH.search(url.path)
        if found and call.method == "PATCH":
            self.watch(int(found[1]))
        return Answer(given.status, given.body, given.content_type)

    def open(self, headers: Mapping[str, str]) -> MemoryLine:
        """Open a socket. Raises `HandshakeRefused`."""
        known = set(self.lavalink.sessions)
        session = self.lavalink.open_session(headers)
        if isinstance(session, int):
            raise HandshakeRefused(session)
        if session.id not in known:
            session.emit = lambda message: self.emit(session, message)
        line = MemoryLine(self, session)
        self.lines.append(line)
        session.connect(line.put, resumed=session.id in known)
        return line

    def emit(self, session: FakeSession, message: Message) -> None:
        """Keep what the node says of tracks, heard or not."""
        if isinstance(message, TrackStart):
            info = message.track.info
            self._note("start", int(message.guild_id), self.name, info.title, info.position)
        elif isinstance(message, TrackEnd):
            self._note("end", int(message.guild_id), self.name, message.track.info.title, str(message.reason))
        FakeSession.emit(session, message)

    # Time

    def players(self) -> dict[int, Any]:
        """All players of all sessions that still live."""
        self.lavalink.expire()
        return {
            guild: player for session in self.lavalink.sessions.values() for guild, player in session.players.items()
        }

    def watch(self, guild_id: int) -> None:
        """End the guild's track when its time has come."""
        timer = self._ends.pop(guild_id, None)
        if timer is not None:
            timer.cancel()
        player = self.players().get(guild_id)
        if player is None or player.remaining_s is None:
            return
        if player.remaining_s <= 0:
            player.end(EndReason.FINISHED)
        else:
            self._ends[guild_id] = self._loop.call_later(player.remaining_s + 0.001, self.watch, guild_id)

    async def live(self) -> None:
        """Report as Lavalink does, and forget sessions whose time is over."""
        beats = 0
        while True:
            await asyncio.sleep(UPDATE_EVERY_S)
            beats += 1
            self.lavalink.expire()
            for session in self.lavalink.sessions.values():
                for player in session.players.values():
                    if player.track is not None:
                        player.report()
                if beats * UPDATE_EVERY_S % STATS_EVERY_S == 0:
                    session.emit(self.lavalink.stats_message())


class MemoryLine:
    """A WebSocket in memory: messages arrive in order, each after its travel."""

    def __init__(self, machine: Machine, session: FakeSession) -> None:
        self._machine = machine
        self._session = session
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._closed = LineClosed(None, None)

    def put(self, text: str) -> None:
        self._inbox.put_nowait(text)

    async def messages(self) -> AsyncGenerator[str | bytes, None]:
        while True:
            text = await self._inbox.get()
            if text is None:
                return
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._machine.until_it_answers()
            except TimeoutError:
                self.cut(None)
                return
            yield text

    @property
    def closed(self) -> LineClosed:
        return self._closed

    def cut(self, code: int | None) -> None:
        """The socket ends; the node keeps the session for its time to resume."""
        if self in self._machine.lines:
            self._machine.lines.remove(self)
            self._closed = LineClosed(code, None)
            self._machine.lavalink.close_session(self._session)
            self._inbox.put_nowait(None)

    async def close(self, code: int) -> None:
        self.cut(code)


class MemoryEdge:
    """The client's way to the machines, by host name. `dead` cuts a killed bot off."""

    def __init__(self, machines: Mapping[str, Machine]) -> None:
        self._machines = machines
        self.dead = False

    def _machine(self, url: str) -> Machine:
        return self._machines[urlsplit(url).hostname or ""]

    async def _reach(self, machine: Machine, timeout_s: float) -> bool:
        """Travel to the machine; False when a proxy answers in its place."""
        await machine.travel()
        if self.dead or machine.state == "refusing":
            raise NodeUnreachable(f"{machine.name} refused") from ConnectionRefusedError()
        try:
            async with asyncio.timeout(timeout_s):
                await machine.until_it_answers()
        except TimeoutError:
            raise NodeTimeout(f"{machine.name} did not answer") from None
        if self.dead or machine.state == "refusing":
            raise NodeUnreachable(f"{machine.name} went away")
        return machine.state != "proxy"

    async def send(self, call: Call) -> Answer:
        machine = self._machine(call.url)
        if not await self._reach(machine, call.timeout_s):
            return Answer(502, b"<h1>Bad gateway</h1>", "text/html")
        answer = machine.answer(call)
        await machine.travel()
        if machine.state == "refusing":
            raise NodeUnreachable(f"{machine.name} went away before its answer came")
        return answer

    async def open_line(self, url: str, headers: Mapping[str, str]) -> MemoryLine:
        machine = self._machine(url)
        if not await self._reach(machine, 3600):
            raise HandshakeRefused(502)
        return machine.open(headers)

    async def close(self) -> None:
        self.dead = True
