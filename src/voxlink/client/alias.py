"""`import lavalink` becomes ours: for code that cannot change its imports, such as a third-party cog."""

from __future__ import annotations

import importlib
import sys

from voxlink.errors import UsageError

__all__ = ["LAVALINK_PATHS", "install_as_lavalink"]

LAVALINK_PATHS = (
    "abc", "backoff", "client", "common", "dataio", "errors", "events", "filters", "models", "node", "nodemanager",
    "player", "playermanager", "server", "source_decoders", "stats", "transport", "utfm_codec", "utils",
)  # fmt: skip
"""Lavalink.py's submodules; each is a module of ours under the same name."""


def install_as_lavalink() -> None:
    """Make `import lavalink` and its submodules give Voxlink. Call it before anything imports `lavalink`.

    Calling it again does nothing. Raises `UsageError` when the real package was imported already: two object models in
    one program would not recognise each other's players.
    """
    ours = importlib.import_module("voxlink")
    present = sys.modules.get("lavalink")
    if present is ours:
        return
    if present is not None:
        raise UsageError("lavalink is imported already; call voxlink.install_as_lavalink() before that")
    sys.modules["lavalink"] = ours
    for path in LAVALINK_PATHS:
        sys.modules[f"lavalink.{path}"] = importlib.import_module(f"voxlink.{path}")
