"""The SQLite store: its file is private, its writes are whole, a killed bot leaves the last whole state."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from voxlink.client.stores import SqliteStore
from voxlink.errors import EnvironmentFault

SCOPE = "1:voxlink"


async def test_the_files_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        store = SqliteStore(tmp_path / "players.db")
        await store.open()
        await store.save_session(SCOPE, "n", "s")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        await store.close()
    finally:
        os.umask(old)
    assert set(modes.values()) == {0o600}


async def test_the_loops_thread_never_touches_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[str] = set()
    connect = sqlite3.connect

    def noted(*args: object, **kwargs: object) -> sqlite3.Connection:
        threads.add(threading.current_thread().name)
        return connect(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(sqlite3, "connect", noted)
    store = SqliteStore(tmp_path / "players.db")
    await store.open()
    await store.close()
    assert threads == {"voxlink-store_0"}


@pytest.mark.parametrize("content", [b"this is no database at all, but a text", b"SQLite format 3\x00" + b"\xff" * 200])
async def test_a_file_that_is_no_store_is_an_error_of_the_environment(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "players.db"
    path.write_bytes(content)
    with pytest.raises(EnvironmentFault, match=r"players\.db"):
        await SqliteStore(path).open()
    assert path.read_bytes() == content


async def test_a_folder_that_is_not_there_and_a_newer_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        await SqliteStore(tmp_path / "no" / "players.db").open()
    path = tmp_path / "players.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(EnvironmentFault, match="newer release"):
        await SqliteStore(path).open()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="closed"):
        await SqliteStore(tmp_path / "x").load_session(SCOPE, "n")


WRITER = """
import asyncio, sys
from voxlink.client.stores import SqliteStore
async def main():
    store = SqliteStore(sys.argv[1])
    await store.open()
    n = 0
    while True:
        n += 1
        await store.save_players("1:voxlink", {g: ("n", str(n).encode() * 200) for g in range(50)})
        print(n, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("writes", [1, 3, 20])
async def test_a_bot_that_is_killed_in_mid_write_leaves_the_last_whole_state(tmp_path: Path, writes: int) -> None:
    path = tmp_path / "players.db"
    bot = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert bot.stdout is not None
    told = 0
    for line in bot.stdout:
        told = int(line)
        if told >= writes:
            break
    bot.send_signal(signal.SIGKILL)
    told = max([told, *(int(line) for line in bot.stdout if line.endswith("\n"))])
    bot.wait()
    bot.stdout.close()
    store = SqliteStore(path)
    await store.open()
    rows = await store.load_players(SCOPE, "n")
    await store.close()
    assert len(rows) == 50
    (state,) = set(rows.values())
    assert state in {str(told).encode() * 200, str(told + 1).encode() * 200}
