"""What a player hears of the others, on its way to whoever reads it."""

from __future__ import annotations

import asyncio

from voxlink.playback.ears import MAX_WAITING, Ears
from voxlink.playback.hearing import HeardPcm


def frame(number: int) -> HeardPcm:
    return HeardPcm(user_id=1, pcm=bytes(4), timestamp=number, is_concealed=False)


async def test_frames_come_in_order_and_closing_ends_them() -> None:
    closed: list[Ears] = []
    with Ears(closed.append) as ears:
        ears.put(frame(1))
        ears.put(frame(2))
    ears.put(frame(3))
    ears.close()
    assert [heard.timestamp async for heard in ears] == [1, 2]
    assert closed == [ears]


async def test_a_cancelled_wait_loses_nothing() -> None:
    ears = Ears(lambda _: None)
    waiting = asyncio.ensure_future(anext(ears))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    ears.put(frame(1))
    assert (await anext(ears)).timestamp == 1


async def test_whoever_does_not_read_loses_the_oldest_and_is_told() -> None:
    ears = Ears(lambda _: None)
    for number in range(MAX_WAITING + 7):
        ears.put(frame(number))
    assert ears.dropped == 7
    assert (await anext(ears)).timestamp == 7
