"""Presets and the set that combines filters."""

import pytest

from voxlink.client import FilterSet, LowPass, Preset, Rotation, Timescale
from voxlink.client.filters.wire import filters_to_json

NAMES = [name for name in vars(Preset) if name.isupper()]


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_is_a_set_that_a_node_accepts(name: str) -> None:
    body = filters_to_json(getattr(Preset, name))
    assert body


def test_there_are_all_that_were_promised() -> None:
    assert set(NAMES) == {
        "BASSBOOST_LOW", "BASSBOOST_MED", "BASSBOOST_HIGH", "NIGHTCORE", "VAPORWAVE", "EIGHT_D", "SOFT", "POP", "ROCK",
        "CLASSICAL", "ELECTRONIC", "GAMING", "KARAOKE", "MONO", "LEFT_ONLY", "RIGHT_ONLY",
    }  # fmt: skip


def test_sets_combine_and_the_right_side_wins() -> None:
    both = Preset.NIGHTCORE | LowPass(5) | FilterSet(Timescale(speed=2))
    assert filters_to_json(both) == {
        "timescale": {"speed": 2.0, "pitch": 1.0, "rate": 1.0},
        "lowPass": {"smoothing": 5.0},
    }
    assert len(both) == 2


def test_a_preset_is_never_changed_by_its_user() -> None:
    next(iter(Preset.EIGHT_D)).update(rotation_hz=9)
    assert FilterSet(Rotation(0.2)) == Preset.EIGHT_D


def test_only_filters_go_in() -> None:
    with pytest.raises(TypeError):
        FilterSet(5)  # type: ignore[arg-type]
