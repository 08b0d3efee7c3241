"""MLS messages as davey writes and reads them; garbage is refused by name."""

from __future__ import annotations

import contextlib

import davey
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import DaveFailure
from voxlink.testing.dave_group import snowflake
from voxlink.testing.mls_wire import ExternalSender, read_commit, read_key_package, read_welcome, vec

CHANNEL = 9


def session(user_id: int, sender: ExternalSender) -> davey.DaveSession:
    one = davey.DaveSession(1, user_id, CHANNEL)
    one.set_external_sender(sender.announcement)
    return one


def commit_of_an_add() -> tuple[bytes, bytes]:
    """A real commit with its welcome, and the key package it adds."""
    sender = ExternalSender(snowflake(CHANNEL))
    first, second = session(1, sender), session(2, sender)
    package = second.get_serialized_key_package()
    proposal = sender.add(0, read_key_package(package))
    answer = first.process_proposals(davey.ProposalsOperationType.append, vec(proposal.message))
    assert answer is not None
    assert answer.welcome is not None
    return answer.commit + answer.welcome, package


def test_reads_a_key_package() -> None:
    package = davey.DaveSession(1, 0x0102, CHANNEL).get_serialized_key_package()
    assert read_key_package(package).identity == b"\0\0\0\0\0\0\x01\x02"
    with pytest.raises(DaveFailure, match="TooLong"):
        read_key_package(package + b"x")
    with pytest.raises(DaveFailure, match="ciphersuite 1, not 2"):
        read_key_package(b"\0\1\0\1" + package[4:])


def test_reads_a_commit_and_finds_the_welcome_behind_it() -> None:
    body, package = commit_of_an_add()
    commit, behind = read_commit(body)
    assert commit.message + behind == body
    assert (commit.group_id, commit.epoch, commit.leaf, len(commit.references)) == (snowflake(CHANNEL), 0, 0, 1)
    welcome = read_welcome(behind)
    reference = read_key_package(package).reference
    assert [name for name, _ in welcome.secrets] == [reference]
    assert welcome.only_for(reference) == behind
    assert welcome.only_for(bytes(32)) is None


@given(st.binary(max_size=70_000))
def test_a_vector_says_its_length_in_the_shortest_form(data: bytes) -> None:
    encoded = vec(data)
    prefix = len(encoded) - len(data)
    assert prefix == (1 if len(data) < 64 else 2 if len(data) < 16_384 else 4)
    assert encoded.endswith(data)


@pytest.mark.parametrize("read", [read_key_package, read_commit, read_welcome])
@given(data=st.binary(max_size=300))
def test_garbage_is_refused_by_name(read, data: bytes) -> None:
    with contextlib.suppress(DaveFailure):
        read(data)


@given(st.data())
def test_a_damaged_message_is_read_or_refused_by_name(data: st.DataObject) -> None:
    body, package = REAL
    for read, whole in ((read_commit, body), (read_key_package, package), (read_welcome, read_commit(body)[1])):
        damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
        for _ in range(data.draw(st.integers(0, 3)) if damaged else 0):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(DaveFailure):
            read(bytes(damaged))


REAL = commit_of_an_add()
