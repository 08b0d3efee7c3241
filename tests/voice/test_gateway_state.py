"""The table of transitions: complete, and without dead ends."""

from __future__ import annotations

from voxlink.voice.gateway_state import TRANSITIONS, WITH_SOCKET, On, State


def test_every_state_is_reached_and_only_closed_is_left_by_nothing() -> None:
    assert set(TRANSITIONS.values()) == set(State) - {State.NEW}
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.CLOSED}


def test_every_signal_is_used() -> None:
    assert {on for _, on in TRANSITIONS} == set(On)


def test_every_state_with_a_socket_knows_what_to_do_when_it_is_lost() -> None:
    for state in WITH_SOCKET:
        for on in (On.LOST_FRESH, On.LOST_WAIT, On.LOST_STOP):
            assert (state, on) in TRANSITIONS


def test_every_open_state_can_be_closed_and_moved() -> None:
    for state in set(State) - {State.NEW, State.CLOSED}:
        assert TRANSITIONS[state, On.CLOSE] is State.CLOSED
        assert TRANSITIONS[state, On.LOGIN] is State.OPENING
