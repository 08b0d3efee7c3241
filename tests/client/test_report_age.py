"""A report that was held up is as old as its delay, whatever the node's clock says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voxlink.client.report_age import ReportAge


def test_the_quickest_report_is_new_and_a_late_one_is_as_old_as_its_delay() -> None:
    age = ReportAge()
    assert age.age_s(1_700_000_000_000, 10.0) == 0
    assert age.age_s(1_700_000_005_000, 18.0) == 3.0
    assert age.age_s(1_700_000_010_000, 20.0) == 0


def test_a_clock_that_was_set_back_is_believed_at_last() -> None:
    age = ReportAge()
    assert age.age_s(1_700_000_000_000, 0.0) == 0
    assert [age.age_s(1_699_999_990_000 + 1000 * at, float(at)) for at in (30, 61, 122, 123)] == [10.0, 10.0, 0.0, 0.0]
    assert age.age_s(1_600_000_000_000, 124.0) == 0


def test_a_report_without_a_time_is_new() -> None:
    assert ReportAge().age_s(0, 5.0) == 0


@given(st.lists(st.tuples(st.integers(0, 2**41), st.floats(0, 1e6)), max_size=20))
def test_an_age_is_never_negative_nor_absurd(reports: list[tuple[int, float]]) -> None:
    age = ReportAge()
    for time_ms, now in reports:
        assert 0 <= age.age_s(time_ms, now) <= 60.0


def test_the_answer_to_a_request_is_new() -> None:
    age = ReportAge()
    age.learn({"state": {"time": 1_700_000_000_000}}, 10.0)
    age.learn({"state": None}, 10.0)
    age.learn(None, 10.0)
    assert age.age_s(1_700_000_000_000, 14.0) == 4.0
