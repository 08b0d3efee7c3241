"""What an encoded track says, field by field, and the numbers that its reader and its writer share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["CURRENT_VERSION", "SIZE_MASK", "VERSIONED", "TrackFields"]

CURRENT_VERSION = 3

VERSIONED = 1 << 30
"""The flag in the header which says that a version follows."""

SIZE_MASK = VERSIONED - 1
"""The header's bits that hold the size of what follows."""

TrackFields = tuple[
    int,  # version
    str,  # title
    str,  # author
    int,  # length in ms
    str,  # identifier
    bool,  # is it a stream
    str | None,  # uri
    str | None,  # artwork's URL
    str | None,  # ISRC
    str,  # source's name
    Mapping[str, Any],  # the source's fields, by Lavalink.py's names
    bytes,  # the same as they came: what lies between the source's name and the position
    int,  # position in ms
]
"""A track's fields in the order of the format; a plain tuple, because tracks come by the thousand."""
