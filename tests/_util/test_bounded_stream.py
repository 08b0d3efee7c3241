"""A bounded stream keeps order, ends when it is closed, and counts what a slow reader lost."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from voxlink._util.bounded_stream import BoundedStream


@given(st.lists(st.integers()), st.integers(1, 10))
def test_the_newest_items_come_in_order_and_the_rest_is_counted(items: list[int], limit: int) -> None:
    async def read() -> tuple[list[int], int]:
        stream = BoundedStream[int](limit, lambda _: None)
        for item in items:
            stream.put(item)
        stream.close()
        stream.put(0)
        return [item async for item in stream], stream.dropped

    kept, dropped = asyncio.run(read())
    assert kept == items[-limit:]
    assert dropped == max(0, len(items) - limit)


async def test_closing_wakes_a_reader_and_is_told_once() -> None:
    closed: list[BoundedStream[int]] = []
    with BoundedStream[int](3, closed.append) as stream:
        reader = asyncio.ensure_future(anext(stream, None))
        await asyncio.sleep(0)
    stream.close()
    assert await reader is None
    assert closed == [stream]
