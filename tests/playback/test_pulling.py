"""Pieces are taken from a program only as fast as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from voxlink.playback.pulling import Pieces, pull
from voxlink.playback.workers import Workers


class Basket:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended: list[str | None] = []
        self.news = asyncio.Event()

    def put(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.news.set()

    def end(self, reason: str | None = None) -> None:
        self.ended.append(reason)
        self.news.set()


class Tune:
    """A generator that notes when it is asked and when it is closed."""

    def __init__(self, count: int, *, fails: bool = False) -> None:
        self.count = count
        self.fails = fails
        self.asked = 0
        self.is_closed = False

    def plain(self) -> Iterator[bytes]:
        try:
            for number in range(self.count):
                self.asked += 1
                yield b"%d" % number
            if self.fails:
                raise ValueError("out of tune")
        finally:
            self.is_closed = True

    async def asynchronous(self) -> AsyncIterator[bytes]:
        try:
            for piece in self.plain():
                yield piece
        finally:
            self.is_closed = True


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers(1)
    yield made
    await made.close()


def pieces_of(tune: Tune, kind: str) -> Pieces:
    return tune.plain() if kind == "plain" else tune.asynchronous()


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_all_pieces_come_in_order_and_then_the_end(kind: str, workers: Workers) -> None:
    basket, tune = Basket(), Tune(20)
    await pull(pieces_of(tune, kind), basket, asyncio.Semaphore(100), workers)
    assert basket.pieces == [b"%d" % n for n in range(20)]
    assert basket.ended == [None]
    assert tune.is_closed


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_no_piece_is_asked_for_without_room(kind: str, workers: Workers) -> None:
    basket, tune, room = Basket(), Tune(20), asyncio.Semaphore(3)
    pulling = asyncio.create_task(pull(pieces_of(tune, kind), basket, room, workers))
    for expected in (3, 4):
        async with asyncio.timeout(10):
            while len(basket.pieces) < expected:
                basket.news.clear()
                await basket.news.wait()
        assert tune.asked == expected
        room.release()
    pulling.cancel()
    await asyncio.wait([pulling])
    assert pulling.cancelled()
    assert basket.ended == []


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_a_program_that_fails_is_named(kind: str, workers: Workers) -> None:
    basket, tune = Basket(), Tune(2, fails=True)
    await pull(pieces_of(tune, kind), basket, asyncio.Semaphore(100), workers)
    assert basket.pieces == [b"0", b"1"]
    assert basket.ended == ["ValueError: out of tune"]
    assert tune.is_closed


async def test_what_is_no_bytes_is_named(workers: Workers) -> None:
    basket = Basket()
    await pull(["text"], basket, asyncio.Semaphore(10), workers)  # type: ignore[list-item]
    assert basket.ended == ["BadType: a piece of sound must be bytes, not str"]


async def test_a_list_will_do(workers: Workers) -> None:
    basket = Basket()
    await pull([b"a", bytearray(b"b")], basket, asyncio.Semaphore(10), workers)  # type: ignore[list-item]
    assert basket.pieces == [b"a", b"b"]
