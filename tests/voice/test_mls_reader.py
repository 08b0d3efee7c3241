"""Keys and references are read out of real MLS messages; garbage and truncation are refused by name."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.queued_call import Room
from voxlink.errors import InvalidPacket
from voxlink.testing import mls_wire
from voxlink.testing.dave_call import BinaryMessage
from voxlink.voice.dave_session import MlsGroup
from voxlink.voice.mls_reader import (
    Proposal,
    key_package_reference,
    pack_proposals,
    pack_revocation,
    read_commit,
    read_proposals,
    welcomed,
)


@pytest.fixture(scope="module")
def passed_by() -> dict[int, tuple[Room, bytes]]:
    """One real body of ops 27, 29 and 30 each, from a call of three."""
    room = Room()
    bodies: dict[int, Any] = {}
    deliver = room.deliver

    def note(messages: Any) -> None:
        messages = list(messages)
        for message in messages:
            if isinstance(message, BinaryMessage) and message.op in (27, 29, 30):
                bodies[message.op] = (room, message.body)
        deliver(messages)

    room.deliver = note  # type: ignore[method-assign]
    for user_id in (1, 2, 3):
        room.join(user_id)
        room.settle()
    return bodies


def test_adds_name_the_newcomers_key(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    room, body = passed_by[27]
    proposals = read_proposals(body[1:])
    assert proposals
    for proposal in proposals:
        assert proposal.added is not None
        assert room.members[proposal.added.user_id]._keys.public == proposal.added.key


def test_a_commit_names_the_proposals_and_the_committers_key(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    room, body = passed_by[29]
    commit = read_commit(body[2:])
    assert commit.references == (read_proposals(passed_by[27][1][1:])[0].reference,)
    assert commit.references == mls_wire.read_commit(body[2:])[0].references
    if commit.committer is not None:
        assert room.members[commit.committer.user_id]._keys.public == commit.committer.key


def test_a_welcome_names_whom_it_is_for(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    body = passed_by[30][1][2:]
    assert welcomed(body) == [name for name, _ in mls_wire.read_welcome(body).secrets]
    package = MlsGroup(1, 5, 99).key_package()
    assert key_package_reference(package) == mls_wire.read_key_package(package).reference


def test_proposals_are_packed_as_they_came(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    body = passed_by[27][1][1:]
    proposals = read_proposals(body)
    assert pack_proposals(proposals) == body
    assert pack_revocation(proposals) == mls_wire.vec(mls_wire.vec(proposals[0].reference))


@pytest.mark.parametrize("size", [0, 63, 64, (1 << 14) - 1, 1 << 14])
def test_lengths_are_written_in_their_shortest_form(size: int) -> None:
    assert pack_proposals([Proposal(b"", bytes(size), None)]) == mls_wire.vec(bytes(size))


def test_no_cut_off_message_passes(passed_by: dict[int, tuple[Room, bytes]]) -> None:
    body = passed_by[27][1][1:]
    for end in range(0, len(body), 7):
        with pytest.raises(InvalidPacket):
            read_proposals(body[:end])


@given(st.binary(max_size=120))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    for read in (read_proposals, read_commit, welcomed):
        with contextlib.suppress(InvalidPacket):
            read(data)
