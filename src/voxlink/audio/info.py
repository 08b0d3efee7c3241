"""What a media file says about itself, taken as Lavalink takes it (server.md 5.3 and 5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from voxlink.audio import libav
from voxlink.audio.probe import id3_bytes, mp3_frame_bytes

_STREAMS = frozenset({"adts", "mpegts-adts"})
"""Containers that are always streams: they announce no length."""

_LENGTH_NEEDS_THE_END = frozenset({"mp3", "ogg"})
"""Containers whose length is worked out from the end or the size of the file."""


class MediaInfo(NamedTuple):
    """What a media file says about itself; None where it says nothing."""

    container: str
    """Lavalink's probe name: `mp3`, `flac`, `ogg`, `wav`, `matroska/webm`, `mp4`, `adts` or `mpegts-adts`."""

    codec: str
    """FFmpeg's name of the codec: `opus`, `vorbis`, `mp3`, `aac` …"""

    title: str | None
    author: str | None
    isrc: str | None
    length_ms: int | None
    is_seekable: bool


def media_info(source: libav.Input, container: str, *, can_seek: bool) -> MediaInfo:
    """Describe an open container; `can_seek` says whether the file below can go back and forth."""
    tags = source.tags
    is_stream = container in _STREAMS or (container in _LENGTH_NEEDS_THE_END and not can_seek)
    length_ms = None if is_stream else source.length_ms
    return MediaInfo(
        container=container,
        codec=source.codec,
        title=_first(tags, "title"),
        author=_first(tags, "artist", "author"),
        isrc=_first(tags, "isrc", "tsrc"),
        length_ms=length_ms,
        is_seekable=can_seek and length_ms is not None,
    )


def _first(tags: Mapping[str, str], *names: str) -> str | None:
    texts = (tags.get(name, "").strip("\0 \t\r\n") for name in names)
    return next((text for text in texts if text), None)


def announced_ms(source: libav.Input, container: str, head: bytes) -> int | None:
    """Return the length that the file was made with, so that a shorter one means that a part is missing; or None.

    An mp3 without a frame count is estimated from its size, Ogg is read from the end, and the length of a film says
    little of its sound.
    """
    if container == "wav":
        return _wav_ms(head)
    is_announced = (
        container in {"flac", "mp4"}
        or (container == "mp3" and _counts_frames(head))
        or (container == "matroska/webm" and not source.has_video)
    )
    return source.length_ms if is_announced else None


def _wav_ms(head: bytes) -> int | None:
    """Length of the data chunk by its header; FFmpeg's is cut to the size of the file. Recorders write 0 or -1."""
    form, data = head.find(b"fmt "), head.find(b"data")
    if form < 0 or data < form + 20 or len(head) < data + 8:
        return None
    bytes_per_s = int.from_bytes(head[form + 16 : form + 20], "little")
    size = int.from_bytes(head[data + 4 : data + 8], "little")
    return size * 1000 // bytes_per_s if bytes_per_s and 0 < size < 0x7FFF_0000 else None


def _counts_frames(head: bytes) -> bool:
    """Whether the first frame of an mp3 carries a frame count (Xing, Info or VBRI header)."""
    start = id3_bytes(head)
    while 0 <= start < len(head) - 4:
        if mp3_frame_bytes(head[start : start + 4]):
            first = head[start : start + 64]
            return b"Xing" in first or b"Info" in first or b"VBRI" in first
        start = head.find(0xFF, start + 1)
    return False
