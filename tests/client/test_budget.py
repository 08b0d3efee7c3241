"""How much failure is put up with."""

import pytest

from voxlink.client.budget import ErrorBudget, ErrorPolicy
from voxlink.errors import BadValue


def test_the_fourth_failure_within_the_window_exceeds_the_budget() -> None:
    budget = ErrorBudget(ErrorPolicy(max_errors=3, window_s=35))
    assert [budget.record(now) for now in (0, 1, 2, 3)] == [False, False, False, True]


def test_old_failures_are_forgotten() -> None:
    budget = ErrorBudget(ErrorPolicy(max_errors=3, window_s=35))
    assert not any(budget.record(now * 20) for now in range(20))


def test_waits_grow_from_the_second_failure_on() -> None:
    budget = ErrorBudget(ErrorPolicy(max_errors=9, first_delay_s=0.5, max_delay_s=2))
    delays = []
    for now in range(5):
        budget.record(now)
        delays.append(budget.delay_s())
    assert delays == [0, 0.5, 1, 2, 2]


def test_success_clears_the_slate() -> None:
    budget = ErrorBudget(ErrorPolicy(max_errors=1))
    budget.record(0)
    budget.clear()
    assert (budget.count, budget.record(1)) == (0, False)


@pytest.mark.parametrize("bad", [{"max_errors": 0}, {"window_s": 0}, {"first_delay_s": -1}])
def test_a_policy_that_makes_no_sense_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(BadValue):
        ErrorPolicy(**bad)  # type: ignore[arg-type]
