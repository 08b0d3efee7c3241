"""The reordering buffer: order is restored, losses are marked, nothing waits for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.voice.reorder import HOLD_PACKETS, HOLD_S, Packet, Reorder


def packet(index: int, start: int = 65_530) -> Packet:
    return Packet((start + index) % 65_536, index * 960, b"%d" % index)


def played(packets: list[Packet]) -> list[bytes | None]:
    return [packet.payload for packet in packets]


def test_what_is_in_order_passes_at_once() -> None:
    order = Reorder()
    for index in range(20):
        assert played(order.push(packet(index), 0)) == [b"%d" % index]
    assert order.next_deadline() is None


def test_a_late_packet_is_waited_for() -> None:
    order = Reorder()
    order.push(packet(0), 0)
    assert order.push(packet(2), 0) == []
    assert order.next_deadline() == HOLD_S
    assert played(order.push(packet(1), 0.02)) == [b"1", b"2"]
    assert order.next_deadline() is None


def test_a_lost_packet_is_marked_after_a_while() -> None:
    order = Reorder()
    order.push(packet(0), 0)
    order.push(packet(3), 0)
    assert order.tick(0.01) == []
    out = order.tick(HOLD_S)
    assert played(out) == [None, None, b"3"]
    assert [packet.timestamp for packet in out] == [960, 1920, 2880]
    assert order.push(packet(1), 1) == []
    assert order.late == 1


def test_a_full_buffer_gives_the_hole_up() -> None:
    order = Reorder()
    order.push(packet(0), 0)
    out = [order.push(packet(index), 0) for index in range(2, HOLD_PACKETS + 3)]
    assert played(out[-1])[0] is None
    assert len(out[-1]) == HOLD_PACKETS + 2


def test_a_far_jump_is_a_new_beginning_without_losses() -> None:
    order = Reorder()
    order.push(packet(0), 0)
    assert played(order.push(packet(1000), 0)) == [b"1000"]
    assert played(order.push(packet(3), 0)) == [b"3"]


def test_what_waited_before_a_jump_is_not_lost() -> None:
    order = Reorder()
    order.push(packet(0), 0)
    order.push(packet(2), 0)
    assert played(order.push(packet(1000), 0)) == [None, b"2", b"1000"]


@given(
    st.integers(1, 60).flatmap(
        lambda count: st.tuples(st.just(count), st.lists(st.integers(0, 4), min_size=count, max_size=count))
    ),
    st.sets(st.integers(1, 60)),
    st.integers(0, 65_535),
)
def test_any_small_disorder_is_put_right(drawn: tuple[int, list[int]], dropped: set[int], start: int) -> None:
    """Packets that come at most four places late are all played in order, twice is once, losses have their place."""
    _, lateness = drawn
    arrivals = sorted((index + late, index) for index, late in enumerate(lateness) if index not in dropped)
    order, out, now = Reorder(), [], 0.0
    first = True
    for _, index in arrivals:
        if first and index != 0:
            out += order.push(packet(0, start), now)
        first = False
        now += 0.005
        out += order.push(packet(index, start), now)
        out += order.push(packet(index, start), now)
    out += order.tick(now + 10)
    assert order.next_deadline() is None
    names = [int(name) for name in played(out) if name is not None]
    assert names == sorted(set(names)), "in order, once"
    assert [item.sequence for item in out] == [(start + index) % 65_536 for index in range(len(out))]
