"""A player's filters as one JSON object, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import msgspec

from voxlink.client.filters.base import Filter
from voxlink.client.filters.effects import (
    ChannelMix,
    Distortion,
    Equalizer,
    Karaoke,
    LowPass,
    Rotation,
    Timescale,
    Tremolo,
    Vibrato,
    Volume,
)
from voxlink.protocol import Filters

__all__ = ["BUILT_IN", "RawFilter", "filters_from_json", "filters_to_json", "is_heard", "speed_of"]


class RawFilter(Filter[Any]):
    """A filter that is known only by its JSON: one that another client set, or a plugin's. Its values are not
    checked.
    """

    __slots__ = ("name",)

    def __init__(self, name: str, values: Any, plugin_filter: bool = True) -> None:
        super().__init__(values, plugin_filter)
        self.name = name

    def update(self, **kwargs: Any) -> None:
        """Change keys of the payload, under the names of the wire."""
        old: Any = self.values
        self.values = {**(cast("dict[str, Any]", old) if isinstance(old, dict) else {}), **kwargs}

    def serialize(self) -> dict[str, Any]:
        """The name and the payload as they came."""
        return {self.name: self.values}


def filters_to_json(filters: Iterable[Filter[Any]]) -> dict[str, Any]:
    """One `filters` object; those of plugins stand under `pluginFilters`."""
    body: dict[str, Any] = {}
    plugins: dict[str, Any] = {}
    for item in filters:
        (plugins if item.plugin_filter else body).update(item.serialize())
    if plugins:
        body["pluginFilters"] = plugins
    return body


_NAMED: dict[str, tuple[type[Filter[Any]], Callable[[Mapping[str, Any]], dict[str, Any]]]] = {}


def _snake(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"".join("_" + c.lower() if c.isupper() else c for c in key): value for key, value in payload.items()}


for _kind in (Karaoke, Timescale, Tremolo, Vibrato, Distortion, Rotation, ChannelMix, LowPass):
    _NAMED[_kind._KEY] = (_kind, _snake)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the package's own

BUILT_IN = frozenset({"volume", "equalizer", *_NAMED})
"""Lavalink's own filters, by their names on the wire."""


def is_heard(item: Filter[Any]) -> bool:
    """Whether a filter changes the sound, by its values; what cannot be judged does."""
    try:
        return bool(msgspec.convert(filters_to_json([item]), Filters).audible())
    except msgspec.ValidationError:
        return True


def speed_of(body: Mapping[str, Any]) -> float:
    """How much of a track goes by in a second under a `filters` object: the timescale's speed times its rate."""
    try:
        return float(body["timescale"].get("speed", 1.0)) * float(body["timescale"].get("rate", 1.0))
    except (KeyError, AttributeError, TypeError, ValueError):
        return 1.0


def filters_from_json(body: Mapping[str, Any]) -> dict[str, Filter[Any]]:
    """The filters of a `filters` object by the name under which a player keeps them.

    What our classes cannot hold (values that another client sent out of range, plugins) is kept as it came.
    """
    found: dict[str, Filter[Any]] = {}
    for name, payload in body.items():
        if name == "pluginFilters":
            plugins: Mapping[str, Any] = payload or {}
            found.update({key.lower(): RawFilter(key, value) for key, value in plugins.items()})
        elif payload is not None:
            found[name.lower()] = _read(name, payload)
    return found


def _read(name: str, payload: Any) -> Filter[Any]:
    try:
        if name == "volume":
            return Volume(payload)
        if name == "equalizer":
            equalizer = Equalizer()
            equalizer.update(bands=[(item["band"], item.get("gain", 1.0)) for item in payload])
            return equalizer
        if name in _NAMED:
            kind, rename = _NAMED[name]
            return kind(**rename(cast("Mapping[str, Any]", payload)))
    except (TypeError, ValueError, KeyError, AttributeError):
        pass
    return RawFilter(name, payload, plugin_filter=False)
