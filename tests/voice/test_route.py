"""The numbers of one voice session: random starts, counters in leases, no secret in a repr."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.voice.encryption import AES256_GCM, COUNTERS
from voxlink.voice.route import LEASE_PACKETS, Route

KEY = bytes(range(32))


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        yield sock


def test_each_session_starts_with_random_numbers(sock: socket.socket) -> None:
    routes = [Route(sock, AES256_GCM, KEY, 7, list) for _ in range(8)]
    assert len({route.sequence for route in routes}) > 1
    assert len({route.timestamp for route in routes}) > 1


@given(leases=st.integers(1, 20), start=st.integers(0, COUNTERS))
def test_no_counter_is_leased_twice(leases: int, start: int) -> None:
    with socket.socket() as sock:
        route = Route(sock, AES256_GCM, KEY, 7, list, lease_end=start)
        end = start
        for _ in range(leases):
            first, after = route.lease()
            assert first == end
            assert after == min(COUNTERS, first + LEASE_PACKETS)
            end = after


def test_a_key_whose_counters_are_used_up_is_told_once() -> None:
    told: list[str] = []
    with socket.socket() as sock:
        route = Route(sock, AES256_GCM, KEY, 7, list, lambda: told.append("used up"), lease_end=2**32 - 70_000)
        assert route.lease() == (2**32 - 70_000, 2**32 - 4_464)
        assert told == []
        assert route.lease() == (2**32 - 4_464, 2**32)
        assert route.is_used_up
        assert route.lease() == (2**32, 2**32)
    assert told == ["used up"]


def test_no_key_shows(sock: socket.socket) -> None:
    assert repr(KEY) not in repr(Route(sock, AES256_GCM, KEY, 7, list))
