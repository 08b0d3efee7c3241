"""What must hold before a player change is applied, in Lavalink's order (server.md 1.7): nothing is done yet."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import UNSET
from msgspec.structs import replace

from voxlink.errors import InvalidChange
from voxlink.playback import check_change
from voxlink.protocol import Filters, UpdatePlayer

EQUALIZER_BANDS = 15


def checked(change: UpdatePlayer, disabled_filters: Collection[str]) -> UpdatePlayer:
    """Return the change with settled filters; raise for the first rule that it breaks.

    Plugin filters that no plugin has are dropped silently, as in Lavalink. Raises InvalidChange, or FilterUnavailable
    for filters that would change the sound and that this node does not have.
    """
    check_change(replace(change, filters=UNSET, voice=UNSET, end_time=UNSET))
    if change.filters is not UNSET:
        _check_filters(change.filters, disabled_filters)
        change = replace(change, filters=change.filters.settled())
    check_change(change)
    return change


def _check_filters(filters: Filters, disabled: Collection[str]) -> None:
    named = [name for name in filters.named() if name in disabled]
    if named:
        raise InvalidChange(f"Following filters are disabled in the config: {', '.join(named)}")
    for band in filters.equalizer or ():
        if not 0 <= band.band < EQUALIZER_BANDS:
            raise InvalidChange(f"filters.equalizer: band must be from 0 to {EQUALIZER_BANDS - 1}, got {band.band}")
