"""Playlist files: their first address, which is all that Lavalink takes from them (server.md 5.3 and 5.4)."""

from __future__ import annotations

import re
from typing import NamedTuple

from voxlink.errors import LoadFailed

MAX_BYTES = 1 << 20
"""More of a playlist than this is not read."""

_ADDRESS = ("http://", "https://", "icy://")
_PLS_LINE = re.compile(r"\s*(File|Title)(\d{1,9})\s*=\s*(.*?)\s*$", re.IGNORECASE)


class Entry(NamedTuple):
    """One address in a playlist and what the playlist calls it."""

    address: str
    title: str | None


def first_entry(data: bytes, kind: str) -> Entry:
    """Return the first address in a playlist of this kind: `m3u`, `pls` or `plain`.

    Raises LoadFailed for a playlist without http addresses (names of local files are never followed) and for HLS.
    """
    text = _decoded(data)
    entry = _first_of_pls(text) if kind == "pls" else _first_of_lines(text)
    if kind == "m3u" and "#EXT-X-" in text:
        raise LoadFailed("HLS streams cannot be played.", "common", "the playlist has #EXT-X- lines")
    if entry is None:
        raise LoadFailed("The playlist file contains no links.", "common")
    return entry


def _decoded(data: bytes) -> str:
    data = data[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _first_of_lines(text: str) -> Entry | None:
    title: str | None = None
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("#EXTINF:"):
            title = line.partition(",")[2].strip() or None
        elif line.startswith(_ADDRESS):
            return Entry(line, title)
        elif line:
            title = None
    return None


def _first_of_pls(text: str) -> Entry | None:
    found: dict[tuple[str, int], str] = {}
    for line in text.splitlines():
        if (match := _PLS_LINE.match(line)) is not None and match[3]:
            found.setdefault((match[1].lower(), int(match[2])), match[3])
    numbers = sorted(number for (key, number), value in found.items() if key == "file" and value.startswith(_ADDRESS))
    return Entry(found["file", numbers[0]], found.get(("title", numbers[0]))) if numbers else None
