"""A process of ours with a socket to it, on both ways that systems offer: a socket pair, and loopback with a token."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from pathlib import Path

import pytest

from voxlink._util.piped_child import CannotStart, PipedChild

LOG = logging.getLogger("voxlink.test")
DEADLINE_S = 20.0
both_ways = pytest.mark.parametrize("loopback", [False, True])


@pytest.fixture(autouse=True)
def where_the_echo_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def echo(*, loopback: bool, module: str = "echo_child") -> PipedChild:
    return PipedChild(module, "you", "there", name="echo", log=LOG, loopback=loopback)


@both_ways
async def test_it_answers_and_leaves_when_the_pipe_closes(caplog: pytest.LogCaptureFixture, loopback: bool) -> None:
    child = echo(loopback=loopback)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(DEADLINE_S):
        pipe = await child.connect()
        await loop.sock_sendall(pipe, b"sound")
        assert await loop.sock_recv(pipe, 100) == b"SOUND"
    assert child.exit_code is None
    await child.close(DEADLINE_S)
    await child.close(DEADLINE_S)
    assert child.exit_code == 0
    assert child.last_words == "hello, you there"
    assert "hello, you there" in caplog.text


@both_ways
async def test_one_that_does_not_listen_is_killed(loopback: bool) -> None:
    child = echo(loopback=loopback)
    child.kill()
    await child.close(DEADLINE_S)
    assert child.exit_code not in (0, None)


async def test_one_that_ends_before_it_connects_is_noticed() -> None:
    child = echo(loopback=True, module="no_such_module")
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(ConnectionError, match="ended before"):
            await child.connect()
    await child.close(DEADLINE_S)
    assert "no_such_module" in child.last_words


async def test_who_does_not_have_the_token_is_turned_away() -> None:
    child = echo(loopback=True)
    assert child._listener is not None
    with socket.create_connection(child._listener.getsockname()) as impostor:
        impostor.sendall(bytes(32))
        async with asyncio.timeout(DEADLINE_S):
            pipe = await child.connect()
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(pipe, b"sound")
            assert await loop.sock_recv(pipe, 100) == b"SOUND"
    await child.close(DEADLINE_S)
    assert child.exit_code == 0


@both_ways
async def test_a_missing_interpreter_is_named(monkeypatch: pytest.MonkeyPatch, loopback: bool) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(CannotStart, match="cannot be started"):
        echo(loopback=loopback)


async def test_a_frozen_program_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(CannotStart, match="frozen"):
        echo(loopback=False)
