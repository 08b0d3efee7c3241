"""Positions of decoded sound count samples."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from support.media import KINDS, make_media, plucks
from voxlink.audio.decoding import Decoding, TimedBlock
from voxlink.audio.libav import Input
from voxlink.errors import DecodeFailed


def run(path: Path, container: str, *, target: Fraction | None = None, lose: range = range(0)) -> list[TimedBlock]:
    with path.open("rb") as file:
        source = Input(file, container)
        decoding = Decoding(source, target=target)
        blocks: list[TimedBlock] = []
        number = 0
        while (packet := source.read()) is not None:
            if number not in lose:
                blocks += decoding.push(packet)
            number += 1
        blocks += decoding.finish()
        assert float(decoding.end * 1000) == pytest.approx(blocks[-1].position_ms + len(blocks[-1].samples) / 48)
        source.close()
    return blocks


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_follow_each_other_without_a_hole(kind: str, tmp_path: Path) -> None:
    blocks = run(make_media(tmp_path / "a", plucks(2), kind), KINDS[kind].container)
    expected_ms = 0.0
    for block in blocks:
        assert block.position_ms == pytest.approx(expected_ms, abs=1e-6)
        assert block.samples.dtype == np.float32
        assert block.samples.shape[1] == 2
        expected_ms += len(block.samples) / 48


@pytest.mark.parametrize("kind", KINDS)
def test_sound_before_the_target_is_thrown_away_to_the_sample(kind: str, tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(2), kind)
    whole = np.concatenate([block.samples for block in run(path, KINDS[kind].container)])
    target = Fraction(33_333, 48_000)
    blocks = run(path, KINDS[kind].container, target=target)
    assert blocks[0].position_ms == pytest.approx(float(target * 1000))
    np.testing.assert_array_equal(np.concatenate([block.samples for block in blocks]), whole[33_333:])


def test_a_hole_in_the_file_moves_the_position(tmp_path: Path) -> None:
    path = make_media(tmp_path / "a", plucks(3), "webm-opus")
    blocks = run(path, "matroska/webm", lose=range(50, 100))
    jumps = [
        later.position_ms - earlier.position_ms - len(earlier.samples) / 48
        for earlier, later in itertools.pairwise(blocks)
    ]
    assert max(jumps) == pytest.approx(1000, abs=1)
    assert blocks[-1].position_ms == pytest.approx(3000, abs=30)


class Broken:
    """Decodes nothing."""

    start = Fraction(0)

    def decode(self, packet: object) -> list[object]:
        if packet is None:
            return []
        raise DecodeFailed("bad packet")


def test_a_damaged_packet_is_passed_over_and_fifty_in_a_row_are_too_many() -> None:
    decoding = Decoding(Broken())  # pyright: ignore[reportArgumentType]
    for _ in range(49):
        assert decoding.push(object()) == []  # pyright: ignore[reportArgumentType]
    with pytest.raises(DecodeFailed, match="bad packet"):
        decoding.push(object())  # pyright: ignore[reportArgumentType]


def test_a_run_of_nothing_but_damage_is_an_error() -> None:
    decoding = Decoding(Broken())  # pyright: ignore[reportArgumentType]
    decoding.push(object())  # pyright: ignore[reportArgumentType]
    with pytest.raises(DecodeFailed, match="no packet"):
        decoding.finish()
