"""The main gateway on a loopback socket: hello, identify, resume, heartbeats, events. A shell over `sessions.py`."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Callable

import msgspec
from aiohttp import WSMsgType, web

from voxlink.testing.discord import payloads
from voxlink.testing.discord.refusals import GatewayClose
from voxlink.testing.discord.sessions import IdentifyBody, Opcode, ResumeBody, Session, check_identify
from voxlink.testing.discord.state import Json, World
from voxlink.testing.discord.trouble import Dispatch, Trouble
from voxlink.testing.discord.voice_states import Event, VoiceStateBody
from voxlink.testing.discord.waiting import Changes

__all__ = ["Gateway"]

API_VERSIONS = {"9", "10"}
SENDS_PER_MINUTE = 120
"""Discord closes with 4008 beyond this."""


class Frame(msgspec.Struct):
    """Any frame of a bot."""

    op: int
    d: msgspec.Raw = msgspec.Raw(b"null")


class MembersBody(msgspec.Struct):
    """The data of op 8."""

    guild_id: int
    user_ids: list[int] = msgspec.field(default_factory=list[int])
    nonce: str | None = None


class Connection:
    """One socket of a bot, with its compression. Writes in order; a socket that is gone takes nothing."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self._request = request
        self.session: Session | None = None
        self._deflate = zlib.compressobj() if compress else None
        self._sends: deque[float] = deque()

    async def send(self, frame: Json) -> None:
        """Send one frame."""
        data = msgspec.json.encode(frame)
        if self.socket.closed:
            return
        try:
            if self._deflate is None:
                await self.socket.send_str(data.decode())
            else:
                packed = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(packed)
        except (ConnectionError, RuntimeError):
            return  # the bot went away between the look and the write; a resume gives it what it missed

    def is_flooding(self, now: float) -> bool:
        """Count a frame of the bot; whether it sends more than Discord takes."""
        self._sends.append(now)
        while self._sends[0] < now - 60:
            self._sends.popleft()
        return len(self._sends) > SENDS_PER_MINUTE

    def abort(self) -> None:
        """Cut the socket without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def close(self, why: GatewayClose) -> None:
        """Close with one of Discord's codes."""
        await self.socket.close(code=why.code, message=why.reason.encode())


class Gateway:
    """All sessions and sockets of all bots."""

    def __init__(
        self,
        world: World,
        trouble: Trouble,
        changes: Changes,
        *,
        heartbeat_interval_ms: int,
        on_voice_request: Callable[[int, VoiceStateBody], list[Event]],
        on_session_end: Callable[[Session], list[Event]],
    ) -> None:
        self.resume_url = ""
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        self.voice_requests: list[tuple[int, VoiceStateBody]] = []
        """Every op 4 that came, with the user who sent it, oldest first."""
        self._world = world
        self._trouble = trouble
        self._changes = changes
        self._heartbeat_interval_ms = heartbeat_interval_ms
        self._on_voice_request = on_voice_request
        self._on_session_end = on_session_end
        self._connections: set[Connection] = set()
        self._outgoing: dict[str, asyncio.Queue[Json]] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One socket from the upgrade to its end."""
        socket = web.WebSocketResponse(max_msg_size=4096 * 16, autoping=True)
        await socket.prepare(request)
        compress = request.query.get("compress")
        connection = Connection(request, socket, compress=compress == "zlib-stream")
        if request.query.get("v") not in API_VERSIONS or compress not in {None, "zlib-stream"}:
            await connection.close(GatewayClose.INVALID_API_VERSION)
            return socket
        self._connections.add(connection)
        writer: asyncio.Task[None] | None = None
        try:
            await connection.send({"op": int(Opcode.HELLO), "d": {"heartbeat_interval": self._heartbeat_interval_ms}})
            async for message in socket:
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    break
                why = await self._receive(connection, message.data)
                if why is not None:
                    await connection.close(why)
                    break
                if connection.session is not None and writer is None:
                    writer = asyncio.create_task(self._write(connection, connection.session), name="gateway-write")
        finally:
            self._connections.discard(connection)
            if writer is not None:
                writer.cancel()
                await asyncio.wait([writer])
            if connection.session is not None and socket.close_code in {1000, 1001}:
                self.end_session(connection.session)
            self._changes.told()
        return socket

    async def _receive(self, connection: Connection, data: str | bytes) -> GatewayClose | None:
        """Take one frame of a bot; give back why the socket must be closed, if it must."""
        if connection.is_flooding(time.monotonic()):
            return GatewayClose.RATE_LIMITED
        try:
            frame = msgspec.json.decode(data, type=Frame)
            opcode = Opcode(frame.op)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return GatewayClose.DECODE_ERROR
        except ValueError:
            return GatewayClose.UNKNOWN_OPCODE
        try:
            return await self._obey(connection, opcode, frame.d)
        except msgspec.ValidationError:
            return GatewayClose.DECODE_ERROR

    async def _obey(self, connection: Connection, opcode: Opcode, data: msgspec.Raw) -> GatewayClose | None:
        if opcode is Opcode.HEARTBEAT:
            if not self._trouble.withhold_heartbeat_acks:
                await connection.send({"op": int(Opcode.HEARTBEAT_ACK), "d": None})
            return None
        if opcode in {Opcode.IDENTIFY, Opcode.RESUME}:
            if connection.session is not None:
                return GatewayClose.ALREADY_AUTHENTICATED
            if opcode is Opcode.IDENTIFY:
                return self._identify(connection, msgspec.json.decode(data, type=IdentifyBody))
            return await self._resume(connection, msgspec.json.decode(data, type=ResumeBody))
        if connection.session is None:
            return GatewayClose.NOT_AUTHENTICATED
        if opcode is Opcode.VOICE_STATE_UPDATE:
            body = msgspec.json.decode(data, type=VoiceStateBody, strict=False)
            user_id = connection.session.account.id
            self.voice_requests.append((user_id, body))
            self.publish(self._on_voice_request(user_id, body))
            self._changes.told()
        elif opcode is Opcode.REQUEST_GUILD_MEMBERS:
            self._send_members(connection.session, msgspec.json.decode(data, type=MembersBody, strict=False))
        elif opcode is not Opcode.PRESENCE_UPDATE:
            return GatewayClose.UNKNOWN_OPCODE
        return None

    def _identify(self, connection: Connection, body: IdentifyBody) -> GatewayClose | None:
        account = self._world.account_by_token(body.token)
        why = check_identify(body, account)
        if why is not None or account is None:
            return why
        self.identifies += 1
        session = Session(f"{self._world.next_id():x}", account, body.shard, body.intents)
        self.sessions[session.id] = session
        self._outgoing[session.id] = asyncio.Queue()
        connection.session = session
        guilds = [guild for guild in self._world.guilds_of(account.id) if session.is_for(guild.id)]
        self._enqueue(
            session,
            "READY",
            {
                "v": 10,
                "user": payloads.own_user(account),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.resume_url,
                "shard": list(body.shard),
                "application": {"id": str(account.application_id), "flags": 0},
                "private_channels": [],
                "session_type": "normal",
                "_trace": [],
            },
        )
        for guild in guilds:
            if session.sees("GUILD_CREATE"):
                self._enqueue(session, "GUILD_CREATE", payloads.guild_create(guild))
        self._changes.told()
        return None

    async def _resume(self, connection: Connection, body: ResumeBody) -> GatewayClose | None:
        account = self._world.account_by_token(body.token)
        if account is None:
            return GatewayClose.AUTHENTICATION_FAILED
        session = self.sessions.get(body.session_id)
        if session is None or session.account is not account or not session.is_resumable:
            await connection.send({"op": int(Opcode.INVALID_SESSION), "d": False})
            return None
        missed = session.missed_since(body.seq)
        if missed is None:
            return GatewayClose.INVALID_SEQ
        for other in [one for one in self._connections if one.session is session]:
            other.session = None
            await other.socket.close(code=4000, message=b"Session taken over.")
        self.resumes += 1
        # Frames that no socket has taken yet are among those that were missed: the queue starts anew.
        self._outgoing[session.id] = asyncio.Queue()
        connection.session = session
        for frame in missed:
            self._outgoing[session.id].put_nowait(frame)
        self._enqueue(session, "RESUMED", {"_trace": []})
        self._changes.told()
        return None

    def _send_members(self, session: Session, body: MembersBody) -> None:
        guild = self._world.guilds.get(body.guild_id)
        if guild is None:
            return
        chosen = [m for m in guild.members.values() if not body.user_ids or m.user.id in body.user_ids]
        data: Json = {
            "guild_id": str(guild.id),
            "members": [payloads.member(one) for one in chosen],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        self._enqueue(session, "GUILD_MEMBERS_CHUNK", data if body.nonce is None else {**data, "nonce": body.nonce})

    def publish(self, events: list[Event]) -> None:
        """Send events to every session that may see them, with the trouble that was ordered."""
        for event in events:
            for session in list(self.sessions.values()):
                is_meant = event.only in {None, session.account.id}
                is_member = session.account.id in self._world.guilds[event.guild_id].members
                if is_meant and is_member and session.is_for(event.guild_id) and session.sees(event.name):
                    for one in self._trouble.on_dispatch(Dispatch(event.name, event.data)):
                        self._send_later(session, one)

    def _send_later(self, session: Session, one: Dispatch) -> None:
        if one.delay_s <= 0:
            self._enqueue(session, one.name, one.data)
            return
        timer: asyncio.TimerHandle

        def due() -> None:
            self._timers.discard(timer)
            self._enqueue(session, one.name, one.data)

        timer = asyncio.get_running_loop().call_later(one.delay_s, due)
        self._timers.add(timer)

    def _enqueue(self, session: Session, name: str, data: Json) -> None:
        if session.id in self._outgoing:
            self._outgoing[session.id].put_nowait(session.number(name, data))

    async def _write(self, connection: Connection, session: Session) -> None:
        outgoing = self._outgoing[session.id]
        while True:
            await connection.send(await outgoing.get())

    def sessions_of(self, account_id: int) -> list[Session]:
        """The live sessions of a bot, by shard."""
        found = [session for session in self.sessions.values() if session.account.id == account_id]
        return sorted(found, key=lambda session: session.shard)

    def is_connected(self, account_id: int) -> bool:
        """Whether a socket of the bot is identified."""
        return any(c.session is not None and c.session.account.id == account_id for c in self._connections)

    def end_session(self, session: Session) -> None:
        """Forget a session: it cannot be resumed, and what it held in voice ends."""
        session.is_resumable = False
        if self.sessions.pop(session.id, None) is not None:
            self._outgoing.pop(session.id, None)
            self.publish(self._on_session_end(session))

    async def ask_to_reconnect(self, account_id: int) -> None:
        """Send op 7 to all shards of a bot."""
        await self._tell(account_id, {"op": int(Opcode.RECONNECT), "d": None})

    async def invalidate(self, account_id: int, *, resumable: bool) -> None:
        """Send op 9 to all shards of a bot; one that is not resumable ends the session."""
        await self._tell(account_id, {"op": int(Opcode.INVALID_SESSION), "d": resumable})
        if not resumable:
            for session in self.sessions_of(account_id):
                self.end_session(session)

    async def _tell(self, account_id: int, frame: Json) -> None:
        for connection in [c for c in self._connections if c.session and c.session.account.id == account_id]:
            await connection.send(frame)

    def drop(self, account_id: int) -> None:
        """Cut the sockets of a bot without a close frame."""
        for connection in [c for c in self._connections if c.session and c.session.account.id == account_id]:
            connection.abort()

    async def close(self) -> None:
        """Stop what is still on its way and close every socket."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for connection in list(self._connections):
            await connection.socket.close(code=1001, message=b"Going away.")
