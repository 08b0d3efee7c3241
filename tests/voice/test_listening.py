"""What was heard, as an asynchronous iterator with an end."""

from __future__ import annotations

import asyncio

from voxlink.voice.listening import MAX_WAITING, Listening
from voxlink.voice.receiver import HeardOpus


def frame(index: int) -> HeardOpus:
    return HeardOpus(1, b"%d" % index, index)


async def test_frames_come_in_order_and_closing_ends_the_loop() -> None:
    closed: list[Listening] = []
    with Listening(closed.append) as listening:
        reader = asyncio.create_task(anext(listening))
        await asyncio.sleep(0)
        for index in range(3):
            listening.put(frame(index))
        assert await reader == frame(0)
    assert closed == [listening]
    listening.close()
    assert [item async for item in listening] == [frame(1), frame(2)]
    assert len(closed) == 1


async def test_a_slow_reader_loses_the_oldest_and_can_count_them() -> None:
    listening = Listening(lambda _: None)
    for index in range(MAX_WAITING + 5):
        listening.put(frame(index))
    assert listening.dropped == 5
    assert await anext(listening) == frame(5)
