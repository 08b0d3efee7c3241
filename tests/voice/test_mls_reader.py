"""Signature keys are read out of real MLS messages; garbage and truncation are refused by name."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.queued_call import Room
from voxlink.errors import InvalidPacket
from voxlink.testing.dave_call import BinaryMessage
from voxlink.voice.mls_reader import keys_in_commit, keys_in_proposals


@pytest.fixture(scope="module")
def passed_by() -> dict[int, tuple[Room, bytes]]:
    """One real body of op 27 and op 29 each, from a call of three."""
    room = Room()
    bodies: dict[int, Any] = {}
    deliver = room.deliver

    def note(messages: Any) -> None:
        messages = list(messages)
        for message in messages:
            if isinstance(message, BinaryMessage) and message.op in (27, 29):
                bodies[message.op] = (room, message.body)
        deliver(messages)

    room.deliver = note  # type: ignore[method-assign]
    for user_id in (1, 2, 3):
        room.join(user_id)
        room.settle()
    return bodies


def test_adds_name_the_newcomers_key(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    room, body = passed_by[27]
    keys = keys_in_proposals(body[1:])
    assert keys
    assert all(room.members[user_id]._keys.public == key for user_id, key in keys.items())


def test_a_commit_names_the_committers_key(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    room, body = passed_by[29]
    for user_id, key in keys_in_commit(body[2:]).items():
        assert room.members[user_id]._keys.public == key


def test_no_cut_off_message_passes(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    body = passed_by[27][1][1:]
    for end in range(0, len(body), 7):
        with pytest.raises(InvalidPacket):
            keys_in_proposals(body[:end])


@given(st.binary(max_size=120))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    for read in (keys_in_proposals, keys_in_commit):
        with contextlib.suppress(InvalidPacket):
            read(data)
