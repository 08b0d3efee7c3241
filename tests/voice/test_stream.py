"""The sending queue of a player, held against a transmitter that runs in the test on a clock that is a number."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from voxlink.errors import BadValue
from voxlink.voice.encryption import AES256_GCM, cipher_for
from voxlink.voice.route import LEASE_PACKETS, Route
from voxlink.voice.rtp import SILENCE_FRAME, parse_header
from voxlink.voice.stream import SEQUENCE_GAP, FrameStream, StreamReport
from voxlink.voice.transmitter.desk import Desk
from voxlink.voice.transmitter.pipe import OpenStream, Replaced, ToTransmitter

KEY = bytes(range(32))
Encrypt = Callable[[Sequence[bytes]], list[bytes]]


class Bench:
    """A courier with a transmitter's desk behind it; messages arrive when the test says so."""

    def __init__(self) -> None:
        self.reports: list[StreamReport] = []
        self.stream = FrameStream(self, self.reports.append)
        self.posted: list[ToTransmitter] = []
        self.wants_pull = False
        self.number = 0
        self.packets: list[bytes] = []
        self.now = 0.0
        self.desk = Desk(0.0)

    def post(self, message: ToTransmitter, sock: socket.socket | None = None) -> None:
        self.posted.append(message)

    def pull(self, stream: FrameStream) -> None:
        self.wants_pull = True

    def enlist(self, stream: FrameStream) -> int:
        self.number += 1
        return self.number

    def dismiss(self, number: int) -> None:
        pass

    def route(self, encrypt: Encrypt = list) -> Route:
        sock = socket.socket()
        sock.close()  # nothing is sent through it here
        return Route(sock, AES256_GCM, KEY, 7, encrypt, sequence=0, timestamp=0, timestamp_at=self.now)

    def attach(self, encrypt: Encrypt = list) -> Route:
        route = self.route(encrypt)
        self.stream.attach(route)
        self.deliver()
        return route

    def deliver(self) -> None:
        """Let everything reach the transmitter, and its answers come back."""
        while self.posted:
            self.give(self.posted)
        while self.wants_pull:
            batch = self.stream.take_batch()
            if batch is None:
                self.wants_pull = False
                break
            self.give([batch, *self.posted])

    def give(self, messages: Sequence[ToTransmitter]) -> None:
        self.posted = []
        for message in messages:
            if isinstance(message, OpenStream):
                self.desk.open(message, self.packets.append, self.now)
                continue
            answer = self.desk.apply(message)
            if isinstance(answer, Replaced):
                self.report()
                self.stream.take_answer(answer)

    def tick(self, slots: int = 1) -> None:
        for _ in range(slots):
            due = self.desk.pacer.next_due()
            if due is not None:
                self.now = max(due, self.now)
                self.desk.run_due(self.now)

    def report(self) -> None:
        report = self.desk.report(self.now)
        for number in report.sent:
            self.stream.take_sent(number, self.now)
        for state in report.states:
            self.stream.take_state(state, self.now)

    def die(self) -> None:
        """Kill the transmitter and start another."""
        self.desk = Desk(self.now)
        self.posted = []
        self.stream.reopen()
        self.deliver()

    @property
    def heard(self) -> list[bytes]:
        cipher = cipher_for(AES256_GCM, KEY)
        opened = [cipher.open(packet, 12) for packet in self.packets]
        return [payload for payload in opened if payload != SILENCE_FRAME]


def frames(count: int, start: int = 0) -> list[bytes]:
    return [b"frame %d" % index for index in range(start, start + count)]


def test_without_a_connection_frames_wait() -> None:
    bench = Bench()
    bench.stream.queue(frames(3))
    assert (bench.stream.next_id, bench.stream.queued, bench.stream.last_sent_id) == (3, 3, -1)
    assert not bench.stream.is_attached
    bench.attach()
    bench.tick(3)
    bench.report()
    assert bench.heard == frames(3)
    assert (bench.stream.queued, bench.stream.last_sent_id) == (0, 2)
    assert bench.reports[-1].last_sent_id == 2


def test_frames_survive_a_new_connection() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(5))
    bench.deliver()
    bench.tick(2)
    bench.report()
    bench.stream.detach()
    bench.attach()
    bench.tick(3)
    bench.report()
    assert bench.heard == frames(5)
    assert bench.stream.counts.sent == 5


def test_what_was_sent_and_not_reported_is_not_sent_again_by_the_next_session() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(5))
    bench.deliver()
    bench.tick(2)
    bench.stream.detach()
    bench.tick()  # the order to leave is on its way
    bench.attach()
    assert bench.stream.is_attached
    assert bench.reports[-1].last_sent_id == 2
    bench.tick(5)
    bench.report()
    assert bench.heard == frames(5)
    assert bench.stream.counts.sent == 5


def test_the_last_frame_is_reported_even_if_the_session_is_left_with_it() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(2))
    bench.deliver()
    bench.tick(2)
    bench.stream.detach()
    bench.deliver()
    assert (bench.reports[-1].last_sent_id, bench.reports[-1].queued) == (1, 0)
    assert (bench.stream.last_sent_id, bench.stream.queued) == (1, 0)


def test_the_next_session_waits_for_no_transmitter_that_died() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(5))
    bench.deliver()
    bench.tick(2)
    bench.report()
    bench.stream.detach()
    bench.stream.attach(bench.route())
    bench.die()
    bench.tick(5)
    bench.report()
    assert bench.heard == frames(5)


def test_a_killed_transmitter_goes_on_with_new_counters() -> None:
    bench = Bench()
    route = bench.attach()
    bench.stream.queue(frames(6))
    bench.deliver()
    bench.tick(3)
    bench.report()
    assert route.lease_end == LEASE_PACKETS
    bench.now += 0.3
    bench.die()
    bench.tick(3)
    bench.report()
    assert bench.heard == frames(6)
    headers = [parse_header(packet) for packet in bench.packets]
    assert all(headers)
    counters = [int.from_bytes(packet[-4:], "big") for packet in bench.packets]
    assert counters == [0, 1, 2, LEASE_PACKETS, LEASE_PACKETS + 1, LEASE_PACKETS + 2]
    before, after = headers[2], headers[3]
    assert before is not None
    assert after is not None
    assert after.sequence == before.sequence + 1 + SEQUENCE_GAP
    assert after.timestamp - before.timestamp == pytest.approx(0.32 * 48_000, abs=960)


def test_what_was_reported_tick_by_tick_is_counted_and_the_sequence_goes_on_behind_it() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(12))
    bench.deliver()
    for _ in range(10):
        bench.tick()
        bench.report()
    assert (bench.stream.counts.sent, bench.stream.last_sent_id, bench.stream.queued) == (10, 9, 2)
    assert [report.last_sent_id for report in bench.reports] == list(range(10))
    bench.die()
    bench.tick(2)
    headers = [parse_header(packet) for packet in bench.packets]
    sequences = [header.sequence for header in headers if header is not None]
    assert sequences == [*range(10), 10 + SEQUENCE_GAP, 11 + SEQUENCE_GAP]
    bench.report()
    assert bench.stream.counts.sent == 12


def test_a_frame_that_left_before_the_order_to_leave_came_is_not_repeated_after_a_kill() -> None:
    bench = Bench()
    bench.stream.queue(frames(6))
    bench.attach()
    bench.tick()
    bench.report()
    bench.stream.detach()
    for _ in range(2):
        bench.tick()
        bench.report()
    bench.die()
    bench.attach()
    bench.tick(3)
    assert bench.heard == frames(6)


@pytest.mark.parametrize("slots", [1, 1000])
def test_leases_are_extended_before_they_end_however_often_there_are_reports(slots: int) -> None:
    bench = Bench()
    route = bench.attach()
    bench.stream.queue([b"x"] * (LEASE_PACKETS + 1000))
    bench.deliver()
    for _ in range(70_000 // slots):
        bench.tick(slots)
        bench.report()
        bench.deliver()
    assert len(bench.heard) == LEASE_PACKETS + 1000
    assert route.lease_end == 2 * LEASE_PACKETS


async def test_a_replace_of_unsent_frames_is_applied() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(5))
    bench.deliver()
    bench.tick(2)
    task = asyncio.create_task(bench.stream.replace(3, [b"new 3", b"new 4", b"new 5"]))
    await asyncio.sleep(0)
    bench.deliver()
    assert await task == (True, 1)
    bench.stream.queue([b"new 6"])
    bench.deliver()
    bench.tick(5)
    bench.report()
    assert bench.heard == [*frames(3), b"new 3", b"new 4", b"new 5", b"new 6"]
    assert bench.stream.next_id == 7


async def test_a_refused_replace_changes_nothing() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(6))
    bench.deliver()
    bench.report()
    bench.tick(3)
    task = asyncio.create_task(bench.stream.replace(1, [b"too late"]))
    await asyncio.sleep(0)
    bench.stream.queue([b"shares its fate"])
    bench.deliver()
    assert await task == (False, 2)
    assert bench.stream.next_id == 6
    bench.stream.queue(frames(1, 6))
    bench.deliver()
    bench.tick(4)
    bench.report()
    assert bench.heard == frames(7)
    assert await bench.stream.replace(2, []) == (False, 6)


async def test_without_a_connection_a_replace_is_applied_at_once() -> None:
    bench = Bench()
    bench.stream.queue(frames(3))
    assert await bench.stream.replace(1, [b"new"]) == (True, -1)
    bench.attach()
    bench.tick(2)
    assert bench.heard == [b"frame 0", b"new"]
    with pytest.raises(BadValue, match="never queued"):
        await bench.stream.replace(9, [])


async def test_a_replace_survives_the_transmitters_death() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(4))
    bench.deliver()
    task = asyncio.create_task(bench.stream.replace(2, [b"new"]))
    await asyncio.sleep(0)
    bench.die()
    assert await task == (True, -1)
    bench.tick(5)
    assert bench.heard == [*frames(2), b"new"]


async def test_a_second_replace_waits_for_the_first() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(4))
    bench.deliver()
    first = asyncio.create_task(bench.stream.replace(2, [b"a", b"b"]))
    second = asyncio.create_task(bench.stream.replace(3, [b"c"]))
    await asyncio.sleep(0)
    bench.deliver()
    assert (await first).applied
    await asyncio.sleep(0)
    bench.deliver()
    assert (await second).applied
    bench.tick(4)
    assert bench.heard == [*frames(2), b"a", b"c"]


def test_clear_drops_the_unsent_and_ids_go_on() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(5))
    bench.deliver()
    bench.tick(2)
    bench.stream.clear()
    bench.stream.queue([b"after"])
    bench.deliver()
    bench.tick(9)
    bench.report()
    assert bench.heard == [*frames(2), b"after"]
    assert (bench.stream.last_sent_id, bench.stream.next_id) == (5, 6)


def test_pause_keeps_everything_until_resume() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(3))
    bench.stream.pause()
    bench.deliver()
    bench.tick(9)
    assert bench.heard == []
    assert bench.stream.is_paused
    bench.stream.resume()
    bench.deliver()
    bench.tick(3)
    assert bench.heard == frames(3)


def test_finish_is_known_to_the_transmitter_after_the_last_frame() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.queue(frames(100))
    bench.stream.finish()
    bench.deliver()
    bench.tick(120)
    bench.report()
    assert bench.stream.counts.underruns == 0
    bench.stream.queue(frames(1))
    bench.deliver()
    bench.stream.finish()
    bench.deliver()
    bench.tick(9)
    bench.report()
    assert bench.stream.counts.underruns == 0


def test_a_new_end_to_end_key_re_encrypts_what_lies_further_ahead() -> None:
    key = [b"old "]
    bench = Bench()
    bench.attach(lambda frames: [key[0] + frame for frame in frames])
    bench.stream.queue(frames(50))
    bench.deliver()
    bench.tick(2)
    bench.report()
    key[0] = b"new "
    bench.stream.encrypt_again(ahead_ms=350)
    bench.stream.queue(frames(1, 50))
    bench.deliver()
    bench.tick(60)
    kinds = [payload.split()[0] for payload in bench.heard]
    assert kinds == [b"old"] * (2 + 18) + [b"new"] * 31


def test_a_key_that_changed_during_a_pause_is_used_for_all_that_waits() -> None:
    key = [b"old "]
    bench = Bench()
    bench.attach(lambda frames: [key[0] + frame for frame in frames])
    bench.stream.queue(frames(30))
    bench.stream.pause()
    bench.deliver()
    key[0] = b"new "
    bench.stream.encrypt_again(ahead_ms=350)
    bench.stream.resume()
    bench.deliver()
    bench.tick(30)
    assert {payload.split()[0] for payload in bench.heard} == {b"new"}


def test_frames_that_cannot_be_opus_are_refused_and_none_is_queued() -> None:
    bench = Bench()
    with pytest.raises(BadValue, match="0 bytes"):
        bench.stream.queue([b"good", b""])
    with pytest.raises(BadValue, match="5000 bytes"):
        bench.stream.queue([bytes(5000)])
    assert bench.stream.queued == 0


def test_close_can_be_repeated() -> None:
    bench = Bench()
    bench.attach()
    bench.stream.close()
    bench.stream.close()
    assert repr(bench.stream) == "<FrameStream detached sent=-1 queued=0>"


def test_a_key_is_never_in_a_repr() -> None:
    assert "x01" not in repr(Bench().attach())


class AnyOrder(RuleBasedStateMachine):
    """Whatever is asked for in whatever order: frames leave in order, once, unless dropped; no counter twice."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.next_name = 0

    def names(self, count: int) -> list[bytes]:
        names = [b"%d" % (self.next_name + index) for index in range(count)]
        self.next_name += count
        return names

    @rule(count=st.integers(1, 90))
    def queue(self, count: int) -> None:
        self.bench.stream.queue(self.names(count))

    @rule()
    def attach(self) -> None:
        self.bench.attach()

    @rule()
    def detach(self) -> None:
        self.bench.stream.detach()

    @rule()
    def die(self) -> None:
        self.bench.report()
        self.bench.die()

    @rule(slots=st.integers(1, 20))
    def tick(self, slots: int) -> None:
        self.bench.tick(slots)

    @rule()
    def deliver(self) -> None:
        self.bench.deliver()

    @rule()
    def report(self) -> None:
        """After a report we know what the transmitter knows."""
        bench = self.bench
        bench.report()
        outlet = bench.desk._outlets.get(bench.number)
        if outlet is not None and bench.stream._state_here is not None:
            assert bench.stream.last_sent_id == outlet.last_sent
            sent_here = bench.stream.counts.sent - bench.stream._counts_before.sent
            assert (sent_here, bench.stream.counts.skipped) == (outlet.sent, outlet.skipped)

    @rule()
    def clear(self) -> None:
        self.bench.stream.clear()
        self.bench.deliver()

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        if paused:
            self.bench.stream.pause()
        else:
            self.bench.stream.resume()

    @invariant()
    def in_order_and_once(self) -> None:
        names = [int(name) for name in self.bench.heard]
        assert names == sorted(set(names))

    @invariant()
    def ids_add_up(self) -> None:
        stream = self.bench.stream
        assert stream.last_sent_id < stream.next_id == self.next_name
        assert 0 <= stream.queued <= stream.next_id - stream.last_sent_id - 1


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
