"""Voxlink: sound for Discord bots. The front door: every name here is lazy and lives in a room below."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from voxlink._version import __version__ as __version__

if TYPE_CHECKING:
    from voxlink.errors import VoxlinkError

__title__ = "voxlink"
__author__ = "The Voxlink authors"
__license__ = "MIT"
__copyright__ = "Copyright 2026 The Voxlink authors"

_HOMES: dict[str, str] = {
    "VoxlinkError": "voxlink.errors",
}
"""Each public name and the room it lives in."""

__all__ = ["VoxlinkError"]


def __getattr__(name: str) -> Any:
    """Import a public name from its room when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
