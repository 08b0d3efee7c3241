"""What a source is: it knows what an identifier names and opens the sound of its tracks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple, ParamSpec, Protocol, TypeVar

from voxlink.audio import Media, MediaInfo
from voxlink.protocol import UNKNOWN_LENGTH_MS, Loaded, Track, TrackInfo, encode_wire_track

_P = ParamSpec("_P")
_T = TypeVar("_T")

_NEVER_STREAMS = frozenset({"wav", "matroska/webm"})
"""Containers that Lavalink never calls streams, even with an unknown length (server.md 5.3)."""


class Reference(NamedTuple):
    """An identifier that only points to another one: a redirect, or the first entry of a playlist."""

    identifier: str
    title: str | None = None
    """What the playlist calls it; tags of the file itself win."""


class Source(Protocol):
    """One place that tracks come from."""

    @property
    def name(self) -> str:
        """The `sourceName` of its tracks."""
        ...

    async def load(self, reference: Reference) -> Loaded | Reference | None:
        """Find what an identifier names; None if it is not this source's. Raises LoadFailed or the MediaError family.

        Cancelling leaves nothing open.
        """
        ...

    async def open(self, track: Track) -> Media:
        """Open the sound of one of its tracks. Raises LoadFailed or the MediaError family.

        The media blocks, so use and close it in a worker thread. Cancelling leaves nothing open.
        """
        ...

    async def close(self) -> None:
        """Stop what the source runs in the background; media that are still open end with an error."""
        ...


def track_of(
    source_name: str, identifier: str, info: MediaInfo, *, title: str | None = None, author: str | None = None
) -> Track:
    """Make the track of a media file; the file's own tags win over `title` and `author` (server.md 5.5)."""
    is_stream = info.length_ms is None and info.container not in _NEVER_STREAMS
    described = TrackInfo(
        identifier=identifier,
        is_seekable=info.is_seekable,
        author=info.author or author or "Unknown artist",
        length=UNKNOWN_LENGTH_MS if info.length_ms is None else info.length_ms,
        is_stream=is_stream,
        position=0,
        title=info.title or title or "Unknown title",
        uri=identifier,
        source_name=source_name,
        isrc=info.isrc,
    )
    track = Track("", described, {"probeInfo": info.container})
    return Track(encode_wire_track(track), described, track.plugin_info)


async def in_thread(
    threads: Executor, discard: Callable[[_T], None], work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs
) -> _T:
    """Run a blocking call in a thread; if the caller is cancelled meanwhile, `discard` gets what comes too late."""
    future = threads.submit(work, *args, **kwargs)
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        future.add_done_callback(lambda late: None if late.cancelled() or late.exception() else discard(late.result()))
        raise
