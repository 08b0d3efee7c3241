"""The connection machine: every bug report is a short list of what happened and when."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voxlink.client.backoff import ReconnectPolicy
from voxlink.client.connection import (
    OPEN_TIMEOUT_S,
    READY_TIMEOUT_S,
    AttemptFailed,
    BecameReady,
    Close,
    Connected,
    Connection,
    Disconnected,
    GaveUp,
    NodeState,
    Open,
    Waiting,
)

POLICY = ReconnectPolicy(initial_s=1, factor=2, max_s=8, jitter=0)


def ready_machine(policy: ReconnectPolicy = POLICY) -> Connection:
    machine = Connection(policy)
    machine.start(0)
    machine.opened(0)
    machine.ready("s1", False, 0)
    return machine


def test_a_connection_comes_up_in_three_steps() -> None:
    machine = Connection(POLICY)
    assert machine.start(0) == [Open(None)]
    assert machine.state is NodeState.CONNECTING
    assert machine.opened(1) == [Connected()]
    assert machine.ready("s1", False, 2) == [BecameReady("s1", False)]
    assert machine.state is NodeState.READY
    assert machine.next_deadline() is None


def test_the_next_handshake_asks_for_the_session_of_the_last_one() -> None:
    machine = ready_machine()
    assert machine.lost(1006, None, 5) == [Disconnected(1006, None, True), Waiting(1, 1)]
    assert machine.tick(6) == [Open("s1")]


@pytest.mark.parametrize("code", [4000, 4006, 1005, 0, 3999, None, 1000])
def test_any_close_code_leads_to_another_attempt(code: int | None) -> None:
    machine = ready_machine()
    machine.lost(code, "why", 5)
    assert machine.state is NodeState.RECONNECTING
    assert machine.tick(6) == [Open("s1")]


@pytest.mark.parametrize("status", [404, 429, 500, 502, 503])
def test_a_refused_handshake_is_tried_again(status: int) -> None:
    machine = Connection(POLICY)
    machine.start(0)
    failed, waiting = machine.refused(status, 0)
    assert isinstance(failed, AttemptFailed)
    assert (failed.status, failed.refused) == (status, True)
    assert waiting == Waiting(1, 1)


@pytest.mark.parametrize("status", [401, 403])
def test_only_a_refused_password_is_final_until_somebody_connects_again(status: int) -> None:
    machine = Connection(POLICY)
    machine.start(0)
    effects = machine.refused(status, 0)
    assert isinstance(effects[-1], GaveUp)
    assert machine.state is NodeState.AUTH_FAILED
    assert machine.tick(100) == []
    assert machine.start(101) == [Open(None)]


def test_a_server_that_accepts_and_closes_is_not_hammered() -> None:
    machine = Connection(POLICY)
    machine.start(0)
    now, delays = 0.0, []
    for _ in range(6):
        machine.opened(now)
        machine.ready("s", False, now)
        effects = machine.lost(1006, None, now)
        waiting = effects[-1]
        assert isinstance(waiting, Waiting)
        delays.append(waiting.delay_s)
        now += waiting.delay_s
        machine.tick(now)
    assert delays == [1, 2, 4, 8, 8, 8]


def test_a_connection_that_was_ready_long_enough_starts_counting_anew() -> None:
    machine = ready_machine()
    machine.lost(1006, None, 1)
    machine.tick(2)
    machine.opened(2)
    machine.ready("s1", True, 2)
    assert machine.lost(1006, None, 40)[-1] == Waiting(1, 1)


def test_a_handshake_without_an_answer_is_given_up_in_time() -> None:
    machine = Connection(POLICY)
    machine.start(0)
    assert machine.next_deadline() == OPEN_TIMEOUT_S
    effects = machine.tick(OPEN_TIMEOUT_S)
    assert effects[0] == Close(1000)
    assert machine.state is NodeState.RECONNECTING


def test_a_socket_without_ready_is_closed() -> None:
    machine = Connection(POLICY)
    machine.start(0)
    machine.opened(1)
    assert machine.tick(1 + READY_TIMEOUT_S)[0] == Close(1000)
    assert machine.state is NodeState.RECONNECTING


def test_attempts_can_be_limited() -> None:
    machine = Connection(ReconnectPolicy(initial_s=1, jitter=0, max_attempts=2))
    machine.start(0)
    machine.failed("refused", 0)
    machine.tick(1)
    machine.failed("refused", 1)
    machine.tick(9)
    assert isinstance(machine.failed("refused", 9)[-1], GaveUp)
    assert machine.state is NodeState.IDLE


def test_reconnect_cuts_a_wait_short() -> None:
    machine = Connection(POLICY)
    machine.start(0)
    machine.failed("x", 0)
    assert machine.reconnect(0.1) == [Open(None)]


def test_a_forced_start_closes_the_socket_and_resumes() -> None:
    machine = ready_machine()
    assert machine.start(5) == [Close(1000), Disconnected(1000, "closed by us", True), Open("s1")]


def test_closing_is_final_and_says_that_the_socket_went() -> None:
    machine = ready_machine()
    assert machine.close(1) == [Close(1000), Disconnected(1000, "closed by us", True)]
    assert machine.state is NodeState.CLOSED
    assert machine.opened(2) == [Close(1000)]
    assert machine.lost(1000, None, 2) == []


def test_a_forgotten_session_is_not_asked_for() -> None:
    machine = ready_machine()
    machine.forget_session()
    assert machine.reconnect(1)[-1] == Open(None)


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order: one state, a deadline when something is awaited, no endless hammering."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Connection(POLICY)
        self.now = 0.0
        self.opens: list[float] = []

    def note(self, effects: list[object]) -> None:
        self.opens += [self.now for effect in effects if isinstance(effect, Open)]

    @rule(passed=st.floats(0, 50))
    def time_passes(self, passed: float) -> None:
        self.now += passed
        self.note([*self.machine.tick(self.now)])

    @rule()
    def start(self) -> None:
        self.note([*self.machine.start(self.now)])
        self.opens.clear()

    @precondition(lambda self: self.machine.state is NodeState.CONNECTING)
    @rule()
    def opened(self) -> None:
        self.machine.opened(self.now)

    @precondition(lambda self: self.machine.state is NodeState.CONNECTING)
    @rule(status=st.integers(400, 599))
    def refused(self, status: int) -> None:
        self.machine.refused(status, self.now)

    @rule(resumed=st.booleans())
    def ready(self, resumed: bool) -> None:
        self.machine.ready("s", resumed, self.now)

    @rule(code=st.one_of(st.none(), st.integers(0, 4999)))
    def lost(self, code: int | None) -> None:
        self.machine.lost(code, None, self.now)

    @rule()
    def close(self) -> None:
        self.machine.close(self.now)

    @invariant()
    def something_is_always_due_while_something_is_awaited(self) -> None:
        waits = self.machine.state in {NodeState.CONNECTING, NodeState.CONNECTED, NodeState.RECONNECTING}
        assert (self.machine.next_deadline() is not None) == waits

    @invariant()
    def attempts_keep_their_distance(self) -> None:
        assert all(later - earlier >= 1 for earlier, later in zip(self.opens, self.opens[1:], strict=False))


TestAnyOrder = AnyOrder.TestCase
