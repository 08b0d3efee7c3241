"""One websocket of a voice client: voice gateway version 8 as the server speaks it (voice.md 1.3 and 4.4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from aiohttp import WSMsgType, web

from voxlink.errors import DaveFailure
from voxlink.testing.voice_member import VoiceMember

if TYPE_CHECKING:
    from voxlink.testing.voice_backend import VoiceBackend

__all__ = ["VoiceGateway"]

IDENTIFY, SELECT_PROTOCOL, READY, HEARTBEAT, SESSION_DESCRIPTION, SPEAKING = 0, 1, 2, 3, 4, 5
HEARTBEAT_ACK, RESUME, HELLO, RESUMED = 6, 7, 8, 9
MEDIA_SINK_WANTS = 15
DAVE_TEXT_OPS = {23, 31}
IGNORED_OPS = {12, 14, 16, 18, 20, 32}

UNKNOWN_OPCODE, DECODE_FAILURE, NOT_AUTHENTICATED, ALREADY_AUTHENTICATED = 4001, 4002, 4003, 4005
AUTHENTICATION_FAILED, SESSION_INVALID, UNKNOWN_MODE, DAVE_REQUIRED, BAD_REQUEST = 4004, 4006, 4016, 4017, 4020
SESSION_TIMEOUT = 4009
ABNORMAL_CLOSURE = 1006
HEARTBEATS_MISSED = 2
"""After so many intervals without a heartbeat the socket is closed."""
CLOSE_TIMEOUT_S = 2.0


class _Close:
    def __init__(self, code: int) -> None:
        self.code = code


class _Pause:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Refused(Exception):
    """The client broke the protocol; the socket is closed with `code`."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


class VoiceGateway:
    """Serves one socket until it closes. The session itself lives in `VoiceMember` and may be resumed by another."""

    def __init__(self, request: web.Request, backend: VoiceBackend) -> None:
        self._request = request
        self._backend = backend
        self._websocket = web.WebSocketResponse(autoping=True, timeout=CLOSE_TIMEOUT_S)
        self._outbox: asyncio.Queue[str | bytes | _Close | _Pause] = asyncio.Queue()
        self._member: VoiceMember | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._watch: asyncio.TimerHandle | None = None

    def send(self, message: str | bytes) -> None:
        """Queue one message; never blocks."""
        self._outbox.put_nowait(message)

    def pause(self, seconds: float) -> None:
        """Hold back everything that is queued after this for a while."""
        self._outbox.put_nowait(_Pause(seconds))

    def stall(self, *, stalled: bool) -> None:
        """Neither read nor write until told otherwise, the connection staying open."""
        if stalled:
            self._flows.clear()
        else:
            self._flows.set()

    def close(self, code: int) -> None:
        """Close the socket with a code after what is queued."""
        self._outbox.put_nowait(_Close(code))
        self._flows.set()

    def abort(self) -> None:
        """Cut the TCP connection without a word."""
        self._flows.set()
        if self._request.transport is not None:
            self._request.transport.abort()

    async def serve(self) -> web.StreamResponse:
        """Talk to the client until the socket closes, then keep or end its session."""
        await self._websocket.prepare(self._request)
        self._send_op(HELLO, {"v": 8, "heartbeat_interval": self._backend.heartbeat_interval_ms})
        self._expect_heartbeat()
        writer = asyncio.create_task(self._write(), name="voice-gateway-write")
        try:
            async for message in self._websocket:
                await self._flows.wait()
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._take(message.data)
        finally:
            if self._watch is not None:
                self._watch.cancel()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            if self._member is not None and self._member.link is self:
                self._backend.lost(self._member, self._websocket.close_code or ABNORMAL_CLOSURE)
        return self._websocket

    async def _write(self) -> None:
        while True:
            item = await self._outbox.get()
            await self._flows.wait()
            try:
                if isinstance(item, _Pause):
                    await asyncio.sleep(item.seconds)
                elif isinstance(item, _Close):
                    await self._websocket.close(code=item.code)
                    return
                elif isinstance(item, str):
                    await self._websocket.send_str(item)
                else:
                    await self._websocket.send_bytes(item)
            except ConnectionError:
                return

    def _expect_heartbeat(self) -> None:
        """Close the socket of a client whose heartbeats stay away; its session lives on."""
        if self._watch is not None:
            self._watch.cancel()
        patience_s = self._backend.heartbeat_interval_ms / 1000 * HEARTBEATS_MISSED
        self._watch = asyncio.get_running_loop().call_later(patience_s, self._miss_heartbeat)

    def _miss_heartbeat(self) -> None:
        if not self._flows.is_set():
            return
        if self._member is not None and self._member.link is self:
            self._backend.close(self._member, SESSION_TIMEOUT, keeps_session=True)
        else:
            self.close(SESSION_TIMEOUT)

    def _send_op(self, op: int, data: object) -> None:
        self.send(json.dumps({"op": op, "d": data}))

    def _take(self, message: str | bytes) -> None:
        try:
            if isinstance(message, bytes):
                self._take_binary(message)
            else:
                self._take_text(message)
        except Refused as refused:
            self._refuse(refused.code, "gateway message")
        except DaveFailure as failure:
            self._refuse(BAD_REQUEST, str(failure))

    def _refuse(self, code: int, what: str) -> None:
        self._backend.refused(self._member, code, what)
        self.close(code)

    def _take_binary(self, message: bytes) -> None:
        if not message:
            raise Refused(DECODE_FAILURE)
        self._backend.binary(self._live_member(), message[0], message[1:])

    def _take_text(self, message: str) -> None:
        try:
            body: object = json.loads(message)
        except ValueError:
            raise Refused(DECODE_FAILURE) from None
        fields = _object(body)
        op = fields.get("op")
        handler = self._HANDLERS.get(op) if type(op) is int else None
        if handler is not None:
            handler(self, fields.get("d"))
        elif op in DAVE_TEXT_OPS:
            self._backend.text(self._live_member(), cast("int", op), _object(fields.get("d")))
        elif op not in IGNORED_OPS:
            raise Refused(UNKNOWN_OPCODE if type(op) is int else DECODE_FAILURE)

    def _live_member(self) -> VoiceMember:
        if self._member is None:
            raise Refused(NOT_AUTHENTICATED)
        return self._member

    def _identify(self, data: object) -> None:
        if self._member is not None:
            raise Refused(ALREADY_AUTHENTICATED)
        fields = _object(data)
        member = self._backend.find(fields.get("session_id"))
        if member is None or not _proves(fields, member) or fields.get("user_id") != str(member.user_id):
            raise Refused(AUTHENTICATION_FAILED)
        if member.end_code is not None:
            raise Refused(SESSION_INVALID)
        member.max_dave_version = _integer(fields.get("max_dave_protocol_version", 0))
        if self._backend.requires_dave and member.max_dave_version == 0:
            raise Refused(DAVE_REQUIRED)
        self._member = member
        self._backend.identified(member, self)
        self._send_op(
            READY,
            {
                "ssrc": member.ssrc,
                "ip": "127.0.0.1",
                "port": self._backend.media_port,
                "modes": list(self._backend.modes),
                "experiments": ["fixed_keyframe_interval"],
                "streams": [],
            },
        )

    def _resume(self, data: object) -> None:
        if self._member is not None:
            raise Refused(ALREADY_AUTHENTICATED)
        fields = _object(data)
        member = self._backend.find(fields.get("session_id"))
        if member is None or not _proves(fields, member) or not member.is_live:
            raise Refused(SESSION_INVALID)
        missed = member.log.after(_integer(fields.get("seq_ack", -1)))
        if missed is None:
            raise Refused(SESSION_INVALID)
        self._member = member
        self._backend.resumed(member, self)
        self._send_op(RESUMED, None)
        for message in missed:
            self.send(message)

    def _select_protocol(self, data: object) -> None:
        member = self._live_member()
        fields = _object(data)
        choice = _object(fields.get("data"))
        mode, address, port = choice.get("mode"), choice.get("address"), choice.get("port")
        if fields.get("protocol") != "udp" or not isinstance(address, str):
            raise Refused(BAD_REQUEST)
        if mode not in self._backend.modes:
            raise Refused(UNKNOWN_MODE)
        key = self._backend.agreed(member, cast("str", mode), (address, _integer(port)))
        self._send_op(
            SESSION_DESCRIPTION,
            {
                "mode": mode,
                "secret_key": list(key),
                "dave_protocol_version": self._backend.dave_version(member),
                "audio_codec": "opus",
                "video_codec": "H264",
                "media_session_id": member.session_id[::-1],
            },
        )
        self._backend.joined(member)

    def _heartbeat(self, data: object) -> None:
        self._expect_heartbeat()
        fields = _object(data)
        is_current = self._member is not None and self._member.link is self
        if self._member and is_current and not self._member.log.has_sent(_integer(fields.get("seq_ack", -1))):
            self._member.heard.fault(f"heartbeat acknowledges {fields.get('seq_ack')}, which was never sent")
        if self._backend.heartbeat(self._member):
            self._send_op(HEARTBEAT_ACK, {"t": fields.get("t")})

    def _speaking(self, data: object) -> None:
        self._backend.speaking(self._live_member(), _integer(_object(data).get("speaking")))

    def _media_sink_wants(self, data: object) -> None:
        if self._member is not None:
            self._member.wants_media = _object(data).get("any", 100) != 0

    _HANDLERS: ClassVar[dict[int, Callable[[VoiceGateway, object], None]]] = {
        IDENTIFY: _identify,
        SELECT_PROTOCOL: _select_protocol,
        HEARTBEAT: _heartbeat,
        SPEAKING: _speaking,
        RESUME: _resume,
        MEDIA_SINK_WANTS: _media_sink_wants,
    }


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(DECODE_FAILURE)
    return cast("dict[str, Any]", value)


def _integer(value: object) -> int:
    if type(value) is not int:
        raise Refused(DECODE_FAILURE)
    return value


def _proves(fields: dict[str, Any], member: VoiceMember) -> bool:
    return fields.get("token") == member.token and fields.get("server_id") == str(member.guild_id)
