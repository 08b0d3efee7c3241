"""Loads are shares of the time since the last sample; memory adds up."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.nodeserver.load import CpuTimes, LoadMeter, Machine, busy_and_total, cpu_times, process_memory


def test_the_first_sample_knows_nothing() -> None:
    assert LoadMeter(2).sample(0.0, CpuTimes(5, 10, 3)) == (0.0, 0.0)


def test_loads_are_shares_of_all_cores() -> None:
    meter = LoadMeter(cores=4)
    meter.sample(0.0, CpuTimes(busy=100, total=1000, process=10))
    assert meter.sample(10.0, CpuTimes(busy=110, total=1040, process=30)) == (0.25, 0.5)


def test_samples_that_come_too_soon_repeat_the_last() -> None:
    meter = LoadMeter(1)
    meter.sample(0.0, CpuTimes(0, 0, 0))
    first = meter.sample(10.0, CpuTimes(5, 10, 1))
    assert meter.sample(10.1, CpuTimes(50, 51, 9)) == first


@given(st.lists(st.tuples(*[st.floats(0, 1e9)] * 4), max_size=20))
def test_loads_are_fractions_whatever_the_clocks_say(readings: list[tuple[float, float, float, float]]) -> None:
    meter = LoadMeter(2)
    for now, busy, total, process in readings:
        system, own = meter.sample(now, CpuTimes(busy, total, process))
        assert 0 <= system <= 1
        assert 0 <= own <= 1


def test_a_line_of_proc_stat_is_read() -> None:
    assert busy_and_total("cpu  100 0 50 800 40 4 3 3 99 0") == (160, 1000)


def test_this_machine_has_figures() -> None:
    machine = Machine()
    memory = machine.memory()
    assert memory.free + memory.used == memory.allocated <= memory.reservable
    assert machine.cpu().cores == os.cpu_count()
    assert machine.uptime_ms() >= 0
    assert cpu_times().process > 0
    if sys.platform == "linux":
        assert memory.used > 10_000_000


@pytest.mark.parametrize("missing", [True, False])
def test_a_machine_without_proc_still_answers(monkeypatch: pytest.MonkeyPatch, missing: bool) -> None:
    if missing:
        monkeypatch.setattr("voxlink.nodeserver.load._read", lambda _: "")
    used, peak = process_memory()
    assert peak >= used >= 0
    assert cpu_times().total > 0
