"""One end of the pipe."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from voxlink._util.framing import LENGTH
from voxlink.errors import InvalidPipeMessage
from voxlink.playback.remote.channel import Channel, open_channel
from voxlink.playback.remote.wire import MAX_MESSAGE_BYTES, Ready, Room, ToProgram, pack, read_by_program


@asynccontextmanager
async def a_pipe() -> AsyncIterator[tuple[Channel[ToProgram], socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    channel = await open_channel(ours, read_by_program)
    try:
        yield channel, theirs
    finally:
        await channel.close()
        theirs.close()


async def test_messages_come_one_by_one_however_the_bytes_are_cut() -> None:
    async with a_pipe() as (channel, other):
        loop = asyncio.get_running_loop()
        data = pack(Ready(1)) + pack(Room(2, 3))
        for at in range(len(data)):
            await loop.sock_sendall(other, data[at : at + 1])
        assert await channel.receive() == Ready(1)
        assert await channel.receive() == Room(2, 3)


async def test_the_end_of_the_other_side_is_none_also_in_the_middle_of_a_message() -> None:
    async with a_pipe() as (channel, other):
        other.send(pack(Ready(1))[:-1])
        other.close()
        assert await channel.receive() is None
        channel.send(Room(1, 1))


async def test_a_message_beyond_the_limit_is_refused() -> None:
    async with a_pipe() as (channel, other):
        other.send(LENGTH.pack(MAX_MESSAGE_BYTES + 1))
        with pytest.raises(InvalidPipeMessage):
            await channel.receive()


async def test_what_is_sent_arrives_and_closing_is_the_end() -> None:
    async with a_pipe() as (channel, other):
        channel.send(Room(1, 2))
        await channel.close()
        loop = asyncio.get_running_loop()
        assert await loop.sock_recv(other, 1000) == pack(Room(1, 2))
        assert await loop.sock_recv(other, 1000) == b""
        assert channel.unsent_bytes == 0
