"""The piece of music that Voxlink brings along, for tests and for hearing that everything works."""

from __future__ import annotations

from pathlib import Path

__all__ = ["bundled_piece"]


def bundled_piece() -> Path:
    """Return the path of "Twenty Milliseconds": 27 s of stereo music with transients, as Ogg Opus of 20 ms packets.

    It was made for Voxlink and is under its licence; `tools/compose_piece.py` in the repository composes it.
    """
    return Path(__file__).parent / "music" / "twenty-milliseconds.opus"
