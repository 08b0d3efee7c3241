"""A Lavalink node on a real loopback socket, for tests of bots: it answers like Lavalink, and makes trouble on
demand.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSCloseCode, web

from voxlink.errors import NotSeenInTime
from voxlink.protocol import EndReason, Loaded, LoadedSearch, LoadedTrack, Severity, Track
from voxlink.testing.fake_lavalink import FakeAnswer, FakeLavalink, FakeSession, make_track
from voxlink.testing.fake_player import FakePlayer

__all__ = ["FakeConnection", "FakeNode", "Recorded"]

WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came. `json` is the decoded body, None without one; `at` is the loop's time."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    json: Any
    at: float
    peer: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class FakeConnection:
    """A WebSocket handshake as it came: its headers, the session it got (None when refused) and whether it resumed."""

    headers: Mapping[str, str] = field(repr=False)
    session: FakeSession | None
    resumed: bool
    at: float


@dataclass(slots=True)
class _Trouble:
    method: str
    path: re.Pattern[str]
    times: int | None
    answer: FakeAnswer | None
    gate: asyncio.Event | None = None
    is_cut: bool = False


class FakeNode:
    """`async with FakeNode() as node:` listens at `node.host`, `node.port` with `node.password`.

    `requests` and `connections` record what came. Tracks: `add_track`. Trouble: `fail_next`, `stall`, `cut`,
    `refuse_handshakes`, `vanish`, `close_sockets`, `forget_sessions`, `restart`, `stop_listening`, `latency_s`. What
    tracks do: `finish`, `fail_track`, `stick`, `close_voice`, `push`. Waiting: `wait_request`, `next_connection`; each
    raises `NotSeenInTime` (a TimeoutError) after ten seconds.
    """

    def __init__(
        self,
        *,
        password: str = "youshallnotpass",  # noqa: S107 - Lavalink's own default
        port: int = 0,
        version: str = "4.2.2",
        seed: int = 0,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self.latency_s = 0.0
        self.silent_ready = False
        self.lavalink = FakeLavalink(password=password, version=version, seed=seed, now=self._now)
        self.requests: list[Recorded] = []
        self.connections: list[FakeConnection] = []
        self._refusals: list[int] = []
        self._troubles: list[_Trouble] = []
        self._sockets: dict[web.WebSocketResponse, FakeSession] = {}
        self._writers: dict[web.WebSocketResponse, asyncio.Task[None]] = {}
        self._transports: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._seen_connections = 0

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def password(self) -> str:
        """The password."""
        return self.lavalink.password

    @property
    def uri(self) -> str:
        """The node's address for `Client.add_node_uri`."""
        return f"lavalink://:{self.password}@{self.host}:{self.port}?region=eu"

    # Life

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def listen(self) -> None:
        """Accept connections; on the same port as before, if there was one."""
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, self.host, self.port, reuse_address=True)
        await site.start()
        self._runner = runner
        self.port = runner.addresses[0][1]

    async def stop_listening(self) -> None:
        """Refuse connections from now on, and cut those that are open; sessions stay."""
        for trouble in self._troubles:
            if trouble.gate is not None:
                trouble.gate.set()
        await self.vanish()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def close(self) -> None:
        """Stop for good."""
        await self.stop_listening()

    async def restart(self) -> None:
        """Stop, lose all sessions, and listen again on the same port: what a restarted process looks like."""
        await self.stop_listening()
        self.lavalink.forget_sessions()
        await self.listen()

    # Requests

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/v4/websocket":
            return await self._handle_socket(request)
        body = await request.read()
        peer = request.transport.get_extra_info("peername") if request.transport else None
        self.requests.append(
            Recorded(request.method, request.path, dict(request.query), dict(request.headers), _loads(body),
            self._now(),
                     peer)
        )  # fmt: skip
        self._note()
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        trouble = self._trouble_for(request.method, request.path)
        if trouble is not None:
            if trouble.gate is not None:
                await trouble.gate.wait()
            if trouble.is_cut:
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=500)
        if trouble is not None and trouble.answer is not None:
            answer = trouble.answer
        else:
            answer = self.lavalink.answer(request.method, request.path, request.query, request.headers, body)
        return web.Response(
            status=answer.status,
            body=answer.body,
            headers={"Content-Type": answer.content_type, "Lavalink-Api-Version": "4"},
        )

    def _trouble_for(self, method: str, path: str) -> _Trouble | None:
        for trouble in list(self._troubles):
            if trouble.method in ("*", method) and trouble.path.search(path):
                if trouble.times is not None:
                    trouble.times -= 1
                    if trouble.times <= 0:
                        self._troubles.remove(trouble)
                return trouble
        return None

    # Sockets

    async def _handle_socket(self, request: web.Request) -> web.StreamResponse:
        headers = dict(request.headers)
        if self._refusals:
            status = self._refusals.pop(0)
            self._record(FakeConnection(headers, None, resumed=False, at=self._now()))
            return web.Response(status=status, text="no")
        known = set(self.lavalink.sessions)
        session = self.lavalink.open_session(headers)
        if isinstance(session, int):
            self._record(FakeConnection(headers, None, resumed=False, at=self._now()))
            return web.Response(status=session)
        socket = web.WebSocketResponse(timeout=0.1, compress=False)
        await socket.prepare(request)
        outbox: asyncio.Queue[str] = asyncio.Queue()
        self._sockets[socket] = session
        self._transports[socket] = request.transport
        self._writers[socket] = asyncio.create_task(self._write(socket, outbox))
        resumed = session.id in known
        if not self.silent_ready:
            session.connect(outbox.put_nowait, resumed=resumed)
        self._record(FakeConnection(headers, session, resumed, self._now()))
        try:
            async for _message in socket:
                pass
        finally:
            self._drop(socket)
        return socket

    async def _write(self, socket: web.WebSocketResponse, outbox: asyncio.Queue[str]) -> None:
        with suppress(ConnectionError, RuntimeError):
            while True:
                await socket.send_str(await outbox.get())

    def _drop(self, socket: web.WebSocketResponse) -> None:
        session = self._sockets.pop(socket, None)
        writer = self._writers.pop(socket, None)
        self._transports.pop(socket, None)
        if writer is not None:
            writer.cancel()
        if session is not None:
            self.lavalink.close_session(session)
        self._note()

    def _record(self, connection: FakeConnection) -> None:
        self.connections.append(connection)
        self._note()

    def _note(self) -> None:
        self._changed.set()

    # Trouble

    async def vanish(self) -> None:
        """Cut every socket without a close frame."""
        for socket in list(self._sockets):
            transport = self._transports.get(socket)
            self._drop(socket)
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)

    async def close_sockets(self, code: int = WSCloseCode.GOING_AWAY, reason: str = "") -> None:
        """Close every socket with a close frame; any code may be used."""
        for socket in list(self._sockets):
            with suppress(ConnectionError, RuntimeError):
                await socket.close(code=code, message=reason.encode())
            self._drop(socket)

    def refuse_handshakes(self, *statuses: int) -> None:
        """Answer the next handshakes with these statuses."""
        self._refusals += statuses

    def forget_sessions(self) -> None:
        """Lose every session while the sockets stay open: requests then get `Session not found`."""
        self.lavalink.forget_sessions()

    def fail_next(
        self,
        method: str = "*",
        path: str = ".*",
        *,
        status: int = 500,
        body: str | bytes | Mapping[str, Any] = "",
        content_type: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Answer the next `times` requests (None: all) that match with this status and body instead."""
        raw = json.dumps(body) if isinstance(body, Mapping) else body
        kind = content_type or ("application/json" if isinstance(body, Mapping) else "text/html")
        answer = FakeAnswer(status, raw.encode() if isinstance(raw, str) else raw, kind)
        self._troubles.append(_Trouble(method, re.compile(path), times, answer))

    def cut(self, method: str = "*", path: str = ".*", *, times: int | None = 1) -> None:
        """Cut the connection of the next `times` requests that match, unanswered."""
        self._troubles.append(_Trouble(method, re.compile(path), times, None, is_cut=True))

    @asynccontextmanager
    async def stall(self, method: str = "*", path: str = ".*") -> AsyncGenerator[None, None]:
        """Within the block, requests that match are answered only when it ends."""
        trouble = _Trouble(method, re.compile(path), None, None, asyncio.Event())
        self._troubles.append(trouble)
        try:
            yield
        finally:
            assert trouble.gate is not None
            trouble.gate.set()
            if trouble in self._troubles:
                self._troubles.remove(trouble)

    def heal(self) -> None:
        """Forget all trouble that was ordered."""
        self._troubles.clear()
        self._refusals.clear()

    # Tracks

    def add_track(self, identifier: str, title: str = "", **kwargs: Any) -> Track:
        """Let `identifier` load one track, made by `make_track`."""
        track = make_track(title or identifier, **kwargs)
        self.lavalink.loads[identifier] = LoadedTrack(track)
        return track

    def add_search(self, identifier: str, *tracks: Track) -> None:
        """Let `identifier` find these tracks as a search."""
        self.lavalink.loads[identifier] = LoadedSearch(list(tracks))

    def add_load(self, identifier: str, loaded: Loaded) -> None:
        """Let `identifier` load what you say."""
        self.lavalink.loads[identifier] = loaded

    def player(self, guild_id: int) -> FakePlayer:
        """A guild's player. Raises KeyError if no session has one."""
        for session in self.lavalink.sessions.values():
            if guild_id in session.players:
                return session.players[guild_id]
        raise KeyError(guild_id)

    def has_player(self, guild_id: int) -> bool:
        """Whether a session has a player of this guild."""
        return any(guild_id in session.players for session in self.lavalink.sessions.values())

    def finish(self, guild_id: int, reason: EndReason = EndReason.FINISHED) -> None:
        """The guild's track ends."""
        self.player(guild_id).end(reason)

    def fail_track(
        self, guild_id: int, message: str = "It broke", *, then: EndReason | None = EndReason.LOAD_FAILED
    ) -> None:
        """The guild's track raises an exception and ends (unless `then` is None)."""
        self.player(guild_id).fail(message, Severity.COMMON, "java.lang.RuntimeException: " + message, then=then)

    def stick(self, guild_id: int, threshold_ms: int = 10_000) -> None:
        """The guild's track is stuck."""
        self.player(guild_id).stick(threshold_ms)

    def close_voice(self, guild_id: int, code: int, reason: str = "", *, by_remote: bool = True) -> None:
        """The guild's voice connection closes."""
        self.player(guild_id).close_voice(code, reason, by_remote=by_remote)

    def push(self, message: Mapping[str, Any] | str) -> None:
        """Send a message, or any text, to every session."""
        text = message if isinstance(message, str) else json.dumps(message)
        for session in list(self.lavalink.sessions.values()):
            session.emit_text(text)

    def push_stats(self) -> None:
        """Send statistics to every session."""
        for session in list(self.lavalink.sessions.values()):
            session.emit(self.lavalink.stats_message())

    # Waiting

    def calls(self, method: str = "*", path: str = ".*") -> list[Recorded]:
        """The recorded requests that match."""
        pattern = re.compile(path)
        return [call for call in self.requests if method in ("*", call.method) and pattern.search(call.path)]

    def patches(self, guild_id: int) -> list[Any]:
        """The bodies of the PATCHes of a guild's player, in order."""
        return [call.json for call in self.calls("PATCH", rf"/players/{guild_id}$")]

    async def wait_request(self, method: str = "*", path: str = ".*", *, count: int = 1) -> Recorded:
        """The `count`-th request that matches, waiting for it if need be."""
        await self.wait_until(lambda: len(self.calls(method, path)) >= count, f"{count} requests {method} {path}")
        return self.calls(method, path)[count - 1]

    async def next_connection(self) -> FakeConnection:
        """The next handshake that was not given out yet."""
        wanted = self._seen_connections + 1
        await self.wait_until(lambda: len(self.connections) >= wanted, "a WebSocket handshake")
        self._seen_connections = wanted
        return self.connections[wanted - 1]

    async def wait_until(self, is_true: Callable[[], bool], what: str = "it") -> None:
        """Wait until something about this node is true; looked at after every request and connection."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not is_true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise NotSeenInTime(f"{what}; the last requests: {self.requests[-5:]}", WAIT_S) from None


def _loads(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body
