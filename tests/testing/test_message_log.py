"""Numbered messages come back, once each and in order, wherever the client stopped."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.message_log import LONGEST_REPLAY, MessageLog


def number_of(message: str | bytes) -> int:
    return json.loads(message)["seq"] if isinstance(message, str) else int.from_bytes(message[:2], "big")


@given(st.integers(0, 65_535), st.lists(st.booleans(), max_size=40), st.data())
def test_replays_exactly_what_follows(first: int, kinds: list[bool], data: st.DataObject) -> None:
    log = MessageLog(first)
    sent = [log.number_binary(27, b"x") if binary else log.number_text(5, {}) for binary in kinds]
    assert [number_of(message) for message in sent] == [(first + n) % 65_536 for n in range(len(sent))]
    seen = data.draw(st.integers(0, len(sent)))
    acknowledged = number_of(sent[seen - 1]) if seen else -1
    assert log.after(acknowledged) == sent[seen:]
    assert log.has_sent(acknowledged)


def test_knows_what_was_never_sent() -> None:
    log = MessageLog()
    log.number_text(5, {})
    assert not log.has_sent(1)
    assert log.after(7) is None


def test_a_gap_that_is_no_longer_kept_cannot_be_replayed() -> None:
    log = MessageLog()
    for _ in range(LONGEST_REPLAY + 1):
        log.number_text(5, {})
    assert log.after(-1) is None
    replayed = log.after(0)
    assert replayed is not None
    assert len(replayed) == LONGEST_REPLAY


def test_binary_messages_begin_with_number_and_opcode() -> None:
    assert MessageLog(258).number_binary(25, b"body") == b"\x01\x02\x19body"
