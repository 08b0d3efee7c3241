"""Blocks: gain, fades and frames."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.audio import FRAME_SAMPLES, FrameCutter, amplify, clip, crossfade, silence, volume_gain


@given(st.lists(st.integers(0, 5000), max_size=12))
def test_where_blocks_are_cut_cannot_be_heard(lengths: list[int]) -> None:
    sound = np.arange(2 * sum(lengths), dtype=np.float32).reshape(-1, 2)
    cutter = FrameCutter()
    frames = []
    start = 0
    for length in lengths:
        frames += cutter.push(sound[start : start + length])
        start += length
        assert cutter.held == start % FRAME_SAMPLES
    last = cutter.flush()
    frames += [] if last is None else [last]
    assert all(frame.shape == (FRAME_SAMPLES, 2) for frame in frames)
    heard = np.concatenate([silence(0), *frames])
    np.testing.assert_array_equal(heard[: len(sound)], sound)
    assert not heard[len(sound) :].any()
    assert len(heard) - len(sound) < FRAME_SAMPLES
    assert cutter.flush() is None


def test_a_reset_cutter_forgets_what_waited() -> None:
    cutter = FrameCutter()
    list(cutter.push(np.ones((100, 2), dtype=np.float32)))
    cutter.reset()
    assert cutter.held == 0
    assert cutter.flush() is None


@pytest.mark.parametrize(("volume", "gain"), [(0, 0.0), (50, 0.417), (100, 1.0), (150, 2.462), (1000, 16.41)])
def test_volume_follows_lavalinks_curve(volume: int, gain: float) -> None:
    assert volume_gain(volume) == pytest.approx(gain, abs=0.01)


@given(st.integers(-10, 1000))
def test_more_volume_is_never_quieter(volume: int) -> None:
    assert 0 <= volume_gain(volume) <= volume_gain(volume + 1) + 0.01  # 100 is 1 and not 1.0096


def test_the_usual_volume_leaves_the_samples_alone() -> None:
    block = np.full((3, 2), 1.5, dtype=np.float32)
    assert amplify(block, volume_gain(100)) is block


@given(st.floats(0, 20, allow_nan=False))
def test_amplified_sound_stays_within_full_scale(gain: float) -> None:
    block = np.linspace(-1, 1, 200, dtype=np.float32).reshape(-1, 2)
    louder = amplify(block, gain)
    assert louder.dtype == np.float32
    assert np.abs(louder).max() <= 1
    np.testing.assert_allclose(louder, np.clip(block * gain, -1, 1), atol=1e-6)
    assert not math.isnan(float(clip(block).sum()))


def test_a_crossfade_begins_old_and_ends_new() -> None:
    old, new = np.full((960, 2), 1, dtype=np.float32), np.full((960, 2), -1, dtype=np.float32)
    mixed = crossfade(old, new)
    assert mixed.dtype == np.float32
    assert mixed[0, 0] == pytest.approx(1, abs=0.01)
    assert mixed[-1, 1] == pytest.approx(-1, abs=0.01)
    assert np.all(np.diff(mixed[:, 0]) < 0)


@given(st.integers(0, 960))
def test_a_crossfade_between_equals_changes_nothing(length: int) -> None:
    block = np.linspace(-1, 1, 2 * length, dtype=np.float32).reshape(-1, 2)
    np.testing.assert_allclose(crossfade(block, block), block, atol=1e-7)
