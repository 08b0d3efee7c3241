"""A remote file behaves like a file."""

from __future__ import annotations

import asyncio
import logging
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playback.sources.test_download import FILE, Part
from voxlink._util.tasks import Tasks
from voxlink.playback.sources import network_file
from voxlink.playback.sources.download import Body, DownloadLimits, Opener
from voxlink.playback.sources.network_file import NetworkFile

LIMITS = DownloadLimits(read_ahead_bytes=600, history_bytes=100, retries=1, backoff_s=0.0)


class Silent(Part):
    """A body that never brings anything."""

    async def chunk(self) -> bytes:
        await asyncio.Event().wait()
        return b""


async def part(at: int) -> Body:
    return Part(at)


def remote(
    tasks: Tasks,
    *,
    body: Part | None = None,
    opener: Opener = part,
    size: int | None = len(FILE),
    patience_s: float = 60,
) -> NetworkFile:
    return NetworkFile(opener, body or Part(0), size, tasks=tasks, limits=LIMITS, patience_s=patience_s)


def tasks() -> Tasks:
    return Tasks(logging.getLogger("test"))


steps = st.one_of(
    st.tuples(st.just("read"), st.integers(1, 700)),
    st.tuples(st.just("seek"), st.integers(0, len(FILE) + 50)),
    st.tuples(st.just("end"), st.integers(-300, 0)),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(steps, max_size=15))
async def test_reads_and_seeks_agree_with_the_file(script: list[tuple[str, int]]) -> None:
    owner = tasks()
    file = remote(owner)

    def run() -> None:
        at = 0
        for what, number in script:
            if what == "read":
                data = file.read(number)
                assert data == FILE[at : at + len(data)]
                assert data or at >= len(FILE)
                at += len(data)
            elif what == "seek":
                at = file.seek(number)
                assert at == number
            else:
                at = file.seek(number, os.SEEK_END)
                assert at == len(FILE) + number
            assert file.tell() == at
        file.close()

    await asyncio.to_thread(run)
    await owner.close()


async def test_looking_at_the_end_and_coming_back_asks_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_file, "_SHORT_GAP", 10)
    owner = tasks()
    asked: list[int] = []

    async def opener(at: int) -> Body:
        asked.append(at)
        return Part(at)

    file = remote(owner, opener=opener)

    def run() -> bytes:
        file.read(50)
        file.seek(-20, os.SEEK_END)
        assert file.read(20) == FILE[-20:]
        file.seek(0)
        return b"".join(iter(lambda: file.read(300), b""))

    assert await asyncio.to_thread(run) == FILE
    assert asked == [len(FILE) - 20]
    file.close()
    await owner.close()


async def test_a_short_jump_forward_asks_for_nothing() -> None:
    owner = tasks()

    async def opener(at: int) -> Body:
        pytest.fail(f"asked for {at}")

    file = remote(owner, opener=opener)

    def run() -> bytes:
        file.seek(3000)
        return file.read(10)

    assert await asyncio.to_thread(run) == FILE[3000:3010]
    file.close()
    await owner.close()


async def test_without_a_size_it_cannot_seek_but_can_begin_again() -> None:
    owner = tasks()
    file = remote(owner, size=None)
    assert not file.seekable()
    assert file.readable()
    with pytest.raises(OSError, match="no such place"):
        file.seek(0, os.SEEK_END)
    assert await asyncio.to_thread(file.read, 20) == FILE[:20]
    file.rewind()
    assert await asyncio.to_thread(lambda: b"".join(iter(lambda: file.read(), b""))) == FILE
    file.close()
    await owner.close()


@pytest.mark.parametrize("by_the_owner", [False, True])
async def test_closing_wakes_a_waiting_reader(by_the_owner: bool) -> None:
    owner = tasks()
    file = remote(owner, body=Silent(0))
    reading = asyncio.create_task(asyncio.to_thread(file.read, 10))
    await asyncio.sleep(0)
    if by_the_owner:
        await owner.close()
    else:
        file.close()
    with pytest.raises((ValueError, OSError), match=r"closed|stopped"):
        await asyncio.wait_for(reading, 10)
    file.close()
    await owner.close()


async def test_a_read_ends_even_if_nothing_ever_happens() -> None:
    owner = tasks()
    file = remote(owner, body=Silent(0), patience_s=0.05)
    with pytest.raises(TimeoutError, match=r"nothing came for 0\.05 s"):
        await asyncio.to_thread(file.read, 10)
    assert isinstance(file.failure, TimeoutError)
    file.close()
    await owner.close()


async def test_a_first_body_is_closed_even_if_its_task_never_ran() -> None:
    owner = tasks()
    body = Silent(0)
    file = remote(owner, body=body)
    file.close()
    await owner.close()
    await asyncio.sleep(0)
    assert body.is_closed
