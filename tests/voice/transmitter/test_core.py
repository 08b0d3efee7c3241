"""The transmitter's heart on a clock that is a number: grid, numbering, leases, catch-up, silence."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voxlink.voice.encryption import Seal
from voxlink.voice.rtp import FRAME_SAMPLES, SILENCE_FRAME
from voxlink.voice.transmitter.core import (
    AHEAD_SLOTS,
    BUCKET_S,
    BUCKET_STREAMS,
    BUCKETS,
    CATCH_UP_SLOTS,
    SLOT_S,
    Outlet,
    Pacer,
)


class Sent(NamedTuple):
    at: float
    sequence: int
    timestamp: int
    payload: bytes
    counter: int


def no_encryption(_nonce: bytes, payload: bytes, _header: bytes) -> bytes:
    return payload


def outlet(
    seal: Seal = no_encryption,
    *,
    number: int = 1,
    sequence: int = 0,
    last_sent: int = -1,
    lease: tuple[int, int] = (0, 65_536),
) -> Outlet:
    return Outlet(seal, bytes, number=number, ssrc=7, sequence=sequence, last_sent=last_sent, lease=lease)


def parse(packet: bytes, at: float) -> Sent:
    _, _, sequence, timestamp, _ = struct.unpack_from("!BBHII", packet)
    return Sent(at, sequence, timestamp, packet[12:-4], int.from_bytes(packet[-4:], "big"))


class Stage:
    """A pacer, one stream on it and the time; packets are made `ahead` or one by one."""

    def __init__(self, *, timestamp: int = 0, ahead: bool = True, **options: Any) -> None:
        self.now = 0.0
        self.ahead = ahead
        self.pacer = Pacer(0.0)
        self.counters: list[int] = []
        """Of each packet that was made, sent or not."""
        self.outlet = outlet(self.seal, **options)
        self.pacer.add(self.outlet, 0.0, timestamp=timestamp, timestamp_at=0.0)
        self.sent: list[Sent] = []

    def seal(self, nonce: bytes, payload: bytes, _header: bytes) -> bytes:
        self.counters.append(int.from_bytes(nonce[:4], "big"))
        return payload

    def run_due(self) -> None:
        while (due := self.pacer.next_due()) is not None and due <= self.now:
            outlets, slot, _ = self.pacer.take(self.now)
            for each in outlets:
                packet = each.packet(slot)
                if packet is not None:
                    self.sent.append(parse(packet, self.now))
                if self.ahead and not each.ready:
                    each.make_ahead(slot + 1)

    def run(self, slots: int) -> None:
        """Let time pass in good order."""
        for _ in range(slots):
            due = self.pacer.next_due()
            assert due is not None
            self.now = max(self.now, due)
            self.run_due()

    def payloads(self) -> list[bytes]:
        return [sent.payload for sent in self.sent]


def frames(count: int, start: int = 0) -> list[bytes]:
    return [b"frame %d" % index for index in range(start, start + count)]


def test_frames_leave_every_20_ms_with_consecutive_numbers() -> None:
    stage = Stage(sequence=65_534, timestamp=2**32 - FRAME_SAMPLES)
    stage.outlet.queue(0, 0, frames(4))
    stage.run(4)
    assert stage.payloads() == frames(4)
    assert [sent.sequence for sent in stage.sent] == [65_534, 65_535, 0, 1]
    assert [sent.counter for sent in stage.sent] == [0, 1, 2, 3]
    steps = [(b.timestamp - a.timestamp) % 2**32 for a, b in zip(stage.sent, stage.sent[1:], strict=False)]
    assert steps == [FRAME_SAMPLES] * 3
    gaps = [b.at - a.at for a, b in zip(stage.sent, stage.sent[1:], strict=False)]
    assert gaps == pytest.approx([SLOT_S] * 3)


def test_an_hour_does_not_drift() -> None:
    stage = Stage(lease=(0, 200_000))
    first = stage.pacer.next_due()
    assert first is not None
    stage.outlet.queue(0, 0, [b"x"] * 180_000)
    stage.run(180_000)
    assert stage.sent[-1].at == pytest.approx(first + 179_999 * SLOT_S, abs=1e-6)


def test_running_dry_sends_five_silence_frames_at_pace_and_counts_once() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(2))
    stage.run(20)
    assert stage.payloads() == [*frames(2), *[SILENCE_FRAME] * 5]
    assert (stage.outlet.underruns, stage.outlet.silence, stage.outlet.starved) == (1, 5, True)
    gaps = [b.at - a.at for a, b in zip(stage.sent, stage.sent[1:], strict=False)]
    assert gaps == pytest.approx([SLOT_S] * 6)


def test_after_running_dry_frames_go_on_without_a_burst_and_with_a_timestamp_gap() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(1))
    stage.run(50)
    stage.outlet.queue(0, 1, frames(3, 1))
    stage.run(3)
    assert stage.payloads()[-3:] == frames(3, 1)
    assert stage.sent[-3].sequence == stage.sent[-4].sequence + 1
    assert stage.sent[-3].timestamp - stage.sent[0].timestamp == 50 * FRAME_SAMPLES
    assert not stage.outlet.starved


def test_the_end_of_the_sound_is_no_underrun() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(2))
    stage.outlet.finish(1)
    stage.run(10)
    assert (stage.outlet.underruns, stage.outlet.silence) == (0, 5)
    stage.outlet.queue(0, 2, frames(1))
    stage.run(10)
    assert stage.outlet.underruns == 1


def test_pause_stops_at_the_next_tick_and_loses_nothing() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(4))
    stage.run(2)
    stage.outlet.pause(True)
    stage.run(600)
    stage.outlet.pause(False)
    stage.run(2)
    assert stage.payloads() == [*frames(2), *[SILENCE_FRAME] * 5, *frames(2, 2)]
    assert stage.sent[-2].timestamp - stage.sent[0].timestamp == 602 * FRAME_SAMPLES
    assert stage.outlet.underruns == 0


def test_clear_drops_what_waits_and_is_no_underrun() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(4))
    stage.run(1)
    stage.outlet.clear(1)
    stage.outlet.queue(0, 2, frames(1))
    stage.run(8)
    assert stage.payloads() == [*frames(1), *[SILENCE_FRAME] * 5]
    assert stage.outlet.underruns == 0
    stage.outlet.queue(1, 4, [b"new"])
    stage.run(1)
    assert stage.outlet.last_sent == 4


def test_a_replace_of_what_is_unsent_is_applied_and_later_ones_refused() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(5))
    stage.run(2)
    assert not stage.outlet.replace(1, 1, [b"too late"])
    assert stage.outlet.replace(2, 3, [b"new 3", b"new 4"])
    stage.outlet.queue(0, 5, [b"of an older generation"])
    stage.outlet.queue(2, 5, [b"new 5"])
    stage.run(6)
    assert stage.payloads()[:6] == [*frames(3), b"new 3", b"new 4", b"new 5"]


def test_overwrite_touches_only_what_waits() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(4))
    stage.run(2)
    stage.outlet.overwrite(0, 1, [b"sent already", b"again 2", b"again 3", b"beyond"])
    stage.outlet.overwrite(7, 2, [b"of another generation"])
    stage.run(3)
    assert stage.payloads() == [*frames(2), b"again 2", b"again 3", SILENCE_FRAME]


@pytest.mark.parametrize("late_slots", [1, 2, 3])
def test_a_little_late_is_caught_up(late_slots: int) -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(10))
    stage.run(2)
    stage.now += late_slots * SLOT_S + 0.001
    stage.run_due()
    assert stage.payloads() == frames(2 + late_slots)
    assert stage.outlet.skipped == 0
    stage.run(10)
    assert stage.outlet.sent == 10


def test_very_late_skips_slots_and_no_frame() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(6))
    stage.run(2)
    stage.now += 50 * SLOT_S + 0.001
    stage.run_due()
    assert stage.outlet.skipped == 49 > CATCH_UP_SLOTS
    assert stage.payloads() == frames(3)
    before, after = stage.sent[1], stage.sent[2]
    assert after.sequence - before.sequence == 50
    assert after.timestamp - before.timestamp == 50 * FRAME_SAMPLES
    assert after.counter > before.counter
    stage.run(4)
    assert stage.payloads()[:6] == frames(6)


def test_skipped_slots_of_a_silent_stream_do_not_count() -> None:
    stage = Stage()
    stage.run(1)
    stage.now += 5
    stage.run_due()
    assert stage.outlet.skipped == 0
    assert stage.outlet.sequence == 0


def test_without_a_lease_nothing_leaves() -> None:
    stage = Stage(lease=(10, 12))
    stage.outlet.queue(0, 0, frames(4))
    stage.run(5)
    assert [sent.counter for sent in stage.sent] == [10, 11]
    stage.outlet.lease(20)
    stage.run(2)
    assert [sent.counter for sent in stage.sent] == [10, 11, 12, 13]


@given(st.integers(1, 1200), st.floats(0, 100))
def test_streams_are_spread_over_the_20_ms_in_groups_that_are_worth_a_wake_up(count: int, now: float) -> None:
    pacer = Pacer(0.0)
    for _ in range(count):
        pacer.add(outlet(), now, timestamp=0, timestamp_at=now)
    groups = min(BUCKETS, -(-count // BUCKET_STREAMS))
    sizes: list[int] = []
    for _ in range(groups):
        due = pacer.next_due()
        assert due is not None
        assert now < due <= now + SLOT_S + 2 * BUCKET_S
        sizes.append(len(pacer.take(due)[0]))
    assert sum(sizes) == count
    assert max(sizes) <= max(BUCKET_STREAMS, -(-count // BUCKETS))


def test_the_first_groups_lie_far_apart() -> None:
    pacer = Pacer(0.0)
    for _ in range(2 * BUCKET_STREAMS):
        pacer.add(outlet(), 0.0, timestamp=0, timestamp_at=0.0)
    first = pacer.next_due()
    assert first is not None
    pacer.take(first)
    second = pacer.next_due()
    assert second is not None
    assert second - first == pytest.approx(SLOT_S / 2)


def test_a_removed_stream_leaves_an_idle_grid() -> None:
    stage = Stage()
    stage.pacer.remove(stage.outlet)
    stage.pacer.remove(stage.outlet)
    assert stage.pacer.next_due() is None


def test_packets_that_were_made_ahead_are_taken_back_when_the_order_changes() -> None:
    stage = Stage()
    stage.outlet.queue(0, 0, frames(30))
    stage.run(2)
    made = len(stage.counters)
    assert made > 2
    stage.outlet.has_news = False
    assert (stage.outlet.last_sent, stage.outlet.counter, stage.outlet.sequence) == (1, 2, 2)
    assert stage.outlet.replace(1, 3, [b"new 3", b"new 4"])
    assert (stage.outlet.last_sent, stage.outlet.sent) == (1, 2)
    stage.run(3)
    assert stage.payloads() == [*frames(3), b"new 3", b"new 4"]
    assert [sent.sequence for sent in stage.sent] == [0, 1, 2, 3, 4]
    assert [sent.counter for sent in stage.sent] == [0, 1, made, made + 1, made + 2]
    assert stage.outlet.has_news


def test_in_each_slot_few_streams_have_packets_to_make() -> None:
    stages = [Stage(number=number) for number in range(4 * AHEAD_SLOTS)]
    for stage in stages:
        stage.outlet.queue(0, 0, [b"x"] * 100)
        stage.run(1)
    for _ in range(60):
        before = [len(stage.counters) for stage in stages]
        for stage in stages:
            stage.run(1)
        made = [len(stage.counters) - count for stage, count in zip(stages, before, strict=True)]
        assert sum(count > 0 for count in made) == 4
        assert set(made) == {0, AHEAD_SLOTS}


STEPS = ["queue", "pause", "resume", "clear", "late", "very late", "tick", "replace", "overwrite", "finish"]


@example([("queue", 1), ("clear", 0), ("queue", 0)])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30)), max_size=60))
def test_making_packets_ahead_changes_nothing_but_counters_and_numbers_only_move_forward(
    steps: list[tuple[str, int]],
) -> None:
    stages = [Stage(ahead=ahead, sequence=65_500, lease=(0, 10_000)) for ahead in (True, False)]
    for stage in stages:
        play_out(stage, steps)
    ahead, one_by_one = stages
    assert [sent._replace(counter=0) for sent in ahead.sent] == [sent._replace(counter=0) for sent in one_by_one.sent]
    for stage in stages:
        assert stage.counters == list(range(len(stage.counters)))  # each used for one payload, sent or not
        counters = [sent.counter for sent in stage.sent]
        assert counters == sorted(set(counters))
        assert stage.outlet.sent + stage.outlet.silence == len(stage.sent)
        for a, b in zip(stage.sent, stage.sent[1:], strict=False):
            step = (b.sequence - a.sequence) % 2**16
            assert 0 < step < 2**15
            assert b.timestamp - a.timestamp >= step * FRAME_SAMPLES
    assert (ahead.outlet.last_sent, ahead.outlet.skipped) == (one_by_one.outlet.last_sent, one_by_one.outlet.skipped)


def play_out(stage: Stage, steps: list[tuple[str, int]]) -> None:
    next_id = generation = 0
    outlet = stage.outlet
    for step, count in steps:
        match step:
            case "queue":
                outlet.queue(generation, next_id, frames(count, next_id))
                next_id += count
            case "pause" | "resume":
                outlet.pause(step == "pause")
            case "clear":
                generation += 1
                outlet.clear(generation)
            case "late" | "very late":
                stage.now += SLOT_S * (count % 3 + 1 if step == "late" else count + 5)
                stage.run_due()
            case "replace":
                first_id = max(0, next_id - count)
                if outlet.replace(generation + 1, first_id, frames(2, 1000 + next_id)):
                    generation += 1
                    next_id = first_id + 2
            case "overwrite":
                outlet.overwrite(generation, max(0, next_id - count), frames(count, 2000 + next_id))
            case "finish":
                outlet.finish(next_id - 1)
            case _:
                stage.run(count)
    outlet.pause(False)
    stage.run(next_id + 10)
