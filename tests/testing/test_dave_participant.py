"""One member's side of the encryption, against the call's side."""

from __future__ import annotations

from testing.queued_call import Room
from voxlink.testing.dave_participant import DaveParticipant, Reply

SILENCE = b"\xf8\xff\xfe"


def test_without_encryption_frames_pass_untouched() -> None:
    member = DaveParticipant(1, 9)
    assert member.begin(0) == []
    assert member.encrypt(b"opus") == b"opus"
    assert member.decrypt(2, b"opus") == b"opus"


def test_without_a_key_nothing_is_sent_and_only_silence_is_heard() -> None:
    member = DaveParticipant(1, 9)
    (offer,) = member.begin(1)
    assert offer.op == 26
    assert member.encrypt(b"opus") is None
    assert member.decrypt(2, b"opus") is None
    assert member.decrypt(2, SILENCE) == SILENCE


def test_what_cannot_be_processed_makes_it_start_over_once() -> None:
    member = DaveParticipant(1, 9)
    member.begin(1)
    first = member.take_binary(30, b"\0\5garbage")
    assert [(reply.op, reply.transition_id) for reply in first] == [(31, 5), (26, 0)]
    assert member.take_binary(30, b"\0\6garbage") == []
    assert len(member.errors) == 2
    assert member.take_binary(27, b"\0garbage") == []


def test_a_downgrade_takes_effect_when_it_is_executed() -> None:
    room = Room()
    first, second = room.join(1), room.join(2)
    room.settle()
    assert first.take_text(21, {"transition_id": 7, "protocol_version": 0}) == [Reply(23, transition_id=7)]
    assert first.encrypt(b"opus") != b"opus"
    assert first.decrypt(2, second.encrypt(b"opus") or b"") == b"opus"
    first.take_text(22, {"transition_id": 7})
    assert first.encrypt(b"opus") == b"opus"
