"""Downloads: ahead of their reader but not too far, and on again after each break."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxlink.errors import LoadFailed
from voxlink.playback.sources.download import Body, Download, DownloadLimits

FILE = bytes(range(256)) * 20
LARGEST_CHUNK = 400
LIMITS = DownloadLimits(read_ahead_bytes=600, history_bytes=100, retries=3, backoff_s=0.0)


class Part:
    """A body that gives `FILE` from an offset on in chunks, and breaks after `limit` bytes if there is one."""

    def __init__(self, begin: int, *, limit: int | None = None, chunk: int = 200, skip: int = 0) -> None:
        self.begin = begin + skip
        self._rest = FILE[begin:] if limit is None else FILE[begin : begin + limit]
        self._breaks = limit is not None
        self._chunk = chunk
        self.is_closed = False

    async def chunk(self) -> bytes:
        if not self._rest and self._breaks:
            raise ConnectionResetError("cut")
        data, self._rest = self._rest[: self._chunk], self._rest[self._chunk :]
        return data

    def close(self) -> None:
        self.is_closed = True


def download(opener: Callable[[int], Body], *, size: int | None = len(FILE), is_live: bool = False) -> Download:
    async def opened(at: int) -> Body:
        return opener(at)

    return Download(opened, 0, size, limits=LIMITS, changed=threading.Condition(), is_live=is_live)


async def read_all(subject: Download) -> bytes:
    """Read while the download runs, until it has ended."""
    task = asyncio.create_task(subject.run())
    got = b""
    while not task.done() or subject.window.end > len(got):
        assert subject.window.end - len(got) <= LIMITS.read_ahead_bytes + LARGEST_CHUNK
        data = subject.read(len(got), 150)
        got += data
        if not data:
            await asyncio.sleep(0)
    await task
    return got


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 900), max_size=5), st.integers(20, LARGEST_CHUNK))
async def test_breaks_cannot_be_noticed(limits: list[int], chunk: int) -> None:
    bodies: list[Part] = []
    left = list(limits)

    def opener(at: int) -> Part:
        bodies.append(Part(at, limit=left.pop() if left else None, chunk=chunk))
        return bodies[-1]

    subject = download(opener)
    assert await read_all(subject) == FILE
    assert subject.is_complete
    assert subject.error is None
    assert all(body.is_closed for body in bodies)


async def test_a_server_that_begins_anew_is_read_up_to_the_place() -> None:
    begins: list[int] = []

    def opener(at: int) -> Part:
        begins.append(at)
        return Part(0, limit=1000 if at == 0 else None)

    assert await read_all(download(opener)) == FILE
    assert begins == [0, 1000]


async def test_a_download_waits_for_its_reader() -> None:
    subject = download(lambda at: Part(at))
    task = asyncio.create_task(subject.run())
    for _ in range(200):
        await asyncio.sleep(0)
    assert LIMITS.read_ahead_bytes <= subject.window.end < LIMITS.read_ahead_bytes + 200
    subject.read(0, 500)
    for _ in range(200):
        await asyncio.sleep(0)
    assert subject.window.end >= 500 + LIMITS.read_ahead_bytes
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(subject.error, ConnectionAbortedError)


async def test_attempts_that_bring_nothing_are_counted() -> None:
    tried: list[int] = []

    def opener(at: int) -> Part:
        tried.append(at)
        if len(tried) == 1:
            return Part(0, limit=500)
        raise TimeoutError("silent")

    subject = download(opener)
    assert await read_all(subject) == FILE[:500]
    assert str(subject.error) == "silent"
    assert tried == [0, *[500] * LIMITS.retries]


async def test_a_refusal_is_not_tried_again() -> None:
    tried: list[int] = []

    def opener(at: int) -> Part:
        tried.append(at)
        raise LoadFailed("gone")

    subject = download(opener)
    assert await read_all(subject) == b""
    assert isinstance(subject.error, LoadFailed)
    assert tried == [0]


async def test_a_short_body_is_noticed() -> None:
    class Short(Part):
        def __init__(self, begin: int) -> None:
            super().__init__(begin)
            self._rest = self._rest[:100] if begin < 100 else b""

    subject = download(Short)
    await read_all(subject)
    assert str(subject.error) == f"the server sent 100 of {len(FILE)} bytes"


async def test_a_body_that_leaves_out_a_part_is_refused() -> None:
    subject = download(lambda at: Part(at, skip=5))
    assert await read_all(subject) == b""
    assert "left out" in str(subject.error)


@pytest.mark.parametrize(("is_live", "expected"), [(True, FILE[:500] + FILE), (False, FILE[:500])])
async def test_only_a_live_stream_of_unknown_length_goes_on_after_a_break(is_live: bool, expected: bytes) -> None:
    bodies = [Part(0, limit=500), Part(0)]
    subject = download(lambda _: bodies.pop(0), size=None, is_live=is_live)
    assert await read_all(subject) == expected
    assert subject.is_complete == is_live
