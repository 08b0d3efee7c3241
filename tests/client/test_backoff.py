"""Delays grow, stay below their cap, and are spread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.client.backoff import ExponentialBackoff, ReconnectPolicy
from voxlink.errors import BadValue


def test_delays_double_up_to_the_cap() -> None:
    policy = ReconnectPolicy(initial_s=0.5, factor=2, max_s=30, jitter=0)
    assert [policy.delay_s(attempt) for attempt in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


@given(st.integers(1, 10**9), st.floats(0, 1, exclude_max=True))
def test_jitter_spreads_and_never_overflows(attempt: int, drawn: float) -> None:
    policy = ReconnectPolicy()
    plain = ReconnectPolicy(jitter=0).delay_s(attempt)
    assert 0.7 * plain <= policy.delay_s(attempt, lambda: drawn) <= 1.3 * plain


@pytest.mark.parametrize("bad", [{"initial_s": 0}, {"factor": 0.5}, {"max_s": 0.1}, {"jitter": 1}])
def test_a_policy_that_makes_no_sense_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(BadValue):
        ReconnectPolicy(**bad)  # type: ignore[arg-type]


def test_lavalink_pys_backoff_doubles_and_resets() -> None:
    backoff = ExponentialBackoff(base=1, max=5)
    assert [backoff.next() for _ in range(4)] == [1, 2, 4, 5]
    assert backoff.current == 5
    backoff.reset()
    assert backoff.next() == 1
