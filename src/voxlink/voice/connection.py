"""One bot in one voice channel: carries out what the machines ask for, and keeps them told of sockets and time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from voxlink.errors import (
    InvalidVoiceMessage,
    UsageError,
    VoiceConnectError,
    VoiceRefused,
    VoiceTimeout,
    VoiceUnreachable,
)
from voxlink.voice import discovery, gateway_effect
from voxlink.voice.close_codes import TRANSPORT_LOST
from voxlink.voice.events import VoiceConnected, VoiceDisconnected, VoiceEvent
from voxlink.voice.gateway import State, VoiceGateway
from voxlink.voice.gateway_message import parse_binary, parse_text
from voxlink.voice.link import Link
from voxlink.voice.login import VoiceLogin
from voxlink.voice.stream import FrameStream, Route

_log = logging.getLogger("voxlink.voice")


class VoiceConnection:
    """A voice connection that takes the frames of a stream to Discord, and stays up as long as it can.

    `connect`, then queue frames on the stream; lost sockets are resumed while audio goes on, or replaced. `on_event`
    is called on the loop's thread; `VoiceDisconnected` is the last event. All methods belong to the event loop.
    """

    def __init__(self, login: VoiceLogin, stream: FrameStream, *, on_event: Callable[[VoiceEvent], None]) -> None:
        self._stream = stream
        self._on_event = on_event
        self._gateway = VoiceGateway(login)
        self._link = Link(self)
        self._timer: asyncio.TimerHandle | None = None
        self._connected: asyncio.Future[None] | None = None
        self._closed = False
        self._closing: asyncio.Task[None] | None = None
        self._keepalives = 0
        self._keepalive_at: float | None = None
        self._keepalive_sent: tuple[int, float] | None = None
        self._udp_ping_s: float | None = None

    def __repr__(self) -> str:
        return f"<VoiceConnection {self._gateway!r} {self._stream!r}>"

    @property
    def login(self) -> VoiceLogin:
        """The login in use."""
        return self._gateway.login

    @property
    def is_connected(self) -> bool:
        """Whether frames are taken right now; true also while a lost socket is being resumed."""
        return self._stream.is_attached and not self._closed

    @property
    def ping_ms(self) -> int:
        """The last heartbeat's round trip on the websocket, -1 before the first."""
        return -1 if self._gateway.ping_s is None else round(self._gateway.ping_s * 1000)

    @property
    def udp_ping_ms(self) -> float:
        """The last keepalive's round trip on the media socket, -1.0 if the server answers none."""
        return -1.0 if self._udp_ping_s is None else self._udp_ping_s * 1000

    async def connect(self, timeout_s: float = 10) -> None:
        """Join; returns when frames can be sent. Once only.

        Raises `VoiceRefused` with the close code, `VoiceTimeout` with the step that was not answered, or
        `VoiceUnreachable`; the connection is closed then. Cancelling closes it, too.
        """
        if self._connected is not None or self._closed:
            raise UsageError("a VoiceConnection connects once; make a new one")
        self._connected = asyncio.get_running_loop().create_future()
        self._obey(self._gateway.connect(self._now()))
        try:
            async with asyncio.timeout(timeout_s):
                await self._connected
        except TimeoutError:
            waiting_for = self._gateway.waiting_for
            await self.close()
            raise VoiceTimeout(waiting_for, timeout_s) from None
        except BaseException:
            await self.close()
            raise

    async def move(self, login: VoiceLogin) -> None:
        """Go on with other server data: another server, channel or token. Frames wait for the moment it takes.

        Returns at once; `VoiceConnected` or `VoiceDisconnected` tells the outcome. An equal login changes nothing
        while the connection is up.
        """
        if self._closed:
            raise UsageError("the voice connection is closed")
        if login == self._gateway.login and self._gateway.state is State.LIVE:
            return
        self._obey(self._gateway.new_login(login, self._now()))

    def hold(self) -> None:
        """Discord sent a null endpoint: leave the server and wait for `move`, up to a minute."""
        if not self._closed:
            self._obey(self._gateway.server_gone(self._now()))

    async def close(self) -> None:
        """Leave and wait until nothing is left running. Safe to call twice; the stream keeps its unsent frames."""
        if not self._closed:
            self._obey(self._gateway.close(self._now()))
        self._finish()
        if self._closing is not None:
            await asyncio.shield(self._closing)

    # What the link tells (`link.Listener`).

    def socket_opened(self) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.opened(self._now()))

    def text_received(self, text: str) -> None:
        """See `link.Listener`."""
        self._receive(text)

    def binary_received(self, data: bytes) -> None:
        """See `link.Listener`."""
        self._receive(data)

    def socket_lost(self, code: int | None, reason: str) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.lost(code, reason, self._now()))

    def media_opened(self) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.media_opened(self._now()))

    def media_failed(self, reason: str) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.give_up(TRANSPORT_LOST, reason, self._now()))

    def datagram_received(self, datagram: bytes) -> None:
        """See `link.Listener`."""
        now = self._now()
        counter = discovery.parse_keepalive_reply(datagram)
        if counter is not None:
            if self._keepalive_sent is not None and self._keepalive_sent[0] == counter:
                self._udp_ping_s = now - self._keepalive_sent[1]
            return
        self._obey(self._gateway.receive_datagram(datagram, now))

    # Inside.

    def _receive(self, data: str | bytes) -> None:
        try:
            numbered = parse_text(data) if isinstance(data, str) else parse_binary(data)
        except InvalidVoiceMessage as error:
            _log.warning("guild %d: ignored a %s", self.login.guild_id, error)
            return
        self._obey(self._gateway.receive(numbered, self._now()))

    def _obey(self, effects: list[gateway_effect.Effect]) -> None:
        for effect in effects:
            self._carry_out(effect)
        self._set_timer()

    def _carry_out(self, effect: gateway_effect.Effect) -> None:
        match effect:
            case gateway_effect.StartSession():
                self._start_session(effect)
            case gateway_effect.StopSession():
                self._stop_session()
            case gateway_effect.Deliver():
                pass
            case gateway_effect.Emit(event):
                self._emit(event)
            case _:
                self._use_link(effect)

    def _use_link(self, effect: gateway_effect.LinkEffect) -> None:
        match effect:
            case gateway_effect.OpenSocket(endpoint):
                self._link.open_socket(endpoint)
            case gateway_effect.CloseSocket(code):
                self._link.close_socket(code)
            case gateway_effect.SendText(text):
                self._link.send(text)
            case gateway_effect.SendBinary(data):
                self._link.send(data)
            case gateway_effect.OpenMedia(address, port):
                self._link.open_media(address, port)
            case gateway_effect.SendDatagram(data):
                self._link.send_datagram(data)

    def _start_session(self, session: gateway_effect.StartSession) -> None:
        sock = self._link.media_socket
        assert sock is not None
        self._stream.attach(Route(sock, session.mode, session.key, session.ssrc, lambda frame: frame))
        self._keepalive_at = self._now() + discovery.KEEPALIVE_INTERVAL_S

    def _stop_session(self) -> None:
        self._stream.detach()
        self._link.close_media()
        self._keepalive_at = None

    def _emit(self, event: VoiceEvent) -> None:
        _log.info("guild %d: %s", self.login.guild_id, event)
        if self._connected is not None and not self._connected.done():
            match event:
                case VoiceConnected():
                    self._connected.set_result(None)
                case VoiceDisconnected(code=code, reason=reason):
                    self._connected.set_exception(self._error(code, reason))
                case _:
                    pass
        try:
            self._on_event(event)
        except Exception:  # noqa: BLE001 (the owner's mistake must not end the call)
            _log.exception("guild %d: on_event failed for %s", self.login.guild_id, event)
        if isinstance(event, VoiceDisconnected):
            self._finish()

    def _error(self, code: int, reason: str) -> VoiceConnectError:
        if code == TRANSPORT_LOST:
            return VoiceUnreachable(self.login.endpoint, reason)
        return VoiceRefused(code, reason)

    def _finish(self) -> None:
        """Begin to take everything down, once."""
        if self._closed:
            return
        self._closed = True
        self._stream.detach()
        if self._timer is not None:
            self._timer.cancel()
        if self._connected is not None and self._connected.done():
            with contextlib.suppress(asyncio.CancelledError):
                self._connected.exception()  # `connect` may have been cancelled: nobody else looks
        self._closing = asyncio.create_task(self._link.close(), name="voice-close")

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closed:
            return
        deadlines = (self._gateway.next_deadline(), self._keepalive_at)
        at = min((deadline for deadline in deadlines if deadline is not None), default=None)
        if at is not None:
            delay = max(0.0, at - self._now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._on_time)

    def _on_time(self) -> None:
        now = self._now()
        if self._keepalive_at is not None and now >= self._keepalive_at:
            self._keepalives += 1
            self._keepalive_sent = (self._keepalives, now)
            self._keepalive_at = now + discovery.KEEPALIVE_INTERVAL_S
            self._link.send_datagram(discovery.pack_keepalive(self._keepalives))
        self._obey(self._gateway.tick(now))

    @staticmethod
    def _now() -> float:
        return time.monotonic()
