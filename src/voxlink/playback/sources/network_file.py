"""A remote file as a blocking file object: a worker thread reads what the event loop fetches ahead of it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import threading
from collections.abc import Callable

from voxlink._util.tasks import Tasks
from voxlink.playback.sources.download import Body, Download, DownloadLimits, Opener

_SHORT_GAP = 256 << 10
"""A jump forward of up to so many bytes is read and thrown away, which is quicker than asking anew."""


class NetworkFile(io.RawIOBase):
    """A file object over downloads. `read` blocks, the rest does not; made in the event loop, used in one thread.

    Two downloads are kept: opening a file looks at its end and comes back. `read` raises OSError (ConnectionError,
    TimeoutError) when the file cannot be fetched any further, and ValueError after `close`, from any thread, which
    also wakes a `read`.
    """

    def __init__(
        self,
        opener: Opener,
        body: Body,
        size: int | None,
        *,
        tasks: Tasks,
        limits: DownloadLimits,
        patience_s: float,
        is_live: bool = False,
    ) -> None:
        """Begin to fetch. `patience_s` is the longest that a `read` waits, whatever happens in the event loop."""
        super().__init__()
        self.failure: Exception | None = None
        """What `read` raised last, if it ever did."""
        self._opener = opener
        self._size = size
        self._tasks = tasks
        self._limits = limits
        self._patience_s = patience_s
        self._is_live = is_live
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._at = 0
        self._is_closed = False
        self._running: dict[Download, asyncio.Task[None]] = {}
        self._downloads: list[Download] = [self._new_download(0)]
        self._start(self._downloads[0], body)

    def _new_download(self, at: int) -> Download:
        return Download(self._opener, at, self._size, limits=self._limits, changed=self._changed, is_live=self._is_live)

    def _start(self, download: Download, body: Body | None = None) -> None:
        """Run a download. In the event loop only."""
        if self._is_closed:
            if body is not None:
                body.close()
            return
        task = self._running[download] = self._tasks.spawn(download.run(body), "download")
        if body is not None:
            task.add_done_callback(lambda _: body.close())  # a task that is cancelled at once never runs

    def _stop(self, downloads: list[Download]) -> None:
        """Stop downloads. In the event loop only."""
        for download in downloads:
            if (task := self._running.pop(download, None)) is not None:
                task.cancel()

    def _in_loop(self, work: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # a loop that has ended has stopped everything itself
            self._loop.call_soon_threadsafe(work, *args)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Whether the file has a known size, so that any place of it can be asked for."""
        return self._size is not None

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Note where to read next; nothing is fetched before the next `read`."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base is None or base + offset < 0:
            raise OSError("there is no such place in the stream")
        self._at = base + offset
        return self._at

    def rewind(self) -> None:
        """Go back to the beginning, which also works without a known size as long as no more was read than is kept."""
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, at least one; empty at the end of the file only."""
        count = size if size >= 0 else self._limits.read_ahead_bytes
        with self._changed:
            while True:
                if self._is_closed:
                    raise ValueError("the file was closed")
                if self._size is not None and self._at >= self._size:
                    return b""
                download = self._download_at(self._at)
                if data := download.read(self._at, count):
                    self._at += len(data)
                    return data
                if download.is_complete:
                    return b""
                if download.error is not None:
                    self.failure = download.error
                    raise OSError(str(download.error) or type(download.error).__name__) from download.error
                if not self._changed.wait(self._patience_s):
                    self.failure = TimeoutError(f"nothing came for {self._patience_s:g} s")
                    raise self.failure

    def _download_at(self, at: int) -> Download:
        """Return the download that has this place or soon will, started if need be. The last used one is first."""
        for download in self._downloads:
            window = download.window
            reaches = download.error is None and not download.is_complete
            if window.covers(at) or (reaches and window.end < at <= window.end + _SHORT_GAP):
                self._downloads.remove(download)
                self._downloads.insert(0, download)
                return download
        fresh = self._new_download(at)
        dropped = self._downloads[1:]
        self._downloads = [fresh, *self._downloads[:1]]
        self._in_loop(self._stop, dropped)
        self._in_loop(self._start, fresh)
        return fresh

    def close(self) -> None:
        """Hang up and wake a waiting `read`. From any thread; twice is once."""
        with self._changed:
            if not self._is_closed:
                self._is_closed = True
                self._changed.notify_all()
                self._in_loop(self._stop_all)
        super().close()

    def _stop_all(self) -> None:
        self._stop(list(self._running))
