"""What every filter is: values, a checked `update`, and the JSON that Lavalink expects."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from voxlink.errors import BadType, BadValue

__all__ = ["Filter", "Limit"]

FilterValueT = TypeVar("FilterValueT", bound=dict[str, Any] | list[float] | float)


class Filter(ABC, Generic[FilterValueT]):
    """A Lavalink audio filter. `values` is its state; `plugin_filter` says that a plugin of the server provides it."""

    __slots__ = ("plugin_filter", "values")

    def __init__(self, values: FilterValueT, plugin_filter: bool = False) -> None:
        self.values = values
        self.plugin_filter = plugin_filter

    @abstractmethod
    def update(self, **kwargs: Any) -> None:
        """Change the values that are given and keep the others."""

    @abstractmethod
    def serialize(self) -> dict[str, Any]:
        """The filter as Lavalink's JSON: its name and its payload."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and getattr(other, "values", None) == self.values

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.values}>"


class Limit:
    """A range of a value. Bounds may be left open; `above` and `below` are excluded, `least` and `most` are allowed."""

    __slots__ = ("above", "least", "most")

    def __init__(self, *, least: float | None = None, above: float | None = None, most: float | None = None) -> None:
        self.least = least
        self.above = above
        self.most = most

    def check(self, name: str, value: Any) -> float:
        """The value as a float. Raises `BadType` or `BadValue` naming the argument and the range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadType(f"{name} must be a number, not {type(value).__name__}")
        number = float(value)
        fits = (
            math.isfinite(number)
            and (self.least is None or number >= self.least)
            and (self.above is None or number > self.above)
            and (self.most is None or number <= self.most)
        )
        if not fits:
            raise BadValue(f"{name} must be {self}, not {value}")
        return number

    def __str__(self) -> str:
        words = [
            *([f"at least {self.least:g}"] if self.least is not None else []),
            *([f"above {self.above:g}"] if self.above is not None else []),
            *([f"at most {self.most:g}"] if self.most is not None else []),
        ]
        return " and ".join(words) or "a finite number"


def check_all(limits: Mapping[str, Limit], given: Mapping[str, Any]) -> dict[str, float]:
    """Check every given value before any is taken. Raises `BadType` for a name that the filter does not have."""
    unknown = set(given) - set(limits)
    if unknown:
        raise BadType(f"unknown argument {', '.join(sorted(unknown))}; this filter has {', '.join(limits)}")
    return {name: limits[name].check(name, value) for name, value in given.items()}
