"""Gaps and jitter of arrival times."""

from __future__ import annotations

import pytest

from voxlink.testing.pacing import measure_pacing


def test_perfect_arrivals_have_no_jitter() -> None:
    pacing = measure_pacing([0.02 * n for n in range(500)])
    assert pacing.packets == 500
    assert pacing.median_ms == pytest.approx(20)
    assert pacing.p99_ms == pytest.approx(20)
    assert pacing.max_gap_ms == pytest.approx(20)
    assert pacing.jitter_ms == pytest.approx(0, abs=1e-6)
    assert pacing.p99_error_ms == pytest.approx(0, abs=1e-6)


def test_jitter_is_that_of_rfc_3550() -> None:
    # One packet 16 ms late: the first gap adds 16/16, the shorter one after it 16/16 less what decayed.
    pacing = measure_pacing([0.0, 0.036, 0.040])
    assert pacing.jitter_ms == pytest.approx(1 + (16 - 1) / 16)
    assert pacing.max_gap_ms == pytest.approx(36)


def test_one_late_packet_in_a_thousand_is_seen_by_the_maximum_only() -> None:
    arrivals = [0.02 * n + (0.1 if n == 500 else 0.0) for n in range(1000)]
    pacing = measure_pacing(sorted(arrivals))
    assert pacing.max_gap_ms > 39
    assert pacing.p99_ms == pytest.approx(20)


def test_a_pause_after_the_end_of_speech_is_not_a_gap() -> None:
    arrivals = [0.0, 0.02, 12.0, 12.02]
    assert measure_pacing(arrivals, {1}).max_gap_ms == pytest.approx(20)
    assert measure_pacing(arrivals).max_gap_ms == pytest.approx(11_980)


@pytest.mark.parametrize("arrivals", [[], [1.0]])
def test_too_few_packets_measure_nothing(arrivals: list[float]) -> None:
    assert measure_pacing(arrivals).median_ms == 0
    assert measure_pacing(arrivals).packets == len(arrivals)
