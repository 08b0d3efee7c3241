"""The body of a player's PATCH, checked field by field before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from voxlink.client.common import MISSING
from voxlink.client.filters.base import Filter
from voxlink.client.filters.wire import filters_to_json
from voxlink.errors import BadType, BadValue

__all__ = ["VOLUME_LIMIT", "checked_end_time", "checked_flag", "checked_position", "checked_volume", "player_body"]

VOLUME_LIMIT = 1000
"""Lavalink's highest volume, in percent."""


def player_body(
    *,
    encoded_track: str | None = MISSING,
    identifier: str = MISSING,
    position: int = MISSING,
    end_time: int | None = MISSING,
    volume: int = MISSING,
    paused: bool = MISSING,
    filters: Iterable[Filter[Any]] | None = MISSING,
    voice_state: Mapping[str, Any] = MISSING,
    user_data: Mapping[str, Any] | None = MISSING,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Lavalink's body for what is given (`...` is "not given"). Raises `BadValue` or `BadType` naming the argument.

    `encoded_track` None stops, `end_time` None clears the end, `filters` None or empty clears them. `user_data` alone
    changes that of the current track. `extra` is merged as it is.
    """
    body: dict[str, Any] = {}
    track = _track_of(encoded_track, identifier, user_data)
    if track:
        body["track"] = track
    for key, name, value, check in (
        ("position", "position", position, checked_position),
        ("volume", "volume", volume, checked_volume),
        ("paused", "paused", paused, checked_flag),
    ):
        if value is not MISSING and value is not None:  # pyright: ignore[reportUnnecessaryComparison]
            body[key] = check(name, value)
    if end_time is not MISSING:
        body["endTime"] = None if end_time is None else checked_end_time("end_time", end_time)
    if filters is not MISSING:
        body["filters"] = filters_to_json(_checked_filters(filters))
    if voice_state is not MISSING and voice_state:
        body["voice"] = dict(voice_state)
    body.update(extra or {})
    return body


def _track_of(encoded_track: Any, identifier: Any, user_data: Any) -> dict[str, Any]:
    """The `track` of the body; empty when nothing is said about one."""
    if encoded_track is not MISSING and identifier is not MISSING:
        raise BadValue("encoded_track and identifier exclude each other")
    track: dict[str, Any] = {}
    if encoded_track is not MISSING:
        track["encoded"] = encoded_track
    elif identifier is not MISSING:
        track["identifier"] = identifier
    if user_data is not MISSING and user_data is not None and encoded_track is not None:
        if not isinstance(user_data, Mapping):
            raise BadType(f"user_data must be a mapping, not {type(user_data).__name__}")
        track["userData"] = user_data
    return track


def _checked_filters(filters: Iterable[Filter[Any]] | None) -> list[Filter[Any]]:
    found = list(filters or ())
    for item in found:
        if not isinstance(item, Filter):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise BadType(f"filters must hold filters, not {type(item).__name__}")
    return found


def checked_position(name: str, value: Any) -> int:
    """A position in ms. A float is cut to whole ms, as bots compute them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"{name} must be a number of milliseconds, not {value!r}")
    if not 0 <= value < 2**63:
        raise BadValue(f"{name} must be at least 0, not {value}")
    return int(value)


def checked_end_time(name: str, value: Any) -> int:
    """An end time in ms, at least 1 (Lavalink refuses 0)."""
    number = checked_position(name, value)
    if number < 1:
        raise BadValue(f"{name} must be at least 1, not {value}")
    return number


def checked_volume(name: str, value: Any) -> int:
    """A volume from 0 to 1000."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadType(f"{name} must be a whole number, not {type(value).__name__}")
    if not 0 <= value <= VOLUME_LIMIT:
        raise BadValue(f"{name} must be from 0 to {VOLUME_LIMIT}, not {value}")
    return value


def checked_flag(name: str, value: Any) -> bool:
    """True or False, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise BadType(f"{name} must be True or False, not {value!r}")
    return value
