"""A position is the last report, carried forward."""

from hypothesis import given
from hypothesis import strategies as st

from voxlink.client.position import PositionClock

times = st.floats(0, 1e6)


def test_it_runs_stops_and_goes_on() -> None:
    clock = PositionClock()
    clock.set(1000, 10, running=True)
    assert clock.at(12) == 3000
    clock.pause(12)
    clock.pause(20)  # it has stood still since 12
    assert (clock.at(50), clock.anchored_at) == (3000, 12)
    clock.resume(50)
    assert clock.at(51) == 4000


@given(times, times, st.integers(0, 10**7), st.booleans(), st.integers(1, 10**7))
def test_it_never_leaves_the_track(start: float, now: float, position: int, running: bool, duration: int) -> None:
    clock = PositionClock()
    clock.set(position, start, running=running)
    assert 0 <= clock.at(now, duration) <= duration


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=20))
def test_only_the_time_in_which_it_ran_counts(steps: list[tuple[bool, float]]) -> None:
    clock, now, expected, running = PositionClock(), 0.0, 0.0, True
    clock.set(0, 0, running=True)
    for runs, passed in steps:
        if runs and not running:
            clock.resume(now)
        elif not runs and running:
            clock.pause(now)
        running = runs
        now += passed
        expected += passed * 1000 if running else 0
    assert abs(clock.at(now) - expected) <= len(steps) + 1
