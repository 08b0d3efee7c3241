"""Lavalink's ten filters with their limits and their JSON."""

from __future__ import annotations

from typing import Any

import pytest

from voxlink.client import (
    ChannelMix,
    Distortion,
    Equalizer,
    Filter,
    Karaoke,
    LowPass,
    Rotation,
    Timescale,
    Tremolo,
    Vibrato,
    Volume,
)

DEFAULTS: dict[type[Filter[Any]], dict[str, Any]] = {
    Karaoke: {"karaoke": {"level": 1.0, "monoLevel": 1.0, "filterBand": 220.0, "filterWidth": 100.0}},
    Timescale: {"timescale": {"speed": 1.0, "pitch": 1.0, "rate": 1.0}},
    Tremolo: {"tremolo": {"frequency": 2.0, "depth": 0.5}},
    Vibrato: {"vibrato": {"frequency": 2.0, "depth": 0.5}},
    Rotation: {"rotation": {"rotationHz": 0.0}},
    LowPass: {"lowPass": {"smoothing": 20.0}},
    ChannelMix: {"channelMix": {"leftToLeft": 1.0, "leftToRight": 0.0, "rightToLeft": 0.0, "rightToRight": 1.0}},
    Distortion: {
        "distortion": {
            "sinOffset": 0.0,
            "sinScale": 1.0,
            "cosOffset": 0.0,
            "cosScale": 1.0,
            "tanOffset": 0.0,
            "tanScale": 1.0,
            "offset": 0.0,
            "scale": 1.0,
        }
    },
    Volume: {"volume": 1.0},
    Equalizer: {"equalizer": [{"band": band, "gain": 0.0} for band in range(15)]},
}


@pytest.mark.parametrize("kind", DEFAULTS, ids=lambda kind: kind.__name__)
def test_defaults_and_json(kind: Any) -> None:
    assert kind().serialize() == DEFAULTS[kind]


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        (Timescale, {"speed": 0.09}),
        (Timescale, {"pitch": -1}),
        (Timescale, {"rate": 0}),
        (Tremolo, {"frequency": 0}),
        (Tremolo, {"depth": 0}),
        (Tremolo, {"depth": 1.1}),
        (Vibrato, {"frequency": 14.5}),
        (Vibrato, {"frequency": 0}),
        (Vibrato, {"depth": 0}),
        (Rotation, {"rotation_hz": -0.1}),
        (LowPass, {"smoothing": 1}),
        (ChannelMix, {"left_to_left": 1.1}),
        (ChannelMix, {"right_to_left": -0.1}),
        (Volume, {"volume": 5.1}),
        (Volume, {"volume": -1}),
        (Karaoke, {"level": float("nan")}),
    ],
)
def test_values_out_of_range_are_refused_in_constructor_and_update(kind: Any, bad: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        kind(**bad)
    made = kind()
    with pytest.raises(ValueError):
        made.update(**bad)
    assert made.serialize() == DEFAULTS[kind]


@pytest.mark.parametrize("kind", DEFAULTS, ids=lambda kind: kind.__name__)
def test_a_typo_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError):
        kind().update(no_such_value=1)


def test_update_keeps_what_is_not_given() -> None:
    made = Timescale(speed=1.5)
    made.update(pitch=0.8)
    assert made.values == {"speed": 1.5, "pitch": 0.8, "rate": 1.0}


def test_only_the_right_side_can_be_muted_on_purpose() -> None:
    made = ChannelMix()
    made.update(left_to_right=0.5)
    assert made.values["right_to_right"] == 1.0


def test_the_equalizer_takes_any_pairs() -> None:
    made = Equalizer()
    made.update(bands=((band, 0.25) for band in (0, 1)))
    made.update(bands=[[2, -0.25]])
    made.update(band=14, gain=1)
    assert [made.values[band] for band in (0, 1, 2, 3, 14)] == [0.25, 0.25, -0.25, 0.0, 1.0]


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"band": 1},
        {"band": 15, "gain": 0},
        {"band": 0, "gain": 1.1},
        {"bands": 5},
        {"bands": "ab"},
        {"bands": [(0, 0.1), (99, 0)]},
        {"bands": [1]},
        {"bands": [], "band": 1, "gain": 0},
    ],
)
def test_a_bad_equalizer_changes_nothing(bad: dict[str, Any]) -> None:
    made = Equalizer()
    with pytest.raises(ValueError):
        made.update(**bad)
    assert made.values == [0.0] * 15


@pytest.mark.parametrize("gains", [[0.0] * 16, [5.0], [-0.3]])
def test_a_bad_equalizer_is_not_made(gains: list[float]) -> None:
    with pytest.raises(ValueError):
        Equalizer(gains)


def test_a_short_equalizer_is_filled_and_json_is_a_copy() -> None:
    made = Equalizer([0.1])
    assert len(made.values) == 15
    karaoke = Karaoke()
    karaoke.serialize()["karaoke"]["level"] = 9
    assert karaoke.values["level"] == 1.0
