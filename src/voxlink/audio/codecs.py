"""Which of the codecs that music comes in this machine's FFmpeg can decode."""

from __future__ import annotations

import av

DECODERS = ("mp3float", "aac", "flac", "vorbis", "opus", "alac", "pcm_s16le")
"""FFmpeg's names. Every wheel of PyAV has them all; an FFmpeg of one's own may not."""


def missing_decoders() -> list[str]:
    """Return the names of DECODERS that are not there; an empty list is what one wants."""
    return [name for name in DECODERS if name not in av.codecs_available]
