"""The transmitter's desk: messages in, packets and reports out, without a process."""

from __future__ import annotations

import itertools

import pytest

from voxlink.errors import InvalidPipeMessage
from voxlink.voice.encryption import AES256_GCM, cipher_for
from voxlink.voice.rtp import FRAME_SAMPLES, parse_header
from voxlink.voice.transmitter.core import SLOT_S
from voxlink.voice.transmitter.desk import Desk
from voxlink.voice.transmitter.pipe import (
    ClearFrames,
    CloseStream,
    ExtendLease,
    FinishStream,
    Hello,
    OpenStream,
    OverwriteFrames,
    PauseStream,
    QueueFrames,
    Replaced,
    ReplaceFrames,
    Report,
)

KEY = bytes(range(32))


def open_stream(number: int = 1, *, mode: str = AES256_GCM, lease_end: int = 65_536) -> OpenStream:
    return OpenStream(number, mode, KEY, 7, 100, 0, 0.0, 0, lease_end, -1, 0, paused=False)


def run(desk: Desk, slots: int) -> None:
    for _ in range(slots):
        due = desk.pacer.next_due()
        assert due is not None
        desk.run_due(due)


def test_a_stream_is_sent_encrypted_and_reported() -> None:
    desk = Desk(0.0)
    sent: list[bytes] = []
    desk.open(open_stream(), sent.append, 0.0)
    desk.apply(QueueFrames(1, 0, 0, [b"one", b"two"]))
    run(desk, 2)
    header = parse_header(sent[0])
    assert header is not None
    assert (header.ssrc, header.sequence) == (7, 100)
    assert cipher_for(AES256_GCM, KEY).open(sent[0], header.size) == b"one"
    (state,) = desk.report(1.0).states
    assert (state.stream, state.last_sent, state.sent, state.counter) == (1, 1, 2, 2)
    assert desk.report(1.1) == Report(1.1, [], [])


def test_a_report_says_of_a_stream_that_goes_on_nothing_but_its_number() -> None:
    desk = Desk(0.0)
    desk.open(open_stream(), bytes, 0.0)
    desk.apply(QueueFrames(1, 0, 0, [b"frame"] * 6))
    run(desk, 1)
    assert [state.sent for state in desk.report(0).states] == [1]
    run(desk, 1)
    assert desk.report(0) == Report(0, [1], [])
    run(desk, 2)
    assert desk.report(0) == Report(0, [1, 1], [])
    desk.apply(ClearFrames(1, 1))
    run(desk, 1)
    assert [state.silence for state in desk.report(0).states] == [1]
    desk.apply(QueueFrames(1, 1, 9, [b"frame"] * 2))
    run(desk, 1)
    assert [state.last_sent for state in desk.report(0).states] == [9]
    run(desk, 1)
    assert desk.report(0) == Report(0, [1], [])


def test_packets_made_ahead_are_numbered_slot_by_slot() -> None:
    desk = Desk(0.0)
    sent: list[bytes] = []
    desk.open(open_stream(), sent.append, 0.0)
    desk.apply(QueueFrames(1, 0, 0, [b"frame"] * 60))
    run(desk, 60)
    headers = [parse_header(packet) for packet in sent]
    numbers = [(header.sequence, header.timestamp) for header in headers if header is not None]
    assert [sequence for sequence, _ in numbers] == list(range(100, 160))
    assert {b - a for (_, a), (_, b) in itertools.pairwise(numbers)} == {FRAME_SAMPLES}


def test_of_a_stream_that_gets_its_frames_one_by_one_each_is_reported() -> None:
    desk = Desk(0.0)
    desk.open(open_stream(), bytes, 0.0)
    for index in range(5):
        desk.apply(QueueFrames(1, 0, index, [b"frame"]))
        run(desk, 1)
        report = desk.report(0)
        assert [state.last_sent for state in report.states] == [0] * (index == 0)
        assert report.sent == [1] * (index > 0)


def test_late_frames_are_reported_by_state() -> None:
    desk = Desk(0.0)
    desk.open(open_stream(), bytes, 0.0)
    desk.apply(QueueFrames(1, 0, 0, [b"frame"] * 6))
    run(desk, 2)
    desk.report(0)
    due = desk.pacer.next_due()
    assert due is not None
    desk.run_due(due + 1.5 * SLOT_S)
    assert [(state.stream, state.late, state.sent) for state in desk.report(0).states] == [(1, 1, 3)]


def test_every_order_is_obeyed() -> None:
    desk = Desk(0.0)
    sent: list[bytes] = []
    desk.open(open_stream(lease_end=1), sent.append, 0.0)
    desk.apply(QueueFrames(1, 0, 0, [b"one", b"two", b"three"]))
    desk.apply(OverwriteFrames(1, 0, 1, [b"TWO"]))
    desk.apply(PauseStream(1, paused=True))
    run(desk, 2)
    assert sent == []
    desk.apply(PauseStream(1, paused=False))
    run(desk, 2)
    assert len(sent) == 1
    desk.apply(ExtendLease(1, 100))
    assert desk.apply(ReplaceFrames(1, 1, 0, [])) == Replaced(1, 1, applied=False, last_sent=0)
    assert desk.apply(ReplaceFrames(1, 2, 2, [b"3"])) == Replaced(1, 2, applied=True, last_sent=0)
    desk.apply(FinishStream(1, 2))
    run(desk, 12)
    cipher = cipher_for(AES256_GCM, KEY)
    assert [cipher.open(packet, 12) for packet in sent][:3] == [b"one", b"TWO", b"3"]
    desk.apply(ClearFrames(1, 3))
    desk.apply(CloseStream(1))
    assert desk.pacer.next_due() is None
    assert desk.apply(QueueFrames(1, 0, 0, [b"to nobody"])) is None
    assert desk.apply(ReplaceFrames(1, 4, 0, [])) == Replaced(1, 4, applied=False, last_sent=-1)


def test_a_refusing_network_is_counted_not_raised() -> None:
    def refuse(_packet: bytes) -> None:
        raise OSError("no buffer space")

    desk = Desk(0.0)
    desk.open(open_stream(), refuse, 0.0)
    desk.apply(QueueFrames(1, 0, 0, [b"one", b"two"]))
    for count in (1, 2):
        run(desk, 1)
        (state,) = desk.report(0).states
        assert (state.dropped, state.sent) == (count, count)


def test_what_makes_no_sense_is_refused_by_name() -> None:
    desk = Desk(0.0)
    desk.open(open_stream(), bytes, 0.0)
    with pytest.raises(InvalidPipeMessage, match="open already"):
        desk.open(open_stream(), bytes, 0.0)
    with pytest.raises(InvalidPipeMessage, match="unknown encryption mode"):
        desk.open(open_stream(2, mode="rot13"), bytes, 0.0)
    with pytest.raises(InvalidPipeMessage, match="out of place"):
        desk.apply(Hello(1))
