"""One engine process as the program sees it."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from voxlink.errors import EngineFailed
from voxlink.playback import EngineConfig
from voxlink.playback.remote import process as process_file
from voxlink.playback.remote.process import EngineProcess


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("loopback", [False, True])
async def test_it_starts_and_leaves_when_the_pipe_is_closed(loopback: bool) -> None:
    child = await EngineProcess.start(EngineConfig(http=False), loopback=loopback)
    assert is_running(child.pid)
    await child.stop()
    await child.stop()
    assert child.exit_code == 0
    assert not is_running(child.pid)


async def test_one_that_is_killed_is_noticed() -> None:
    child = await EngineProcess.start(EngineConfig(http=False))
    os.kill(child.pid, signal.SIGKILL)
    while await child.receive() is not None:
        pass
    await child.stop()
    assert child.exit_code == -signal.SIGKILL


async def test_one_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    child = await EngineProcess.start(EngineConfig(http=False))
    monkeypatch.setattr(process_file, "SILENT_S", 0.5)
    os.kill(child.pid, signal.SIGSTOP)
    while await child.receive() is not None:
        pass
    await child.stop()
    assert child.exit_code == -signal.SIGKILL


async def test_one_that_does_not_start_is_named_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_file, "MODULE", "voxlink.no_such_module")
    with pytest.raises(EngineFailed, match="No module named"):
        await EngineProcess.start(EngineConfig())


async def test_a_frozen_program_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(EngineFailed, match="frozen"):
        await EngineProcess.start(EngineConfig())
