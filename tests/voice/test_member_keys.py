"""Keys count once a commit put them into the group; what was only proposed proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from testing.queued_call import Room
from voxlink.testing.dave_call import BinaryMessage
from voxlink.voice.member_keys import MAX_OPEN, MemberKeys
from voxlink.voice.mls_reader import read_proposals

FIRST, SECOND, THIRD = 1, 2, 3


@pytest.fixture(scope="module")
def passed_by() -> tuple[Room, list[tuple[int, bytes]]]:
    """A call of three, and what its first member was told: opcode and body."""
    room = Room()
    told: list[tuple[int, bytes]] = []
    deliver = room.deliver

    def note(messages: Any) -> None:
        messages = list(messages)
        told.extend(
            (message.op, message.body)
            for message in messages
            if isinstance(message, BinaryMessage) and message.user_id == FIRST and message.op in (27, 29)
        )
        deliver(messages)

    room.deliver = note  # type: ignore[method-assign]
    for user_id in (FIRST, SECOND, THIRD):
        room.join(user_id)
        room.settle()
    return room, told


def follow(keys: MemberKeys, told: list[tuple[int, bytes]], members: list[int]) -> None:
    for op, body in told:
        if op == 27:
            keys.proposed(body[1:])
        else:
            assert keys.committed(body[2:], members)


def test_whoever_was_added_by_a_commit_is_known(passed_by: tuple[Room, list[tuple[int, bytes]]]) -> None:
    room, told = passed_by
    keys = MemberKeys()
    follow(keys, told, [FIRST, SECOND, THIRD])
    assert keys.get(SECOND) == room.members[SECOND]._keys.public
    assert keys.get(THIRD) == room.members[THIRD]._keys.public


def test_a_proposal_alone_proves_nothing(passed_by: tuple[Room, list[tuple[int, bytes]]]) -> None:
    keys = MemberKeys()
    for op, body in passed_by[1]:
        if op == 27:
            keys.proposed(body[1:])
    assert keys.get(SECOND) is keys.get(THIRD) is None


def test_who_left_is_forgotten(passed_by: tuple[Room, list[tuple[int, bytes]]]) -> None:
    keys = MemberKeys()
    follow(keys, passed_by[1], [FIRST, THIRD])
    assert keys.get(SECOND) is None
    assert keys.get(THIRD) is not None
    keys.forget()
    assert keys.get(THIRD) is None


def test_after_a_commit_that_cannot_be_followed_nobody_is_known(
    passed_by: tuple[Room, list[tuple[int, bytes]]],
) -> None:
    told = passed_by[1]
    commits = [body[2:] for op, body in told if op == 29]
    for commit in (b"garbage", commits[-1]):  # the second refers to proposals that did not come by
        keys = MemberKeys()
        follow(keys, told, [FIRST, SECOND, THIRD])
        assert not keys.committed(commit, [FIRST, SECOND, THIRD])
        assert keys.get(SECOND) is None


def test_the_adds_of_a_commit_are_found_again(passed_by: tuple[Room, list[tuple[int, bytes]]]) -> None:
    told = passed_by[1]
    keys = MemberKeys()
    proposals = [body for op, body in told if op == 27]
    commit = next(body for op, body in told if op == 29)
    keys.proposed(proposals[0][1:])
    assert keys.adds_in(commit[2:]) == read_proposals(proposals[0][1:])
    assert keys.adds_in(b"garbage") == []


def test_no_more_is_remembered_than_a_call_can_need(passed_by: tuple[Room, list[tuple[int, bytes]]]) -> None:
    body = next(body for op, body in passed_by[1] if op == 27)
    (proposal,) = read_proposals(body[1:])
    keys = MemberKeys()
    keys._open = {number.to_bytes(32, "big"): proposal for number in range(MAX_OPEN)}
    keys.proposed(body[1:])
    assert len(keys._open) == MAX_OPEN
    assert proposal.reference in keys._open
    keys.proposed(b"garbage")
    assert len(keys._open) == MAX_OPEN
