"""A client that cannot be is refused with the argument's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from voxlink.client import Client, MemoryStore, SqliteStore
from voxlink.client.arguments import as_store, checked_shards, checked_user_id, seconds_of


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user_id", "abc"), ("user_id", None), ("user_id", True), ("user_id", -5), ("user_id", ""), ("user_id", 1.5),
        ("shard_ids", 5), ("shard_ids", [7]), ("shard_count", 0), ("resume_timeout_s", -1),
        ("resume_timeout_s", float("nan")), ("request_timeout", "x"), ("request_timeout", 0), ("request_timeout", True),
        ("store", 5),
    ],
)  # fmt: skip
def test_a_client_that_cannot_be_names_the_argument(name: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=name):
        Client(**{"user_id": 1, name: value})


def test_ids_may_be_texts_and_libraries_own_numbers() -> None:
    class Snowflake(int):
        pass

    assert checked_user_id("81384788765712384") == checked_user_id(Snowflake(81384788765712384)) == 81384788765712384


def test_timeouts_are_seconds_or_aiohttps() -> None:
    assert [seconds_of(None), seconds_of(3), seconds_of(aiohttp.ClientTimeout(total=4))] == [10.0, 3.0, 4.0]
    assert seconds_of(aiohttp.ClientTimeout(total=None)) == 10.0


def test_shards_are_all_unless_some_are_named() -> None:
    assert list(checked_shards(None, 3)) == [0, 1, 2]
    assert list(checked_shards({1, 2}, 3)) == [1, 2]


def test_a_path_is_a_sqlite_file(tmp_path: Path) -> None:
    store = MemoryStore()
    assert isinstance(as_store(tmp_path / "x.db"), SqliteStore)
    assert isinstance(as_store("x.db"), SqliteStore)
    assert as_store(store) is store
    assert as_store(None) is None
