"""The call's encryption with real members: however they come, go and lag, they end up with one secret."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testing.queued_call import Room
from voxlink.errors import DaveFailure
from voxlink.testing.dave_call import TRANSITION_TIMEOUT_S


def room_of(*user_ids: int) -> Room:
    room = Room()
    for user_id in user_ids:
        room.join(user_id)
        room.settle()
    return room


@pytest.mark.parametrize("size", [2, 3, 8])
def test_members_that_come_one_by_one_share_a_secret(size: int) -> None:
    room = room_of(*range(1, size + 1))
    room.assert_all_agree()
    assert all(not member.errors for member in room.members.values())


@pytest.mark.parametrize("size", [2, 5, 25])
def test_members_that_come_at_once_share_a_secret(size: int) -> None:
    room = Room()
    for user_id in range(1, size + 1):
        room.join(user_id)
    room.settle()
    room.assert_all_agree()


def test_a_member_that_comes_again_takes_a_blank_leaf() -> None:
    room = room_of(1, 2, 3, 4)
    room.leave(2)
    room.settle()
    room.assert_all_agree()
    assert room.call.group.tree == (1, 3, 4)
    room.join(2)
    room.settle()
    room.assert_all_agree()
    assert room.call.group.tree == (1, 2, 3, 4)


def test_the_last_member_is_reset_and_others_may_come() -> None:
    room = room_of(1, 2)
    epoch = room.call.group.epoch
    room.leave(1)
    room.settle()
    assert room.call.group.epoch == 0 < epoch
    room.join(3)
    room.settle()
    room.assert_all_agree()


def test_an_add_is_revoked_when_its_member_leaves_first() -> None:
    room = room_of(1, 2)
    room.join(3)
    while any(member.user_id == 3 for member, _ in room.moves()):
        room.move(*next(move for move in room.moves() if move[0].user_id == 3))
    room.leave(3)
    room.settle()
    room.assert_all_agree()
    assert all(not member.errors for member in room.members.values())


def test_a_member_that_lost_its_state_is_removed_and_added_in_one_commit() -> None:
    room = room_of(1, 2, 3)
    epoch = room.call.group.epoch
    room.members[2].give_up()
    room.settle()
    room.assert_all_agree()
    assert room.call.group.epoch in {epoch + 1, epoch + 2}


def test_everybody_may_lose_the_state_at_once() -> None:
    room = room_of(1, 2, 3)
    for member in room.members.values():
        member.give_up()
    room.settle()
    room.assert_all_agree()


def test_a_transition_is_executed_when_all_are_ready() -> None:
    room = room_of(1, 2)
    assert room.members[1].executed == [], "the first group takes effect at once"
    room.join(3)
    room.settle()
    assert [member.executed for member in room.members.values()] == [[1], [1], [1]]


def test_a_transition_is_executed_without_those_who_never_answer() -> None:
    room = room_of(1, 2)
    room.call.ignores_ready = True
    room.join(3)
    room.settle()
    assert not room.call.is_settled
    deadline = room.call.next_deadline()
    assert deadline is not None
    assert deadline == TRANSITION_TIMEOUT_S
    assert room.call.tick(deadline - 0.1) == []
    room.deliver(room.call.tick(deadline))
    room.settle()
    assert room.members[3].executed == [1]
    room.assert_all_agree()


def test_downgrades_and_upgrades() -> None:
    room = room_of(1, 2, 3)
    room.deliver(room.call.downgrade(room.now))
    room.settle()
    assert [member.version for member in room.members.values()] == [0, 0, 0]
    assert room.call.downgrade(room.now) == []
    room.deliver(room.call.upgrade())
    room.settle()
    assert [member.version for member in room.members.values()] == [1, 1, 1]
    assert room.members[1].executed == [1, 2] or len(room.members[1].executed) >= 3
    room.assert_all_agree()


def test_a_member_that_cannot_encrypt_takes_the_call_down_and_gives_it_back() -> None:
    room = room_of(1, 2)
    old = room.join(9, max_version=0)
    room.settle()
    assert old.version == 0
    assert [room.members[1].version, room.members[2].version] == [0, 0]
    assert room.call.version_for(1) == 0
    room.leave(9)
    room.settle()
    assert [room.members[1].version, room.members[2].version] == [1, 1]
    room.assert_all_agree()


def test_messages_of_another_member_are_refused_by_name() -> None:
    room = room_of(1, 2)
    with pytest.raises(DaveFailure, match="WrongIdentity"):
        room.call.key_package(1, room.members[2].start_over()[1].body)
    with pytest.raises(DaveFailure, match="CutOff"):
        room.call.commit(1, b"\x00\x01\x00\x01\x08", room.now)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, int]]:
    """Joins, leaves and breakdowns of a handful of users, with some deliveries in between."""
    events = st.tuples(st.sampled_from(["toggle", "toggle", "break", "move", "move"]), st.integers(0, 30))
    return draw(st.lists(events, min_size=5, max_size=40))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories(), st.randoms(use_true_random=False))
def test_any_story_ends_with_one_secret(story: list[tuple[str, int]], chance) -> None:
    room = Room()
    for what, number in story:
        user_id = number % 6 + 1
        if what == "toggle" and user_id in room.members:
            room.leave(user_id)
        elif what == "toggle":
            room.join(user_id)
        elif what == "break" and user_id in room.members:
            room.members[user_id].give_up()
        for _ in range(number):
            if moves := room.moves():
                room.move(*chance.choice(moves))
    room.settle()
    for _ in range(3):
        if (deadline := room.call.next_deadline()) is not None:
            room.deliver(room.call.tick(deadline))
            room.settle()
    room.assert_all_agree()


@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_a_storm_of_twenty_five_ends_with_one_secret(chance) -> None:
    room = Room()
    for _ in range(60):
        user_id = chance.randint(1, 25)
        if user_id in room.members:
            room.leave(user_id)
        else:
            room.join(user_id)
        for _ in range(chance.randint(0, 40)):
            if moves := room.moves():
                room.move(*chance.choice(moves))
    room.settle()
    room.assert_all_agree()
