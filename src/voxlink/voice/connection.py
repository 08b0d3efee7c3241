"""One bot in one voice channel: carries out what the machines ask for, and keeps them told of sockets and time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from voxlink.errors import (
    InvalidVoiceMessage,
    UsageError,
    VoiceConnectError,
    VoiceRefused,
    VoiceTimeout,
    VoiceUnreachable,
)
from voxlink.voice import gateway_effect as effects
from voxlink.voice.close_codes import TRANSPORT_LOST
from voxlink.voice.dave_session import MAX_DAVE_VERSION
from voxlink.voice.events import (
    SpeakingStarted,
    SpeakingStopped,
    VoiceConnected,
    VoiceDisconnected,
    VoiceEvent,
    VoiceResumed,
)
from voxlink.voice.gateway import VoiceGateway
from voxlink.voice.gateway_message import ClientDisconnect, DaveMessage, RosterMessage, parse_binary, parse_text
from voxlink.voice.gateway_state import State
from voxlink.voice.link import Link
from voxlink.voice.listening import Listening
from voxlink.voice.login import VoiceLogin
from voxlink.voice.roster import Roster
from voxlink.voice.route import Route
from voxlink.voice.session import Session, Step
from voxlink.voice.stream import FrameCounts, FrameStream
from voxlink.voice.verification import CODE_DIGITS, displayable_code, verification_code

_log = logging.getLogger("voxlink.voice")


class VoiceStats(NamedTuple):
    """How a voice connection does; -1 stands for what is not known (yet)."""

    ping_ms: int
    """The last heartbeat's round trip on the websocket."""
    udp_ping_ms: float
    """The last keepalive's round trip on the media socket."""
    frames: FrameCounts
    """What was sent, over all connections of the stream."""
    uplink_loss: float
    """Share of our packets that the voice server missed, by its last report; 0 to 1."""
    uplink_jitter_ms: float
    """How unevenly our packets arrive at the voice server, by its last report."""
    received: int
    """Frames heard on this session."""
    lost: int
    """Frames of others that did not arrive on this session."""
    undecryptable: int
    """Frames of others that arrived and could not be decrypted."""
    dave_version: int
    """End-to-end encryption in force; 0 is none."""
    dave_epoch: int
    """Epoch of the group; -1 without a key."""


class VoiceConnection:
    """A voice connection that takes the frames of a stream to Discord, and stays up as long as it can.

    `connect`, then queue frames on the stream; lost sockets are resumed while audio goes on, or replaced. `on_event`
    is called on the loop's thread; `VoiceDisconnected` is the last event. All methods belong to the event loop.
    """

    def __init__(self, login: VoiceLogin, stream: FrameStream, *, on_event: Callable[[VoiceEvent], None]) -> None:
        self._stream = stream
        self._on_event = on_event
        self._gateway = VoiceGateway(login, max_dave_version=MAX_DAVE_VERSION)
        self._link = Link(self)
        self._roster = Roster()
        self._session: Session | None = None
        self._listenings: list[Listening] = []
        self._timer: asyncio.TimerHandle | None = None
        self._connected: asyncio.Future[None] | None = None
        self._closed = False
        self._closing: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        dave = "" if self._session is None else f" {self._session.dave!r}"
        return f"<VoiceConnection {self._gateway!r}{dave} {self._stream!r}>"

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
    def privacy_code(self) -> str | None:
        """The call's voice privacy code, thirty digits; None while the call is not end-to-end encrypted."""
        return self._session.dave.privacy_code if self._session is not None else None

    @property
    def users(self) -> frozenset[int]:
        """The other users in the call, as the voice server announced them."""
        return frozenset(self._roster.users - {self.login.user_id})

    def stats(self) -> VoiceStats:
        """Say how the connection does right now."""
        session = self._session
        if session is None:
            return VoiceStats(self.ping_ms, -1.0, self._stream.counts, -1.0, -1.0, 0, 0, 0, 0, -1)
        ping_s, uplink, dave = session.keepalive.ping_s, session.receiver.uplink, session.dave
        return VoiceStats(
            ping_ms=self.ping_ms,
            udp_ping_ms=-1.0 if ping_s is None else ping_s * 1000,
            frames=self._stream.counts,
            uplink_loss=-1.0 if uplink is None else uplink.fraction_lost,
            uplink_jitter_ms=-1.0 if uplink is None else uplink.jitter_ms,
            received=session.receiver.received,
            lost=session.receiver.lost,
            undecryptable=session.receiver.undecryptable,
            dave_version=dave.version,
            dave_epoch=-1 if dave.epoch is None else dave.epoch,
        )

    async def verification_code(self, user_id: int) -> str:
        """Return the 45 digits that this user and we can compare to be sure that nobody sits between us.

        Computed in a thread. Except for a user who was in the call before us and has not committed since: that key
        came encrypted, and only the MLS library knows it. It computes the code itself and keeps the GIL meanwhile: that
        holds up this process (not the sound) for 0.3 to 0.5 s, once for each such user. Raises `DaveFailure` for a user
        outside of the group.
        """
        if self._session is None:
            raise UsageError("the voice connection is not up")
        both = self._session.dave.fingerprints(user_id)
        if both is None:
            return displayable_code(self._session.dave.pairwise_fingerprint(user_id), CODE_DIGITS)
        return await verification_code(*both)

    async def connect(self, timeout_s: float = 10) -> None:
        """Join; returns when frames can be sent. Once only.

        Raises `VoiceRefused` with the close code, `VoiceTimeout` with the step that was not answered, or
        `VoiceUnreachable`; the connection is closed then. Cancelling closes it, too.
        """
        if self._connected is not None or self._closed:
            raise UsageError("a VoiceConnection connects once; make a new one")
        self._connected = asyncio.get_running_loop().create_future()
        self._obey(self._gateway.connect(_now()))
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
        self._obey(self._gateway.new_login(login, _now()))

    def hold(self) -> None:
        """Discord sent a null endpoint: leave the server and wait for `move`, up to a minute."""
        if not self._closed:
            self._obey(self._gateway.server_gone(_now()))

    def listen(self) -> Listening:
        """Begin to hear the others; while nobody listens, the server is asked for nothing (op 15)."""
        if self._closed:
            raise UsageError("the voice connection is closed")
        listening = Listening(self._stop_listening)
        self._listenings.append(listening)
        self._obey(self._gateway.want_media(_now(), wanted=True))
        return listening

    async def close(self) -> None:
        """Leave and wait until nothing is left running. Safe to call twice; the stream keeps its unsent frames."""
        if not self._closed:
            self._obey(self._gateway.close(_now()))
        self._finish()
        if self._closing is not None:
            await asyncio.shield(self._closing)

    # What the link tells (`link.Listener`).

    def socket_opened(self) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.opened(_now()))

    def text_received(self, text: str) -> None:
        """See `link.Listener`."""
        self._receive(text)

    def binary_received(self, data: bytes) -> None:
        """See `link.Listener`."""
        self._receive(data)

    def socket_lost(self, code: int | None, reason: str) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.lost(code, reason, _now()))

    def media_opened(self) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.media_opened(_now()))

    def media_failed(self, reason: str) -> None:
        """See `link.Listener`."""
        self._obey(self._gateway.give_up(TRANSPORT_LOST, reason, _now()))

    def datagram_received(self, datagram: bytes) -> None:
        """See `link.Listener`."""
        if self._session is None:
            self._obey(self._gateway.receive_datagram(datagram, _now()))
        else:
            self._take(self._session.datagram(datagram, _now()))
            self._set_timer()

    # What the machines ask for.

    def _receive(self, data: str | bytes) -> None:
        try:
            numbered = parse_text(data) if isinstance(data, str) else parse_binary(data)
        except InvalidVoiceMessage as error:
            _log.warning("guild %d: ignored a %s", self.login.guild_id, error)
            return
        self._obey(self._gateway.receive(numbered, _now()))

    def _obey(self, asked: list[effects.Effect]) -> None:
        for effect in asked:
            self._carry_out(effect)
        self._set_timer()

    def _take(self, step: Step) -> None:
        for effect in step.effects:
            self._carry_out(effect)
        for item in step.items:
            if isinstance(item, SpeakingStarted | SpeakingStopped):
                self._emit(item)
            else:
                for listening in self._listenings:
                    listening.put(item)

    def _carry_out(self, effect: effects.Effect) -> None:
        match effect:
            case effects.StartSession():
                self._start_session(effect)
            case effects.StopSession():
                if self._session is not None:
                    self._take(Step([], self._session.receiver.end()))
                self._stream.detach()
                self._link.close_media()
                self._session = None
            case effects.Deliver(message):
                self._deliver(message)
            case effects.EncryptAgain(ahead_ms):
                self._stream.encrypt_again(ahead_ms=ahead_ms)
            case effects.Emit(event):
                if isinstance(event, VoiceResumed) and self._session is not None:
                    self._session.resumed(_now())
                self._emit(event)
            case _:
                self._use_link(effect)

    def _use_link(self, effect: effects.LinkEffect) -> None:
        match effect:
            case effects.OpenSocket(endpoint):
                self._link.open_socket(endpoint)
            case effects.CloseSocket(code):
                self._link.close_socket(code)
            case effects.SendText(text):
                self._link.send(text)
            case effects.SendBinary(data):
                self._link.send(data)
            case effects.OpenMedia(address, port):
                self._roster.clear()  # Ready begins a session; who is in it is told from now on
                self._link.open_media(address, port)
            case effects.SendDatagram(data):
                self._link.send_datagram(data)

    def _start_session(self, start: effects.StartSession) -> None:
        sock = self._link.media_socket
        assert sock is not None
        stream = self._stream
        session = Session(start, self.login, self._roster, _now(), queued_ms=lambda: stream.queued_ms)
        self._session = session
        asked = session.dave.begin(start.dave_version)
        stream.attach(Route(sock, start.mode, start.key, start.ssrc, session.dave.encrypt, self._key_used_up))
        self._take(Step(asked, []))

    def _key_used_up(self) -> None:
        """Every counter of the transport key is leased (after years, or tens of thousands of crashes): get another."""
        give_up = self._gateway.give_up
        asyncio.get_running_loop().call_soon(
            lambda: self._obey(give_up(TRANSPORT_LOST, "the transport key is used up", _now()))
        )

    def _deliver(self, message: RosterMessage | DaveMessage) -> None:
        session = self._session
        if not isinstance(message, RosterMessage):
            if session is not None:
                self._take(session.dave_message(message, _now()))
            return
        if session is not None and isinstance(message, ClientDisconnect):
            self._take(Step([], list(session.receiver.user_left(message.user_id))))
        self._roster.receive(message)

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

    def _stop_listening(self, listening: Listening) -> None:
        if listening in self._listenings:
            self._listenings.remove(listening)
        if not self._listenings and not self._closed:
            self._obey(self._gateway.want_media(_now(), wanted=False))

    def _finish(self) -> None:
        """Begin to take everything down, once."""
        if self._closed:
            return
        self._closed = True
        self._stream.detach()
        for listening in list(self._listenings):
            listening.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._connected is not None and self._connected.done():
            with contextlib.suppress(asyncio.CancelledError):
                self._connected.exception()  # `connect` may have been cancelled: nobody else looks
        self._closing = asyncio.create_task(self._link.close(), name="voice-close")

    def _set_timer(self) -> None:
        """Keep one timer at the earliest deadline; a timer that is early enough already is left alone."""
        if self._closed:
            return
        session_at = None if self._session is None else self._session.next_deadline()
        deadlines = [at for at in (self._gateway.next_deadline(), session_at) if at is not None]
        if not deadlines:
            return
        delay = max(0.0, min(deadlines) - _now())
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if not self._timer.cancelled() and self._timer.when() <= loop.time() + delay:
                return
            self._timer.cancel()
        self._timer = loop.call_later(delay, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        now = _now()
        if self._session is not None:
            self._take(self._session.tick(now))
        self._obey(self._gateway.tick(now))


def _now() -> float:
    return time.monotonic()
