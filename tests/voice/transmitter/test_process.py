"""One transmitter process in an event loop: start, trouble at the start, end."""

from __future__ import annotations

import sys

import pytest

from voxlink.errors import TransmitterFailed
from voxlink.voice.transmitter.process import ChildProcess


async def test_it_starts_greets_and_stops() -> None:
    child = await ChildProcess.start(realtime=False)
    assert child.priority
    assert child.exit_code is None
    await child.stop()
    assert child.exit_code == 0


async def test_a_program_that_is_no_transmitter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TransmitterFailed, match="did not start") as caught:
        await ChildProcess.start(realtime=False)
    assert caught.value.exit_code == 1


async def test_a_missing_interpreter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TransmitterFailed, match="cannot be started"):
        await ChildProcess.start(realtime=False)


async def test_a_frozen_program_gets_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(TransmitterFailed, match="frozen"):
        await ChildProcess.start(realtime=False)


async def test_a_child_that_ends_is_noticed() -> None:
    child = await ChildProcess.start(realtime=False)
    child.kill()
    assert await child.read(lambda message: None) in ("ended", "left: [Errno 104] Connection reset by peer")
    await child.stop()
    assert child.exit_code == -9
