"""The engine's process leaves by itself when its program is gone."""

from __future__ import annotations

import asyncio
import socket

import pytest

from voxlink.errors import EngineFailed, InvalidChange
from voxlink.playback import EngineConfig
from voxlink.playback.remote.channel import Channel, open_channel
from voxlink.playback.remote.child import serve
from voxlink.playback.remote.wire import (
    PIPE_VERSION,
    Alive,
    Apply,
    Begin,
    CreatePlayer,
    Done,
    Failed,
    Load,
    Ready,
    Standing,
    ToProgram,
    read_by_program,
    unpack_error,
)
from voxlink.protocol import LoadedEmpty, Player, UpdatePlayer, decode_body, decode_loaded, encode


async def answer(program: Channel[ToProgram]) -> ToProgram | None:
    """The next message that is no sign of life."""
    while isinstance(message := await program.receive(), Alive | Standing):
        pass
    return message


async def test_it_does_what_the_pipe_says_until_the_pipe_ends() -> None:
    ours, theirs = socket.socketpair()
    serving = asyncio.create_task(serve(theirs))
    program = await open_channel(ours, read_by_program)
    program.send(Begin(PIPE_VERSION, EngineConfig(http=False)))
    assert await program.receive() == Ready(PIPE_VERSION)
    program.send(Load(1, b"anything"))
    found = await answer(program)
    assert isinstance(found, Done)
    assert isinstance(decode_loaded(found.body), LoadedEmpty)
    program.send(CreatePlayer(5, 41, 42))
    program.send(Apply(2, 5, encode(UpdatePlayer(volume=30)), False))
    changed = await answer(program)
    assert isinstance(changed, Done)
    assert changed.report is not None
    assert decode_body(changed.report.player, Player).volume == 30
    program.send(Apply(3, 5, encode(UpdatePlayer(end_time=-1)), False))
    refused = await answer(program)
    assert isinstance(refused, Failed)
    assert isinstance(unpack_error(refused), InvalidChange)
    await program.close()
    await serving


async def test_a_program_of_another_version_is_refused() -> None:
    ours, theirs = socket.socketpair()
    serving = asyncio.create_task(serve(theirs))
    program = await open_channel(ours, read_by_program)
    program.send(Begin(PIPE_VERSION + 1, EngineConfig()))
    with pytest.raises(EngineFailed):
        await serving
    await program.close()
