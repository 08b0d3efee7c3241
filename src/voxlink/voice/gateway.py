"""The voice gateway as a machine: messages, datagrams and the time go in, effects come out. No socket, no clock."""

from __future__ import annotations

import random
from collections.abc import Callable

from voxlink._util.wrapping import distance_u16
from voxlink.errors import InvalidPacket
from voxlink.voice import discovery
from voxlink.voice import gateway_message as words
from voxlink.voice.close_codes import NORMAL, TRANSPORT_LOST, Reaction, explain, reaction_to
from voxlink.voice.encryption import MODES
from voxlink.voice.events import (
    VoiceConnected,
    VoiceDisconnected,
    VoiceReconnecting,
    VoiceResumed,
    VoiceServerNeeded,
)
from voxlink.voice.gateway_effect import (
    CloseSocket,
    Deliver,
    Effect,
    Emit,
    OpenMedia,
    OpenSocket,
    SendDatagram,
    SendText,
    StartSession,
    StopSession,
)
from voxlink.voice.gateway_state import TRANSITIONS, WITH_SOCKET, On, State
from voxlink.voice.login import VoiceLogin

HEARTBEAT_CAP_S = 5.0
"""Beat at least so often, as Discord's own client does; the server's interval is a maximum."""
HEARTBEAT_FLOOR_S = 0.05
"""Never beat more often, whatever the server says."""
MISSED_ACKS = 2
STEP_TIMEOUT_S = 10.0
"""How long the server may take for each step of a handshake."""
RESUME_TIMEOUT_S = 5.0
WAIT_FOR_LOGIN_S = 10.0
"""After a kick or a move, Discord sends new server data within a few seconds or not at all."""
WAIT_FOR_SERVER_S = 60.0
"""After a null endpoint, Discord is looking for another server."""
HEALTHY_S = 30.0
"""A session that lived so long gives back all attempts."""
MAX_RESUMES = 3
MAX_FRESH = 5
MAX_FRESH_FIRST = 2
"""Attempts beyond the first while the connection was never up: the caller of `connect` waits."""
MAX_REFUSED_TOKENS = 3
FIRST_DELAY_S = 0.25
DELAY_CAP_S = 10.0


_STEP_NAMES = {
    State.OPENING: "websocket",
    State.IDENTIFYING: "Ready",
    State.DISCOVERING: "IP discovery",
    State.SELECTING: "SessionDescription",
    State.REOPENING: "websocket",
    State.RESUMING: "Resumed",
}


class VoiceGateway:
    """One connection to one voice server after the other, for one channel membership.

    Each method takes what happened and the time (`now`, seconds of any monotonic clock) and returns the effects to
    carry out in order. Between calls, call `tick` when `next_deadline()` comes. Nothing here raises for what the
    server does; `VoiceDisconnected` is the last event of every life.
    """

    def __init__(
        self,
        login: VoiceLogin,
        *,
        max_dave_version: int = 0,
        wants_media: bool = False,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self.login = login
        self.state = State.NEW
        self.ping_s: float | None = None
        self.seq_ack = -1
        self._max_dave_version = max_dave_version
        self._wants_media = wants_media
        self._rand = rand
        self._effects: list[Effect] = []
        self._established = False
        self._has_session = False
        self._ready: words.Ready | None = None
        self._external = discovery.ExternalAddress("", 0)
        self._mode = ""
        self._modes = list(MODES)
        self._deadline: float | None = None
        self._tries = 0
        self._interval: float | None = None
        self._beat_at: float | None = None
        self._beat_sent_at: float | None = None
        self._beats = 0
        self._unanswered = 0
        self._live_since: float | None = None
        self._resumes = self._fresh = self._refused = 0
        self._last_close = (TRANSPORT_LOST, "")
        self._enter: dict[State, Callable[[On, float], None]] = {
            State.OPENING: self._enter_opening,
            State.IDENTIFYING: self._enter_identifying,
            State.DISCOVERING: self._enter_discovering,
            State.SELECTING: self._enter_selecting,
            State.LIVE: self._enter_live,
            State.RESUME_DELAY: self._enter_delay,
            State.REOPENING: self._enter_reopening,
            State.RESUMING: self._enter_resuming,
            State.FRESH_DELAY: self._enter_delay,
            State.WAITING: self._enter_nothing,
            State.CLOSED: self._enter_nothing,
        }

    def __repr__(self) -> str:
        return f"<VoiceGateway guild={self.login.guild_id} {self.state.name} seq={self.seq_ack}>"

    @property
    def waiting_for(self) -> str:
        """The step that is awaited, in words for an error."""
        return _STEP_NAMES.get(self.state, self.state.value)

    @property
    def ssrc(self) -> int | None:
        """Our ssrc on this server, once it said so."""
        return self._ready.ssrc if self._ready else None

    def connect(self, now: float) -> list[Effect]:
        """Begin."""
        self._go(On.CONNECT, now)
        return self._flush()

    def opened(self, now: float) -> list[Effect]:
        """The websocket is open."""
        self._go(On.OPENED, now)
        return self._flush()

    def media_opened(self, now: float) -> list[Effect]:
        """The UDP socket is open: ask for our address."""
        if self.state is State.DISCOVERING:
            self._ask_address(now)
        return self._flush()

    def receive(self, numbered: words.Numbered, now: float) -> list[Effect]:
        """Take one message of the server. Duplicates by sequence number are dropped."""
        if self.state in (State.CLOSED, State.WAITING):
            return []
        message, seq = numbered
        if seq is not None:
            seq %= 1 << 16
            if self.seq_ack >= 0 and distance_u16(seq, self.seq_ack) <= 0:
                return []
            self.seq_ack = seq
        match message:
            case words.Hello() | words.HeartbeatAck() | words.HeartbeatRequest():
                self._on_heart(message, now)
            case words.Ready():
                self._on_ready(message, now)
            case words.SessionDescription():
                self._on_description(message, now)
            case words.Resumed():
                self._go(On.RESUMED, now)
            case words.Unknown():
                pass
            case _:
                self._effects.append(Deliver(message))
        return self._flush()

    def receive_datagram(self, datagram: bytes, now: float) -> list[Effect]:
        """Take a datagram that may be the answer to IP discovery; anything else is ignored."""
        if self.state is not State.DISCOVERING or self._ready is None:
            return []
        try:
            self._external = discovery.parse_response(datagram, self._ready.ssrc)
        except InvalidPacket:
            return []
        self._go(On.DISCOVERED, now)
        return self._flush()

    def lost(self, code: int | None, reason: str, now: float) -> list[Effect]:
        """The socket is gone: closed by the server with a code, or cut off (None)."""
        if self.state in WITH_SOCKET:
            self._on_lost(TRANSPORT_LOST if code is None else code, reason, now)
        return self._flush()

    def new_login(self, login: VoiceLogin, now: float) -> list[Effect]:
        """Discord gave us another server, channel or token: leave the present one and identify there."""
        self.login = login
        if self.state is not State.NEW:
            self._resumes = 0  # fresh attempts are still counted: each may bring a login that is refused again
            self._has_asked = False
            self._go(On.LOGIN, now)
        return self._flush()

    def server_gone(self, now: float) -> list[Effect]:
        """Discord sent a null endpoint: leave, and wait for the next login."""
        self._last_close = (NORMAL, "Discord took the voice server away and named no other")
        self._go(On.SERVER_GONE, now)
        return self._flush()

    def want_media(self, now: float, *, wanted: bool) -> list[Effect]:
        """Ask the server for the others' sound, or for none (opcode 15)."""
        if wanted != self._wants_media:
            self._wants_media = wanted
            if self.state is State.LIVE:
                self._effects.append(SendText(words.media_sink_wants(anything=wanted)))
        return self._flush()

    def give_up(self, code: int, reason: str, now: float) -> list[Effect]:
        """Take the present session for dead, by our own judgement, and begin a fresh one."""
        if self.state in WITH_SOCKET:
            self._effects.append(CloseSocket())
            self._on_fresh(code, reason, now)
        return self._flush()

    def close(self, now: float) -> list[Effect]:
        """Leave for good."""
        self._last_close = (NORMAL, "closed")
        self._go(On.CLOSE, now)
        return self._flush()

    def next_deadline(self) -> float | None:
        """When to call `tick`, None for never."""
        return min((at for at in (self._deadline, self._beat_at) if at is not None), default=None)

    def tick(self, now: float) -> list[Effect]:
        """Do what the time asks for; harmless when it asks for nothing."""
        if self._beat_at is not None and now >= self._beat_at:
            if self._unanswered >= MISSED_ACKS:
                self._effects.append(CloseSocket(4900))
                self._on_lost(TRANSPORT_LOST, f"{self._unanswered} heartbeats without an answer", now)
            else:
                self._beat(now)
        if self._deadline is not None and now >= self._deadline:
            self._on_deadline(now)
        return self._flush()

    # Messages.

    def _on_heart(self, message: words.Hello | words.HeartbeatAck | words.HeartbeatRequest, now: float) -> None:
        match message:
            case words.Hello(heartbeat_interval=interval):
                self._interval = max(HEARTBEAT_FLOOR_S, min(interval / 1000, HEARTBEAT_CAP_S))
                self._unanswered = 0
                self._beat_at = now + self._interval
            case words.HeartbeatAck():
                self._unanswered = 0
                if self._beat_sent_at is not None:
                    self.ping_s = now - self._beat_sent_at
                    self._beat_sent_at = None
            case words.HeartbeatRequest():
                self._beat(now)

    def _on_ready(self, ready: words.Ready, now: float) -> None:
        if self.state is not State.IDENTIFYING:
            return
        mode = next((mode for mode in self._modes if mode in ready.modes), None)
        if mode is None:
            offered = ", ".join(ready.modes) or "nothing"
            self._last_close = (4016, f"the server offers no encryption mode of ours: {offered}")
            self._effects.append(CloseSocket())
            self._go(On.LOST_STOP, now)
            return
        self._ready, self._mode = ready, mode
        self._go(On.READY, now)

    def _on_description(self, description: words.SessionDescription, now: float) -> None:
        if self.state is not State.SELECTING or self._ready is None:
            return
        if description.mode != self._mode:
            self._effects.append(CloseSocket())
            self._on_fresh(4016, f"asked for {self._mode}, got {description.mode}", now)
            return
        dave_version = description.dave_protocol_version
        self._has_session = self._established = True
        self._effects.append(StartSession(self._ready.ssrc, self._mode, description.key, dave_version))
        self._go(On.DESCRIBED, now)
        self._effects.append(Emit(VoiceConnected(self.login.endpoint, self._ready.ssrc, self._mode, dave_version)))

    def _beat(self, now: float) -> None:
        self._beats += 1
        self._unanswered += 1
        self._beat_sent_at = now
        if self._interval is not None:
            self._beat_at = now + self._interval
        self._effects.append(SendText(words.heartbeat(self._beats, self.seq_ack)))

    def _ask_address(self, now: float) -> None:
        assert self._ready is not None
        self._tries += 1
        self._deadline = now + discovery.RETRY_S
        self._effects.append(SendDatagram(discovery.pack_request(self._ready.ssrc)))

    # Losses and time.

    def _on_lost(self, code: int, reason: str, now: float) -> None:
        reason = explain(code, reason)
        if self._live_since is not None and now - self._live_since >= HEALTHY_S:
            self._resumes = self._fresh = self._refused = 0
        self._live_since = None
        reaction = reaction_to(code)
        self._last_close = (code, reason)
        match reaction:
            case Reaction.RESUME | Reaction.RESUME_ONCE:
                self._on_resume(1 if reaction is Reaction.RESUME_ONCE else MAX_RESUMES, now)
            case Reaction.FRESH:
                self._on_fresh(code, reason, now)
            case Reaction.NEW_TOKEN:
                self._refused += 1
                self._wait_for_login(now, may=self._refused < MAX_REFUSED_TOKENS)
            case Reaction.WAIT:
                self._wait_for_login(now, may=True)
            case Reaction.OTHER_MODE:
                self._on_mode_refused(now)
            case Reaction.STOP:
                self._go(On.LOST_STOP, now)

    def _on_resume(self, limit: int, now: float) -> None:
        if self._has_session and self._resumes < limit:
            self._delay(On.LOST_RESUME, self._resumes, now, resuming=True)
            self._resumes += 1
        else:
            self._on_fresh(*self._last_close, now)

    def _on_mode_refused(self, now: float) -> None:
        if self._modes == list(MODES) and self._mode in MODES:
            self._modes.remove(self._mode)
            self._on_fresh(*self._last_close, now)
        else:
            self._go(On.LOST_STOP, now)

    def _on_fresh(self, code: int, reason: str, now: float) -> None:
        self._last_close = (code, reason)
        if self._fresh >= (MAX_FRESH if self._established else MAX_FRESH_FIRST):
            self._go(On.LOST_STOP, now)
            return
        if self._established and code >= 4000 and not self._has_asked:
            self._has_asked = True
            self._effects.append(Emit(VoiceServerNeeded(code, reason)))
        self._delay(On.LOST_FRESH, self._fresh, now, resuming=False)
        self._fresh += 1

    def _wait_for_login(self, now: float, *, may: bool) -> None:
        if may and self._established:
            self._effects.append(Emit(VoiceServerNeeded(*self._last_close)))
            self._go(On.LOST_WAIT, now)
        else:
            self._go(On.LOST_STOP, now)

    def _delay(self, on: On, attempt: int, now: float, *, resuming: bool) -> None:
        """Go into a delay: none before the first resume, else with full jitter below a doubling ceiling."""
        ceiling = min(DELAY_CAP_S, FIRST_DELAY_S * 2**attempt)
        delay = 0.0 if resuming and attempt == 0 else ceiling * self._rand()
        code, reason = self._last_close
        self._go(on, now)
        self._deadline = now + delay
        self._effects.append(Emit(VoiceReconnecting(code, reason, resuming, delay)))

    def _on_deadline(self, now: float) -> None:
        match self.state:
            case State.RESUME_DELAY | State.FRESH_DELAY | State.WAITING:
                self._go(On.TIMER, now)
            case State.DISCOVERING if 0 < self._tries < discovery.MAX_TRIES:
                self._ask_address(now)
            case _:
                self._effects.append(CloseSocket(4900))
                self._on_lost(TRANSPORT_LOST, f"no {self.waiting_for} in time", now)

    # The table at work.

    def _go(self, on: On, now: float) -> None:
        """Move as the table says and do what the new state begins with; what has no row is ignored."""
        target = TRANSITIONS.get((self.state, on))
        if target is None:
            return
        self.state = target
        self._deadline = None
        self._enter[target](on, now)

    def _enter_opening(self, on: On, now: float) -> None:
        del on
        self._end_session()
        self.seq_ack = -1
        self._ready = None
        self._open(now)

    def _enter_reopening(self, on: On, now: float) -> None:
        del on
        self._open(now)

    def _enter_identifying(self, on: On, now: float) -> None:
        del on
        self._effects.append(SendText(words.identify(self.login, max_dave_version=self._max_dave_version)))
        self._deadline = now + STEP_TIMEOUT_S

    def _enter_resuming(self, on: On, now: float) -> None:
        del on
        self._effects.append(SendText(words.resume(self.login, self.seq_ack)))
        self._deadline = now + RESUME_TIMEOUT_S

    def _enter_discovering(self, on: On, now: float) -> None:
        del on
        assert self._ready is not None
        self._tries = 0
        self._effects.append(OpenMedia(self._ready.ip, self._ready.port))
        self._deadline = now + STEP_TIMEOUT_S

    def _enter_selecting(self, on: On, now: float) -> None:
        del on
        self._effects.append(SendText(words.select_protocol(*self._external, self._mode)))
        self._deadline = now + STEP_TIMEOUT_S

    def _enter_delay(self, on: On, now: float) -> None:
        del now
        self._stop_beating()
        if on is On.LOST_FRESH:
            self._end_session()

    def _open(self, now: float) -> None:
        self._stop_beating()
        self._effects.append(OpenSocket(self.login.endpoint))
        self._deadline = now + STEP_TIMEOUT_S

    def _enter_live(self, on: On, now: float) -> None:
        assert self._ready is not None
        self._live_since = now
        self._has_asked = False
        self._effects.append(SendText(words.speaking(self._ready.ssrc)))
        # A new session is sent everything. A resumed one: whatever was asked for last, which may have been lost.
        if on is On.RESUMED or not self._wants_media:
            self._effects.append(SendText(words.media_sink_wants(anything=self._wants_media)))
        if on is On.RESUMED:
            self._effects.append(Emit(VoiceResumed()))

    def _enter_nothing(self, on: On, now: float) -> None:
        """Into WAITING or CLOSED: nothing is sent any more."""
        self._stop_beating()
        self._end_session()
        if on in (On.SERVER_GONE, On.CLOSE):
            self._effects.append(CloseSocket())
        if self.state is State.WAITING:
            self._deadline = now + (WAIT_FOR_SERVER_S if on is On.SERVER_GONE else WAIT_FOR_LOGIN_S)
            return
        code, reason = self._last_close
        by_remote = on is not On.CLOSE and code != TRANSPORT_LOST
        self._effects.append(Emit(VoiceDisconnected(code, reason, by_remote)))

    def _stop_beating(self) -> None:
        self._interval = self._beat_at = self._beat_sent_at = None
        self._unanswered = 0

    def _end_session(self) -> None:
        if self._has_session:
            self._has_session = False
            self._effects.append(StopSession())

    def _flush(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        return effects
