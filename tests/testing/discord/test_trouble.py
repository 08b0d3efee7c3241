"""The vocabulary of trouble: each word does what it says, as often as it says, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.discord.trouble import Dispatch, Trouble

UPDATE = Dispatch("VOICE_SERVER_UPDATE", {"endpoint": "here", "token": "t"})
OTHER = Dispatch("VOICE_STATE_UPDATE", {})


@given(st.integers(0, 5), st.integers(0, 8))
def test_as_many_events_are_lost_as_was_said(times: int, sent: int) -> None:
    trouble = Trouble()
    for _ in range(times):
        trouble.lose(UPDATE.name)
    arrived = [one for _ in range(sent) for one in trouble.on_dispatch(UPDATE)]
    assert len(arrived) == max(0, sent - times)
    assert trouble.on_dispatch(OTHER) == [OTHER]


def test_repeated_and_delayed() -> None:
    trouble = Trouble()
    trouble.repeat(UPDATE.name)
    trouble.delay(UPDATE.name, 0.5)
    assert trouble.on_dispatch(UPDATE) == [UPDATE, UPDATE]
    assert [one.delay_s for one in trouble.on_dispatch(UPDATE)] == [0.5]
    assert trouble.on_dispatch(UPDATE) == [UPDATE]


def test_a_null_endpoint_comes_before_the_right_one_or_alone() -> None:
    trouble = Trouble()
    trouble.null_endpoint(then_after_s=0.2)
    null, right = trouble.on_dispatch(UPDATE)
    assert null.data["endpoint"] is None
    assert (right.data, right.delay_s) == (UPDATE.data, 0.2)
    trouble.null_endpoint(then_after_s=None)
    assert [one.data["endpoint"] for one in trouble.on_dispatch(UPDATE)] == [None]


@given(st.integers())
def test_the_seed_repeats_a_day(seed: int) -> None:
    def day() -> list[float]:
        trouble = Trouble(seed)
        trouble.jitter(UPDATE.name, 0.1, times=5)
        return [one.delay_s for _ in range(5) for one in trouble.on_dispatch(UPDATE)]

    assert day() == day()
    assert all(0 <= delay <= 0.1 for delay in day())


def test_requests_run_into_trouble_by_method_and_path() -> None:
    trouble = Trouble()
    trouble.fail("POST", "/messages", times=2)
    trouble.rate_limit("GET", "/users", retry_after_s=3)
    assert trouble.on_request("GET", "/messages") is None
    assert [getattr(trouble.on_request("POST", "/channels/1/messages"), "status", 0) for _ in range(3)] == [502, 502, 0]
    limited = trouble.on_request("GET", "/users/@me")
    assert limited is not None
    assert (limited.status, limited.retry_after_s) == (429, 3)


def test_clearing_ends_all_trouble() -> None:
    trouble = Trouble(server_update_first=True)
    trouble.lose(UPDATE.name)
    trouble.fail("GET", "/")
    trouble.clear()
    assert trouble.on_dispatch(UPDATE) == [UPDATE]
    assert trouble.on_request("GET", "/") is None
    assert not trouble.server_update_first
