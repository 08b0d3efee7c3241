"""The contract of a store, held by every store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from voxlink.client.stores import MemoryStore, SqliteStore, Store

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _folder: MemoryStore(),
    "sqlite": lambda folder: SqliteStore(folder / "players.db"),
}


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path):
    made = STORES[request.param](tmp_path)
    await made.open()
    yield made
    await made.close()
    await made.close()


async def test_sessions_are_kept_by_scope_and_node(store: Store) -> None:
    await store.save_session("1:a", "n", "s1")
    await store.save_session("1:b", "n", "s2")
    await store.save_session("1:a", "n", "s3")
    assert await store.load_session("1:a", "n") == "s3"
    assert await store.load_session("1:b", "n") == "s2"
    assert await store.load_session("1:a", "m") is None
    await store.save_session("1:a", "n", None)
    assert await store.load_session("1:a", "n") is None


async def test_players_are_kept_by_scope_and_node_and_move_with_their_guild(store: Store) -> None:
    await store.save_players("1:a", {1: ("n", b"one"), 2: ("n", b"two"), 3: ("m", b"three")})
    assert await store.load_players("1:a", "n") == {1: b"one", 2: b"two"}
    await store.save_players("1:a", {1: ("m", b"moved"), 2: None, 99: None})
    assert await store.load_players("1:a", "n") == {}
    assert await store.load_players("1:a", "m") == {1: b"moved", 3: b"three"}
    assert await store.load_players("2:a", "m") == {}


async def test_claiming_gives_what_may_be_used(store: Store) -> None:
    assert await store.claim("1:a", range(3)) == {0, 1, 2}
