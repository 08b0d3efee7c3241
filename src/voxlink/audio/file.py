"""The file under a media: opened with named errors, its first bytes kept for the probes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, cast

from voxlink.audio.probe import HEAD_BYTES, id3_bytes, probe
from voxlink.errors import MediaError, MediaUnreadable, SeekFailed

_UNDER_ID3 = frozenset({"flac", "adts"})
"""Containers that some programs write behind an ID3 tag, which by itself means mp3."""


def open_file(path: Path) -> MediaFile:
    """Open a regular file. Raises MediaUnreadable for what is missing, a directory, a pipe, or forbidden."""
    try:
        if path.exists() and not path.is_file():
            raise MediaUnreadable("it is a directory" if path.is_dir() else "it is not a regular file")
        return MediaFile(path.open("rb"))
    except (OSError, ValueError) as error:
        raise MediaUnreadable(getattr(error, "strerror", None) or str(error)) from error


class MediaFile:
    """A readable object, its first bytes (`head`), whether it can seek (`can_seek`) and its `size` if that is known.

    Raises MediaUnreadable, with the object's own error as the cause, when it cannot be read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        try:
            self.can_seek = bool(getattr(file, "seekable", lambda: False)())
            self.size = self._measured() if self.can_seek else None
            self.head = self._read_at_start()
        except MediaError:
            file.close()
            raise
        except (OSError, ValueError) as error:
            file.close()
            raise MediaUnreadable(str(error) or type(error).__name__) from error

    def _measured(self) -> int:
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        return size

    def _read_at_start(self) -> bytes:
        head = self._read(HEAD_BYTES)
        if self.can_seek:
            self._file.seek(0)
        return head

    def _read(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count > 0 and (part := self._file.read(count)):
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def container(self, hint: str | None) -> str | None:
        """Return the probe name of what the file holds, None if nothing is known to begin like this."""
        behind_tag = id3_bytes(self.head)
        if behind_tag:
            begin = self.head[behind_tag:]
            if not begin and self.can_seek:
                self._file.seek(behind_tag)
                begin = self._read(HEAD_BYTES)
                self._file.seek(0)
            under = probe(begin)
            if under in _UNDER_ID3:
                return under
        return probe(self.head, hint)

    def rewound(self) -> BinaryIO:
        """Return the object at its beginning again. Raises SeekFailed."""
        try:
            self._file.seek(0)
        except (OSError, ValueError) as error:
            raise SeekFailed(str(error)) from error
        return self._file

    def for_libav(self) -> BinaryIO:
        """Return the object that FFmpeg reads: one without `seek` where there is none."""
        return self._file if self.can_seek else cast("BinaryIO", _Replay(self.head, self._file))

    def close(self) -> None:
        """Close the object."""
        self._file.close()


class _Replay:
    """Reads the first bytes again and then the rest of an object that cannot go back."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file

    def read(self, count: int) -> bytes:
        if not self._head:
            return self._file.read(count)
        part, self._head = self._head[:count], self._head[count:]
        return part
