"""Ready-made sets of filters, and the container that combines them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from voxlink.client.filters.base import Filter
from voxlink.client.filters.effects import ChannelMix, Equalizer, Karaoke, LowPass, Rotation, Timescale, Tremolo
from voxlink.errors import BadType

__all__ = ["FilterSet", "Preset"]


class FilterSet:
    """Filters of different kinds, combined with `|` (the right side wins). Give one to `set_filters(*the_set)`.

    Iteration gives fresh copies, so that a preset is never changed by a player.
    """

    __slots__ = ("_filters",)

    def __init__(self, *filters: Filter[Any]) -> None:
        for item in filters:
            if not isinstance(item, Filter):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may be untyped
                raise BadType(f"a filter set holds filters, not {type(item).__name__}")
        self._filters = {type(item).__name__.lower(): item for item in filters}

    def __or__(self, other: FilterSet | Filter[Any]) -> FilterSet:
        others = (other,) if isinstance(other, Filter) else tuple(other)
        return FilterSet(*self, *others)

    def __iter__(self) -> Iterator[Filter[Any]]:
        return iter([copy.deepcopy(item) for item in self._filters.values()])

    def __len__(self) -> int:
        return len(self._filters)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FilterSet) and self._filters == other._filters

    def __hash__(self) -> int:
        return hash(frozenset(self._filters))

    def __repr__(self) -> str:
        return f"<FilterSet {', '.join(map(repr, self._filters.values()))}>"


def _bands(*gains: float) -> FilterSet:
    return FilterSet(Equalizer(gains))


class Preset:
    """Filter sets by name: `await player.set_filters(*Preset.NIGHTCORE)`."""

    BASSBOOST_LOW: Final = _bands(0.1, 0.1, 0.08, 0.05, 0.02, 0.0, -0.02)
    BASSBOOST_MED: Final = _bands(0.2, 0.18, 0.15, 0.1, 0.05, 0.0, -0.05)
    BASSBOOST_HIGH: Final = _bands(0.4, 0.35, 0.28, 0.18, 0.08, 0.0, -0.08)
    NIGHTCORE: Final = FilterSet(Timescale(speed=1.2, pitch=1.2, rate=1.0))
    VAPORWAVE: Final = FilterSet(Timescale(speed=0.85, pitch=0.8, rate=1.0), Tremolo(frequency=14.0, depth=0.3))
    EIGHT_D: Final = FilterSet(Rotation(0.2))
    SOFT: Final = FilterSet(LowPass(20.0))
    POP: Final = _bands(-0.05, -0.03, 0.0, 0.05, 0.1, 0.12, 0.12, 0.1, 0.05, 0.02, 0.0, -0.02, -0.03, -0.04, -0.05)
    ROCK: Final = _bands(0.15, 0.13, 0.1, 0.05, -0.02, -0.05, -0.06, -0.04, 0.0, 0.05, 0.08, 0.1, 0.12, 0.13, 0.13)
    CLASSICAL: Final = _bands(0.1, 0.08, 0.06, 0.04, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.03, 0.05, 0.08, 0.1, 0.1)
    ELECTRONIC: Final = _bands(0.18, 0.16, 0.1, 0.03, -0.03, -0.06, -0.03, 0.0, 0.03, 0.06, 0.08, 0.1, 0.12, 0.14, 0.15)
    GAMING: Final = _bands(0.1, 0.08, 0.05, 0.0, -0.02, -0.03, 0.0, 0.04, 0.08, 0.1, 0.12, 0.1, 0.08, 0.05, 0.03)
    KARAOKE: Final = FilterSet(Karaoke())
    MONO: Final = FilterSet(ChannelMix(0.5, 0.5, 0.5, 0.5))
    LEFT_ONLY: Final = FilterSet(ChannelMix(1.0, 1.0, 0.0, 0.0))
    RIGHT_ONLY: Final = FilterSet(ChannelMix(0.0, 0.0, 1.0, 1.0))
