"""Files of this machine: any path of an existing regular file is an identifier."""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

from voxlink.audio import HEAD_BYTES, PLAYLISTS, Media, open_media, probe
from voxlink.errors import MediaUnreadable
from voxlink.playback.sources.playlist import MAX_BYTES, Entry, first_entry
from voxlink.playback.sources.source import Reference, in_thread, track_of
from voxlink.protocol import Loaded, LoadedTrack, Track


class LocalSource:
    """The source `local`. Relative paths are taken from the working directory; there is no prefix and no listing."""

    name = "local"

    def __init__(self, threads: Executor) -> None:
        """Read in these threads."""
        self._threads = threads

    async def load(self, reference: Reference) -> Loaded | Reference | None:
        """See `Source`: None for what is no existing regular file."""
        return await in_thread(self._threads, _forget, _load, reference)

    async def open(self, track: Track) -> Media:
        """See `Source`."""
        return await in_thread(self._threads, Media.close, open_media, track.info.identifier)

    async def close(self) -> None:
        """See `Source`: there is nothing to stop."""


def _forget(_: object) -> None:
    """Nothing is open in what was loaded too late."""


def _load(reference: Reference) -> Loaded | Reference | None:
    path = Path(reference.identifier)
    try:
        if not reference.identifier or not path.is_file():
            return None
    except (OSError, ValueError):  # a name that is too long or holds a zero names no file
        return None
    entry = _playlist_entry(path)
    if entry is not None:
        return Reference(entry.address, entry.title)
    with open_media(path) as media:
        return LoadedTrack(track_of("local", reference.identifier, media.info, title=reference.title))


def _playlist_entry(path: Path) -> Entry | None:
    """Return where the file points to if it is a playlist."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            kind = probe(head, path.suffix)
            return first_entry(head + file.read(MAX_BYTES), kind) if kind in PLAYLISTS else None
    except OSError as error:
        raise MediaUnreadable(error.strerror or str(error)) from error
