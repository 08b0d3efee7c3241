"""The API document's filters: every limit, every value, and what a player does with them."""

from __future__ import annotations

from typing import Any

import pytest

from client.world import GUILD, join, world
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

LIMITS: list[tuple[Any, str, list[float], list[float]]] = [
    (Timescale, "speed", [0.1, 9], [0.099, 0, -1]),
    (Timescale, "pitch", [0.1, 9], [0.099, 0, -1]),
    (Timescale, "rate", [0.1, 9], [0.099, 0, -1]),
    (Tremolo, "frequency", [0.001, 99], [0, -1]),
    (Tremolo, "depth", [0.001, 1], [0, 1.001]),
    (Vibrato, "frequency", [0.001, 14], [0, 14.001]),
    (Vibrato, "depth", [0.001, 1], [0, 1.001]),
    (Rotation, "rotation_hz", [0, 9], [-0.001]),
    (LowPass, "smoothing", [1.001, 99], [1, 0]),
    (ChannelMix, "left_to_left", [0, 1], [-0.001, 1.001]),
    (ChannelMix, "left_to_right", [0, 1], [-0.001, 1.001]),
    (ChannelMix, "right_to_left", [0, 1], [-0.001, 1.001]),
    (ChannelMix, "right_to_right", [0, 1], [-0.001, 1.001]),
    (Volume, "volume", [0, 5], [-0.001, 5.001]),
]


@pytest.mark.parametrize(("kind", "name", "good", "bad"), LIMITS)
def test_a_value_within_its_limits_is_taken_and_one_beyond_them_refused(
    kind: Any, name: str, good: list[float], bad: list[float]
) -> None:
    made = kind()
    for value in good:
        made.update(**{name: value})
        assert made == kind(**{name: value})
    before = made.serialize()
    for value in bad:
        with pytest.raises(ValueError, match=name):
            made.update(**{name: value})
    assert made.serialize() == before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *[(kind, name) for kind, name, *_ in LIMITS],
        (Karaoke, "level"),
        (Karaoke, "filter_width"),
        (Distortion, "scale"),
    ],
)
def test_what_is_no_finite_number_is_refused_by_every_filter(kind: Any, name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        kind().update(**{name: value})


def test_an_equalizer_has_bands_0_to_14_with_gains_from_a_quarter_less_to_1() -> None:
    made = Equalizer()
    assert made.values == [0.0] * 15
    for band in (0, 14):
        made.update(band=band, gain=-0.25)
        made.update(bands=[(band, 1.0)])
        assert made.values[band] == 1.0
    before = list(made.values)
    for band, gain in ((-1, 0.0), (15, 0.0), (0, -0.251), (0, 1.001), (0, float("nan"))):
        with pytest.raises(ValueError, match=r"band|gain"):
            made.update(band=band, gain=gain)
        with pytest.raises(ValueError, match=r"band|gain"):
            made.update(bands=[(1, 0.5), (band, gain)])
    assert made.values == before


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Karaoke, {"level": 0.5, "mono_level": 0.6, "filter_band": 200.0, "filter_width": 90.0}),
        (Timescale, {"speed": 1.5, "pitch": 0.8, "rate": 1.2}),
        (Tremolo, {"frequency": 4.0, "depth": 0.75}),
        (Vibrato, {"frequency": 4.0, "depth": 0.75}),
        (Rotation, {"rotation_hz": 0.2}),
        (LowPass, {"smoothing": 15.0}),
        (ChannelMix, {"left_to_left": 0.1, "left_to_right": 0.2, "right_to_left": 0.3, "right_to_right": 0.4}),
        (
            Distortion,
            {
                name: index / 10
                for index, name in enumerate(
                    ["sin_offset", "sin_scale", "cos_offset", "cos_scale", "tan_offset", "tan_scale", "offset", "scale"]
                )
            },
        ),
    ],
)
def test_every_value_reaches_lavalink_under_its_name(kind: Any, values: dict[str, float]) -> None:
    made = kind()
    for name, value in values.items():
        made.update(**{name: value})
    (found,) = made.serialize().values()
    assert found == {camel(name): value for name, value in values.items()}
    assert made == kind(**values)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


async def test_the_volume_filter_is_not_the_players_volume() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        assert Volume().serialize() == {"volume": 1.0}
        await player.set_filter(Volume(2))
        assert fake.patches(GUILD)[-1] == {"filters": {"volume": 2.0}}
        assert (player.volume, fake.player(GUILD).volume) == (100, 100)


async def test_a_filter_that_is_set_again_takes_the_place_of_the_first() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        for put in (player.set_filter, player.set_filters):
            await player.clear_filters()
            await put(Timescale(speed=2))
            await put(Timescale(pitch=0.5))
            wanted = {"timescale": {"speed": 1.0, "pitch": 0.5, "rate": 1.0}}
            assert fake.patches(GUILD)[-1] == {"filters": wanted}
            assert {name: one.serialize() for name, one in player.filters.items()} == {"timescale": wanted}


class Echo(Filter[dict[str, Any]]):
    def __init__(self) -> None:
        super().__init__({"delay": 1.0}, plugin_filter=True)

    def update(self, **kwargs: Any) -> None:
        self.values.update(kwargs)

    def serialize(self) -> dict[str, Any]:
        return {"echo": self.values}


async def test_a_plugins_filter_is_one_and_lavalinks_is_not() -> None:
    async with world() as (made, _node, fake):
        player, mine = await join(made), Echo()
        assert (mine.values, mine.plugin_filter, LowPass().plugin_filter) == ({"delay": 1.0}, True, False)
        await player.set_filters(mine, LowPass(5))
        assert fake.patches(GUILD)[-1]["filters"] == {
            "pluginFilters": {"echo": {"delay": 1.0}},
            "lowPass": {"smoothing": 5.0},
        }


async def test_a_filter_that_is_not_set_is_not_found_and_one_that_is_removed_is_taken_from_the_node() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        assert player.get_filter(Timescale) is player.get_filter("timescale") is None
        for names in ((Timescale,), ("timescale",)):
            await player.set_filter(Timescale(speed=2))
            await player.remove_filter(*names)
            assert fake.patches(GUILD)[-1] == {"filters": {}}
            assert (player.filters, player.get_filter(Timescale)) == ({}, None)
        before = len(fake.patches(GUILD))
        await player.set_filters(Timescale(speed=2), LowPass(5), Rotation(1))
        await player.remove_filters("timescale", LowPass)
        assert len(fake.patches(GUILD)) == before + 2
        assert fake.patches(GUILD)[-1] == {"filters": {"rotation": {"rotationHz": 1.0}}}
