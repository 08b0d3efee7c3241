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


def test_the_place_in_the_track_goes_by_the_speeds_that_it_was_played_at() -> None:
    clock = PositionClock()
    clock.set(1000, 0, running=True)
    clock.change_speed(2.0, 10)
    assert (clock.at(10), clock.media_at(10), clock.speed) == (11_000, 11_000, 2.0)
    assert (clock.at(15), clock.media_at(15)) == (16_000, 21_000)
    clock.report(16_000, 15, running=True)
    clock.pause(20)
    clock.resume(100)
    clock.change_speed(0.5, 100)
    assert (clock.at(110), clock.media_at(110)) == (31_000, 36_000)
    clock.set(5000, 110, running=True)  # a seek
    assert (clock.at(112), clock.media_at(112), clock.media_at(112, 5500)) == (7000, 6000, 5500)


@given(times, times, st.integers(0, 10**7))
def test_without_a_speed_the_place_is_the_position(start: float, now: float, position: int) -> None:
    clock = PositionClock()
    clock.set(position, start, running=True)
    assert abs(clock.media_at(now) - clock.at(now)) <= 1
