"""Players and sessions in a SQLite file, written by a thread of its own so that the event loop never waits for a
disk.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from voxlink.errors import EnvironmentFault

__all__ = ["SqliteStore"]

T = TypeVar("T")

SCHEMA_VERSION = 1
BUSY_S = 5.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    scope TEXT NOT NULL, node TEXT NOT NULL, session_id TEXT NOT NULL, PRIMARY KEY (scope, node)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS players (
    scope TEXT NOT NULL, guild_id INTEGER NOT NULL, node TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (scope,
    guild_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS players_by_node ON players (scope, node);
"""


class SqliteStore:
    """A store in one file, readable by its owner only (0600). Each write is a transaction: a killed bot leaves the old
    state.

    For one process; clusters that share a store use Redis. Raises `EnvironmentFault` when the file cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._thread: ThreadPoolExecutor | None = None
        self._db: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file, making it (and its tables) if need be."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="voxlink-store")
            try:
                await self._run(self._open)
            except EnvironmentFault:
                await self.close()
                raise

    def _open(self) -> None:
        # Made with its mode, so that there is no moment in which others can read it; -wal and -shm take it over.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        with suppress(PermissionError):
            self._path.chmod(0o600)
        db = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        self._db = db
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"it was written by a newer release (format {version})")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(SCHEMA)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    async def close(self) -> None:
        """Close the file; may be called twice."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(thread, self._close)
        thread.shutdown(wait=True)

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    async def claim(self, scope: str, shards: Collection[int]) -> set[int]:
        """All of them: the file belongs to one process."""
        return set(shards)

    async def load_session(self, scope: str, node: str) -> str | None:
        """The last session id of a node."""

        def load(db: sqlite3.Connection) -> str | None:
            row = db.execute("SELECT session_id FROM sessions WHERE scope = ? AND node = ?", (scope, node)).fetchone()
            return None if row is None else str(row[0])

        return await self._with_db(load)

    async def save_session(self, scope: str, node: str, session_id: str | None) -> None:
        """Keep a node's session id; None forgets it."""

        def save(db: sqlite3.Connection) -> None:
            if session_id is None:
                db.execute("DELETE FROM sessions WHERE scope = ? AND node = ?", (scope, node))
            else:
                db.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", (scope, node, session_id))

        await self._with_db(save)

    async def load_players(self, scope: str, node: str) -> dict[int, bytes]:
        """The saved players of a node."""

        def load(db: sqlite3.Connection) -> dict[int, bytes]:
            rows = db.execute("SELECT guild_id, data FROM players WHERE scope = ? AND node = ?", (scope, node))
            return {int(guild_id): bytes(data) for guild_id, data in rows}

        return await self._with_db(load)

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        """Write players in one transaction."""
        written = [(scope, guild_id, *change) for guild_id, change in changes.items() if change is not None]
        gone = [(scope, guild_id) for guild_id, change in changes.items() if change is None]

        def save(db: sqlite3.Connection) -> None:
            with closing(db.cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    cursor.executemany("INSERT OR REPLACE INTO players VALUES (?, ?, ?, ?)", written)
                    cursor.executemany("DELETE FROM players WHERE scope = ? AND guild_id = ?", gone)
                except BaseException:
                    cursor.execute("ROLLBACK")
                    raise
                cursor.execute("COMMIT")

        await self._with_db(save)

    async def _with_db(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def run() -> T:
            if self._db is None:
                raise sqlite3.ProgrammingError("it is not open")
            return work(self._db)

        return await self._run(run)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            raise EnvironmentFault(f"the store {self._path} is closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise EnvironmentFault(f"the store {self._path} cannot be used: {error}") from error
