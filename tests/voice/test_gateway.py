"""The gateway machine: join, heartbeat, resume, each close code, moves; by calling it, with the time as a number."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voice.gateway_peer import (
    ANSWER,
    LOGIN,
    OTHER_LOGIN,
    READY,
    SSRC,
    description,
    events,
    hello,
    join,
    live_gateway,
    numbered,
    of_kind,
    said,
)  # fmt: skip
from voxlink.voice import gateway_message as words
from voxlink.voice.close_codes import REACTIONS, Reaction, reaction_to
from voxlink.voice.discovery import pack_request
from voxlink.voice.events import (
    VoiceConnected,
    VoiceDisconnected,
    VoiceReconnecting,
    VoiceResumed,
    VoiceServerNeeded,
)
from voxlink.voice.gateway import MAX_FRESH, MAX_REFUSED_TOKENS, MAX_RESUMES, VoiceGateway
from voxlink.voice.gateway_effect import (
    CloseSocket,
    Deliver,
    OpenMedia,
    OpenSocket,
    SendDatagram,
    StartSession,
    StopSession,
)
from voxlink.voice.gateway_state import State


def test_a_healthy_join_step_by_step() -> None:
    gateway = VoiceGateway(LOGIN, max_dave_version=1)
    assert gateway.connect(0) == [OpenSocket("host:443")]
    assert said(gateway.opened(0)) == [
        (0, {"server_id": "1", "user_id": "2", "session_id": "session", "token": "token",
             "max_dave_protocol_version": 1})
    ]  # fmt: skip
    assert hello(gateway, 0) == []
    assert gateway.receive(numbered(READY), 0) == [OpenMedia("127.0.0.1", 5000)]
    assert gateway.media_opened(0) == [SendDatagram(pack_request(SSRC))]
    assert said(gateway.receive_datagram(ANSWER, 0)) == [
        (1, {"protocol": "udp",
             "data": {"address": "203.0.113.5", "port": 4000, "mode": "aead_aes256_gcm_rtpsize"}})
    ]  # fmt: skip
    effects = gateway.receive(numbered(description(dave_version=1)), 0)
    assert of_kind(effects, StartSession) == [StartSession(SSRC, "aead_aes256_gcm_rtpsize", bytes(range(32)), 1)]
    assert said(effects) == [(5, {"speaking": 1, "delay": 0, "ssrc": SSRC}), (15, {"any": 0})]
    assert events(effects) == [VoiceConnected("host:443", SSRC, "aead_aes256_gcm_rtpsize", 1)]
    assert gateway.state is State.LIVE


def test_hello_may_come_after_ready() -> None:
    gateway = VoiceGateway(LOGIN)
    gateway.connect(0)
    gateway.opened(0)
    gateway.receive(numbered(READY), 0)
    hello(gateway, 1)
    assert gateway.tick(6)[0] is not None
    assert gateway.state is State.DISCOVERING


def test_heartbeats_carry_the_last_sequence_number_every_five_seconds_at_most() -> None:
    gateway = live_gateway()
    assert gateway.next_deadline() == 5
    assert said(gateway.tick(5)) == [(3, {"t": 1, "seq_ack": -1})]
    gateway.receive(numbered(words.HeartbeatAck()), 5.25)
    assert gateway.ping_s == 0.25
    gateway.receive(numbered(words.ClientsConnect([9]), seq=0), 6)
    assert said(gateway.tick(10)) == [(3, {"t": 2, "seq_ack": 0})]


def test_a_shorter_interval_of_the_server_is_kept() -> None:
    gateway = live_gateway()
    gateway.receive(numbered(words.Hello(1000)), 0)
    assert gateway.next_deadline() == 1


def test_a_mad_interval_of_the_server_makes_no_flood() -> None:
    gateway = live_gateway()
    gateway.receive(numbered(words.Hello(1e-9)), 0)
    assert gateway.next_deadline() == 0.05


def test_a_heartbeat_that_the_server_asks_for_is_sent_at_once() -> None:
    assert said(live_gateway().receive(numbered(words.HeartbeatRequest()), 1)) == [(3, {"t": 1, "seq_ack": -1})]


def test_unanswered_heartbeats_mean_a_lost_socket() -> None:
    gateway = live_gateway()
    gateway.tick(5)
    gateway.tick(10)
    effects = gateway.tick(15)
    assert of_kind(effects, CloseSocket)
    assert of_kind(effects, OpenSocket)
    assert gateway.state is State.REOPENING
    assert not of_kind(effects, StopSession)


def test_duplicates_are_dropped_by_sequence_number_and_the_wrap_is_none() -> None:
    gateway = live_gateway()
    newcomer = words.ClientsConnect([9])
    assert gateway.receive(numbered(newcomer, 65_534), 0) == [Deliver(newcomer)]
    assert gateway.receive(numbered(newcomer, 65_535), 0) == [Deliver(newcomer)]
    assert gateway.receive(numbered(newcomer, 65_535), 0) == []
    assert gateway.receive(numbered(newcomer, 0), 0) == [Deliver(newcomer)]
    assert gateway.receive(numbered(newcomer, 65_535), 0) == []
    assert gateway.seq_ack == 0


def test_unknown_opcodes_are_ignored() -> None:
    gateway = live_gateway()
    assert gateway.receive(numbered(words.Unknown(18), 4), 0) == []
    assert gateway.seq_ack == 4


def test_ip_discovery_is_repeated_until_an_answer_comes() -> None:
    gateway = VoiceGateway(LOGIN)
    gateway.connect(0)
    gateway.opened(0)
    gateway.receive(numbered(READY), 0)
    gateway.media_opened(0)
    request = SendDatagram(pack_request(SSRC))
    for attempt in range(1, 10):
        assert gateway.receive_datagram(b"not it", 0) == []
        assert gateway.tick(attempt * 0.5) == [request]
    effects = gateway.tick(5)
    assert gateway.state is State.FRESH_DELAY
    assert "IP discovery" in events(effects)[-1].reason


def test_a_lost_socket_is_resumed_while_the_session_stays() -> None:
    gateway = live_gateway()
    gateway.receive(numbered(words.ClientsConnect([9]), 10), 1)
    effects = gateway.lost(None, "cut", 2)
    assert not of_kind(effects, StopSession)
    assert events(effects) == [VoiceReconnecting(1006, "cut", resuming=True, delay_s=0.0)]
    assert gateway.tick(2) == [OpenSocket("host:443")]
    assert said(gateway.opened(2)) == [
        (7, {"server_id": "1", "session_id": "session", "token": "token", "seq_ack": 10})
    ]
    hello(gateway, 2)
    effects = gateway.receive(numbered(words.Resumed()), 2)
    assert events(effects) == [VoiceResumed()]
    assert (5, {"speaking": 1, "delay": 0, "ssrc": SSRC}) in said(effects)
    assert not of_kind(effects, StartSession)
    assert gateway.next_deadline() == 7


@pytest.mark.parametrize("wanted", [True, False])
def test_whoever_begins_or_ends_to_listen_during_a_resume_gets_what_was_asked_for(wanted: bool) -> None:
    gateway = live_gateway(wants_media=not wanted)
    gateway.lost(None, "cut", 2)
    assert said(gateway.want_media(2, wanted=wanted)) == []
    gateway.tick(2)
    gateway.opened(2)
    assert (15, {"any": 100 if wanted else 0}) in said(gateway.receive(numbered(words.Resumed()), 2))


def test_a_resume_that_keeps_failing_becomes_a_fresh_session() -> None:
    gateway = live_gateway()
    now = 0.0
    seen: list[bool] = []
    effects = gateway.lost(None, "cut", now)
    while gateway.state is State.RESUME_DELAY:
        seen.append(events(effects)[-1].resuming)
        now += 10
        gateway.tick(now)
        effects = gateway.lost(None, "cut", now)
    assert seen == [True] * MAX_RESUMES
    assert of_kind(effects, StopSession)
    assert gateway.state is State.FRESH_DELAY
    gateway.tick(now + 10)
    assert events(join(gateway, now + 10)) == [VoiceConnected("host:443", SSRC, "aead_aes256_gcm_rtpsize", 0)]


def test_a_refused_resume_becomes_a_fresh_session() -> None:
    gateway = live_gateway()
    gateway.lost(None, "cut", 0)
    gateway.tick(0)
    gateway.opened(0)
    effects = gateway.lost(4006, "", 0)
    assert gateway.state is State.FRESH_DELAY
    assert of_kind(effects, StopSession)


def test_a_resume_without_an_answer_is_given_up() -> None:
    gateway = live_gateway()
    gateway.lost(None, "cut", 0)
    gateway.tick(0)
    gateway.opened(0)
    assert of_kind(gateway.tick(5), CloseSocket)
    assert gateway.state is State.RESUME_DELAY


@pytest.mark.parametrize("code", [1000, 1001, 1005, 1006, 4009, 4013, 4015])
def test_these_codes_resume(code: int) -> None:
    gateway = live_gateway()
    effects = gateway.lost(code, "", 0)
    assert gateway.state is State.RESUME_DELAY
    assert not of_kind(effects, StopSession)


def test_4009_is_resumed_once_only() -> None:
    gateway = live_gateway()
    gateway.lost(4009, "", 0)
    gateway.tick(0)
    gateway.opened(0)
    gateway.lost(4009, "", 0)
    assert gateway.state is State.FRESH_DELAY


@pytest.mark.parametrize("code", [code for code in REACTIONS if REACTIONS[code] is Reaction.FRESH])
def test_these_codes_identify_anew_with_backoff_and_a_limit(code: int) -> None:
    gateway = live_gateway()
    now = 0.0
    delays: list[float] = []
    effects = gateway.lost(code, "", now)
    assert of_kind(effects, StopSession)
    assert events(effects)[0] == VoiceServerNeeded(code, events(effects)[1].reason)
    while gateway.state is State.FRESH_DELAY:
        delays.append(events(effects)[-1].delay_s)
        now += delays[-1]
        assert gateway.tick(now) == [OpenSocket("host:443")]
        effects = gateway.lost(code, "", now)
    assert delays == [0.25, 0.5, 1, 2, 4]
    assert len(delays) == MAX_FRESH
    assert events(effects)[-1].code == code
    assert gateway.state is State.CLOSED


def test_logins_that_are_used_up_at_once_are_asked_for_again_up_to_the_limit() -> None:
    gateway = live_gateway()
    asked = 0
    while gateway.state is not State.CLOSED:
        assert asked <= MAX_FRESH, "a server that refuses every session is not asked for ever"
        told = events(gateway.lost(4006, "", asked))
        asked += any(isinstance(event, VoiceServerNeeded) for event in told)
        gateway.new_login(OTHER_LOGIN, asked)
        if gateway.state is State.OPENING:
            join(gateway, asked)
    assert asked == MAX_FRESH


def test_4004_waits_for_a_new_token_and_stops_after_three() -> None:
    gateway = live_gateway()
    for attempt in range(1, MAX_REFUSED_TOKENS):
        effects = gateway.lost(4004, "", 0)
        assert isinstance(events(effects)[-1], VoiceServerNeeded)
        assert gateway.state is State.WAITING
        assert gateway.new_login(OTHER_LOGIN, attempt)[-1] == OpenSocket("other:443")
        gateway.opened(attempt)
    effects = gateway.lost(4004, "", 9)
    assert gateway.state is State.CLOSED
    assert events(effects)[-1].code == 4004


@pytest.mark.parametrize("code", [4014, 4022])
def test_after_a_kick_we_wait_for_a_login_and_then_end(code: int) -> None:
    gateway = live_gateway()
    effects = gateway.lost(code, "", 0)
    assert of_kind(effects, StopSession)
    assert not of_kind(effects, OpenSocket)
    assert gateway.state is State.WAITING
    assert events(gateway.tick(10)) == [VoiceDisconnected(code, events(effects)[0].reason, by_remote=True)]


@pytest.mark.parametrize("code", [4014, 4022])
def test_after_a_move_the_new_login_is_used(code: int) -> None:
    gateway = live_gateway()
    gateway.lost(code, "", 0)
    assert gateway.new_login(OTHER_LOGIN, 1) == [OpenSocket("other:443")]
    join(gateway, 1)
    assert gateway.state is State.LIVE


@pytest.mark.parametrize("code", [4012, 4017, 4021])
def test_these_codes_stop(code: int) -> None:
    gateway = live_gateway()
    effects = gateway.lost(code, "", 0)
    assert [event.code for event in events(effects)] == [code]
    assert of_kind(effects, StopSession)
    assert gateway.state is State.CLOSED
    assert gateway.next_deadline() is None


def test_4016_tries_the_other_mode_once() -> None:
    gateway = live_gateway()
    gateway.lost(4016, "", 0)
    gateway.tick(1)
    effects = join(gateway, 1)
    assert of_kind(effects, StartSession)[0].mode == "aead_xchacha20_poly1305_rtpsize"
    gateway.lost(4016, "", 2)
    assert gateway.state is State.CLOSED


def test_every_code_of_the_table_is_tested_above() -> None:
    tested = {4009, 4013, 4015, 4004, 4014, 4022, 4012, 4017, 4021, 4016}
    assert set(REACTIONS) - tested == {code for code in REACTIONS if reaction_to(code) is Reaction.FRESH}


def test_a_server_without_a_mode_of_ours_ends_it() -> None:
    gateway = VoiceGateway(LOGIN)
    gateway.connect(0)
    gateway.opened(0)
    effects = gateway.receive(numbered(words.Ready(1, "127.0.0.1", 5, ["xsalsa20_poly1305"])), 0)
    assert "xsalsa20_poly1305" in events(effects)[0].reason
    assert gateway.state is State.CLOSED


def test_a_first_connect_that_is_refused_ends_at_once() -> None:
    gateway = VoiceGateway(LOGIN)
    gateway.connect(0)
    gateway.opened(0)
    assert events(gateway.lost(4004, "", 0))[0].code == 4004
    assert gateway.state is State.CLOSED


def test_a_null_endpoint_waits_a_minute_for_another_server() -> None:
    gateway = live_gateway()
    effects = gateway.server_gone(0)
    assert of_kind(effects, CloseSocket)
    assert of_kind(effects, StopSession)
    assert gateway.next_deadline() == 60
    assert gateway.new_login(OTHER_LOGIN, 30) == [OpenSocket("other:443")]


def test_a_move_leaves_the_old_server_and_never_resumes_there() -> None:
    gateway = live_gateway()
    gateway.receive(numbered(words.ClientsConnect([9]), 10), 0)
    effects = gateway.new_login(OTHER_LOGIN, 1)
    assert effects == [StopSession(), OpenSocket("other:443")]
    assert gateway.seq_ack == -1
    assert said(gateway.opened(1))[0][0] == 0


def test_a_long_healthy_session_gives_back_all_attempts() -> None:
    gateway = live_gateway()
    now = 0.0
    for _ in range(2 * MAX_FRESH):
        gateway.lost(4006, "", now)
        assert gateway.state is State.FRESH_DELAY
        now += 10
        gateway.tick(now)
        join(gateway, now)
        now += 31


def test_listening_asks_for_media_and_deafness_for_none() -> None:
    gateway = live_gateway()
    assert said(gateway.want_media(0, wanted=True)) == [(15, {"any": 100})]
    assert said(gateway.want_media(0, wanted=True)) == []
    assert said(gateway.want_media(0, wanted=False)) == [(15, {"any": 0})]


def test_close_says_goodbye_once() -> None:
    gateway = live_gateway()
    effects = gateway.close(1)
    assert effects[:2] == [StopSession(), CloseSocket()]
    assert events(effects) == [VoiceDisconnected(1000, "closed", by_remote=False)]
    assert gateway.close(2) == []
    assert gateway.lost(None, "", 3) == []


def test_the_repr_tells_where_it_stands() -> None:
    assert repr(live_gateway()) == "<VoiceGateway guild=1 LIVE seq=-1>"


class AnyOrder(RuleBasedStateMachine):
    """Whatever the server and the network do, in any order: one life, one session at a time, one deadline ahead."""

    def __init__(self) -> None:
        super().__init__()
        self.gateway = VoiceGateway(LOGIN, rand=lambda: 0.5)
        self.now = 0.0
        self.socket_open = self.session = False
        self.ended = 0
        self.obey(self.gateway.connect(self.now))

    def obey(self, effects: list) -> None:
        for effect in effects:
            assert not self.ended, f"{effect} after the end"
            match effect:
                case OpenSocket():
                    self.socket_open = False
                case StartSession():
                    assert not self.session
                    self.session = True
                case StopSession():
                    assert self.session
                    self.session = False
                case _:
                    self.ended += sum(isinstance(event, VoiceDisconnected) for event in events([effect]))

    @rule()
    def opened(self) -> None:
        self.obey(self.gateway.opened(self.now))

    @rule(
        message=st.sampled_from(
            [words.Hello(13_750), words.Hello(100), READY, description(), description("other"), words.HeartbeatAck(),
             words.Resumed(), words.HeartbeatRequest(), words.Unknown(18), words.ClientDisconnect(4),
             words.PrepareEpoch(1)]
        ),
        seq=st.none() | st.integers(0, 70_000),
    )  # fmt: skip
    def message(self, message: words.ServerMessage, seq: int | None) -> None:
        self.obey(self.gateway.receive(numbered(message, seq), self.now))

    @rule(datagram=st.sampled_from([ANSWER, b"", b"noise"]))
    def datagram(self, datagram: bytes) -> None:
        self.obey(self.gateway.media_opened(self.now))
        self.obey(self.gateway.receive_datagram(datagram, self.now))

    @rule(code=st.none() | st.sampled_from([1000, 1006, *REACTIONS, 4999]))
    def lost(self, code: int | None) -> None:
        self.obey(self.gateway.lost(code, "", self.now))

    @rule(login=st.sampled_from([LOGIN, OTHER_LOGIN]))
    def moved(self, login: object) -> None:
        assert login in (LOGIN, OTHER_LOGIN)
        self.obey(self.gateway.new_login(LOGIN if login is LOGIN else OTHER_LOGIN, self.now))

    @rule()
    def gone(self) -> None:
        self.obey(self.gateway.server_gone(self.now))

    @precondition(lambda self: self.gateway.next_deadline() is not None)
    @rule()
    def time_passes(self) -> None:
        self.now = max(self.now, self.gateway.next_deadline() or 0)
        self.obey(self.gateway.tick(self.now))

    @rule()
    def closed(self) -> None:
        self.obey(self.gateway.close(self.now))

    @invariant()
    def one_life(self) -> None:
        assert self.ended == (self.gateway.state is State.CLOSED)
        assert not (self.ended and self.session)

    @invariant()
    def a_session_only_where_audio_may_leave(self) -> None:
        if self.gateway.state in (State.LIVE, State.RESUME_DELAY, State.REOPENING, State.RESUMING):
            assert self.session
        else:
            assert not self.session

    @invariant()
    def nothing_hangs(self) -> None:
        if self.gateway.state not in (State.LIVE, State.CLOSED):
            assert self.gateway.next_deadline() is not None


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
