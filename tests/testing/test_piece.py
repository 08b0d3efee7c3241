"""The piece that Voxlink brings along."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from voxlink.audio import open_media
from voxlink.testing import align, bundled_piece

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    with open_media(bundled_piece()) as media:
        return np.concatenate([block.samples for block in media.blocks()])


def test_it_is_small_and_says_what_it_is() -> None:
    assert bundled_piece().stat().st_size < 600_000
    with open_media(bundled_piece()) as media:
        assert (media.info.title, media.info.author) == ("Twenty Milliseconds", "The Voxlink authors")
        assert media.info.length_ms == pytest.approx(27_000, abs=10)
        assert media.is_passthrough


def test_it_has_what_a_test_of_sound_needs(sound: np.ndarray) -> None:
    assert len(sound) >= 20 * 48_000
    assert np.abs(sound).max() < 1
    assert np.abs(sound.mean(axis=0)).max() < 1e-3
    assert np.corrcoef(sound.T)[0, 1] < 0.9
    seconds = sound[: len(sound) // 48_000 * 48_000].reshape(-1, 48_000, 2)
    assert np.sqrt((seconds**2).mean(axis=1)).min() > 0.03
    level = np.sqrt((sound[: len(sound) // 480 * 480].reshape(-1, 480, 2) ** 2).mean(axis=(1, 2)))
    assert (level[1:] > 3 * level[:-1]).sum() >= 10  # transients: from one 10 ms to the next three times the level


def test_it_is_what_the_composer_composes(sound: np.ndarray) -> None:
    composed = runpy.run_path(str(ROOT / "tools" / "compose_piece.py"))["compose"]()
    comparison = align(sound, composed.astype(np.float32))
    assert comparison.offset_samples == 0
    assert min(comparison.worst_second) > 0.99
