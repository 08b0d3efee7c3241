"""Finding a piece in what was heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.media import plucks
from voxlink.testing import align

SOURCE = plucks(5)


@settings(deadline=None, max_examples=8)
@given(st.integers(-40_000, 40_000), st.floats(0.05, 2))
def test_the_place_is_found_whatever_the_level(offset: int, level: float) -> None:
    lead = np.zeros((max(0, offset), 2), dtype=np.float32)
    comparison = align(np.concatenate([lead, SOURCE[max(0, -offset) :] * np.float32(level)]), SOURCE)
    assert comparison.offset_samples == offset
    assert min(comparison.correlation) == pytest.approx(1, abs=1e-4)
    assert min(comparison.worst_second) == pytest.approx(1, abs=1e-4)
    assert comparison.length_difference_ms == pytest.approx(offset / 48)


def test_a_bad_second_on_one_side_is_found_there() -> None:
    heard = SOURCE.copy()
    heard[3 * 48_000 : 3 * 48_000 + 24_000, 1] = 0
    comparison = align(heard, SOURCE)
    assert comparison.worst_second[0] == pytest.approx(1)
    assert comparison.worst_second[1] < 0.9
    assert 2_000 <= comparison.worst_second_at_ms[1] <= 3_500
    assert comparison.correlation[1] > comparison.worst_second[1]


def test_a_frame_that_was_left_out_spoils_what_follows() -> None:
    heard = np.concatenate([SOURCE[: 2 * 48_000], SOURCE[2 * 48_000 + 960 :]])
    comparison = align(heard, SOURCE)
    assert min(comparison.worst_second) < 0.9
    assert comparison.length_difference_ms == pytest.approx(-20)


def test_swapped_sides_are_not_alike() -> None:
    assert max(align(SOURCE[:, ::-1].copy(), SOURCE).correlation) < 0.95


def test_silence_is_like_silence_and_like_nothing_else() -> None:
    silent = np.zeros_like(SOURCE)
    assert align(silent, silent).correlation == (1, 1)
    assert align(silent, SOURCE).correlation == (0, 0)
    assert align(silent[:0], SOURCE).correlation == (0, 0)
