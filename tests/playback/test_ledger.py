"""Which sound has which frame id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.playback.ledger import KEPT_FRAMES, Frame, Ledger


def frames(count: int, start_ms: float = 0.0, index: int = 0) -> list[Frame]:
    return [Frame(b"%d" % (index + n), start_ms + 20 * n, index + n) for n in range(count)]


def test_position_is_the_end_of_the_frame_sent_last() -> None:
    ledger = Ledger()
    ledger.queue(1, frames(5, start_ms=1000))
    entry = ledger.sent(2)
    assert entry is not None
    assert (entry.part, entry.end_ms, ledger.queued) == (1, 1060, 2)


def test_old_news_are_no_news() -> None:
    ledger = Ledger()
    ledger.queue(1, frames(5))
    assert ledger.sent(3) is not None
    assert ledger.sent(3) is None
    assert ledger.sent(1) is None


def test_a_replaced_tail_belongs_to_the_new_part() -> None:
    ledger = Ledger()
    ledger.queue(1, frames(10))
    ledger.sent(3)
    ledger.replace(6, 2, frames(2, start_ms=5000))
    assert ledger.next_id == 8
    parts = [entry.part for frame_id in range(8) if (entry := ledger.entry(frame_id))]
    assert parts == [1] * 6 + [2] * 2
    assert ledger.entry(8) is None


def test_after_clearing_nothing_waits_and_late_reports_are_ignored() -> None:
    ledger = Ledger()
    ledger.queue(1, frames(10))
    ledger.sent(3)
    ledger.clear(10)
    assert ledger.queued == 0
    assert ledger.sent(5) is None
    ledger.queue(2, frames(1))
    entry = ledger.sent(10)
    assert entry is not None
    assert entry.part == 2


def test_packets_around_a_join_are_kept() -> None:
    ledger = Ledger()
    ledger.queue(1, frames(100))
    ledger.sent(50)
    assert ledger.packets(43, 52) == [b"%d" % n for n in range(43, 53)]
    assert ledger.packets(0, 40) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_memory_stays_small_however_long_it_plays(steps: list[tuple[int, int]]) -> None:
    ledger = Ledger()
    for queued, sent in steps:
        ledger.queue(1, frames(queued, index=ledger.next_id))
        ledger.sent(min(ledger.last_sent_id + sent, ledger.next_id - 1))
        assert len(ledger._entries) <= ledger.queued + KEPT_FRAMES
        for frame_id in range(ledger.last_sent_id + 1, ledger.next_id):
            entry = ledger.entry(frame_id)
            assert entry is not None
            assert entry.frame.source_index == frame_id
