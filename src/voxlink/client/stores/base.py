"""What a store must do: keep session ids and players for the next process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

__all__ = ["MemoryStore", "Store"]


class Store(Protocol):
    """Keeps bytes for a client. `scope` names the bot's user and the client; stores are shared by scopes.

    Every method may raise `EnvironmentFault`; the client then logs it and goes on without the store.
    """

    async def open(self) -> None:
        """Make the store ready."""
        ...

    async def close(self) -> None:
        """Write what is pending and free everything. May be called twice."""
        ...

    async def claim(self, scope: str, shards: Collection[int]) -> set[int]:
        """Which of these shards this process may restore and save; called again to keep them."""
        ...

    async def load_session(self, scope: str, node: str) -> str | None:
        """The last session id of a node."""
        ...

    async def save_session(self, scope: str, node: str, session_id: str | None) -> None:
        """Keep a node's session id; None forgets it."""
        ...

    async def load_players(self, scope: str, node: str) -> dict[int, bytes]:
        """The saved players of a node, by guild id."""
        ...

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        """Write players (node name and data) all together or not at all; None deletes."""
        ...


class MemoryStore:
    """A store that lives as long as the object; several clients of one process may share it."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], str] = {}
        self._players: dict[str, dict[int, tuple[str, bytes]]] = {}

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do; what was kept can be used again."""

    async def claim(self, scope: str, shards: Collection[int]) -> set[int]:
        """All of them: a process has its memory for itself."""
        return set(shards)

    async def load_session(self, scope: str, node: str) -> str | None:
        """The last session id of a node."""
        return self._sessions.get((scope, node))

    async def save_session(self, scope: str, node: str, session_id: str | None) -> None:
        """Keep a node's session id; None forgets it."""
        if session_id is None:
            self._sessions.pop((scope, node), None)
        else:
            self._sessions[scope, node] = session_id

    async def load_players(self, scope: str, node: str) -> dict[int, bytes]:
        """The saved players of a node."""
        saved = self._players.get(scope, {})
        return {guild: data for guild, (owner, data) in saved.items() if owner == node}

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        """Write or delete players."""
        saved = self._players.setdefault(scope, {})
        for guild_id, change in changes.items():
            if change is None:
                saved.pop(guild_id, None)
            else:
                saved[guild_id] = change
