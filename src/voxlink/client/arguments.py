"""What a client is made of, checked before anything is made: the mistake is named, not met later in the depths."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any, cast

import aiohttp

from voxlink.client.stores import SqliteStore, Store
from voxlink.errors import BadType, BadValue

__all__ = ["as_store", "checked_resume_timeout", "checked_shards", "checked_user_id", "seconds_of"]

REQUEST_TIMEOUT_S = 10.0


def checked_user_id(user_id: object) -> int:
    """The bot's id. Raises `BadType` or `BadValue`."""
    if isinstance(user_id, bool) or not isinstance(user_id, int | str):
        raise BadType(f"user_id is the bot's id, a number or its digits, not {type(user_id).__name__}")
    text = str(int(user_id)) if isinstance(user_id, int) else user_id.strip()
    if not (text.isascii() and text.isdigit()):
        raise BadValue(f"user_id is the bot's id, a number or its digits, not {user_id!r}")
    return int(text)


def checked_shards(shard_ids: Collection[int] | None, shard_count: int) -> Collection[int]:
    """The shards of this process, all of them without a word. Raises `BadType` or `BadValue`."""
    if shard_count < 1:
        raise BadValue(f"shard_count must be at least 1, not {shard_count}")
    if shard_ids is None:
        return range(shard_count)
    if not isinstance(shard_ids, Collection):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BadType(f"shard_ids must be a collection of numbers, not {type(shard_ids).__name__}")
    wrong = [shard for shard in shard_ids if not 0 <= shard < shard_count]
    if wrong:
        raise BadValue(f"shard_ids holds {wrong[0]}, but there are {shard_count} shards, from 0")
    return tuple(shard_ids)


def checked_resume_timeout(seconds: float) -> float:
    """How long nodes keep a session, at least 0. Raises `BadValue`."""
    if not 0 <= seconds < 2**31:
        raise BadValue(f"resume_timeout_s must be at least 0, not {seconds}")
    return seconds


def seconds_of(timeout: aiohttp.ClientTimeout | float | None) -> float:
    """The limit of a request in seconds. Raises `BadType` or `BadValue`."""
    given = timeout.total if isinstance(timeout, aiohttp.ClientTimeout) else timeout
    if given is None:
        return REQUEST_TIMEOUT_S
    if isinstance(given, bool) or not isinstance(given, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BadType(f"request_timeout must be seconds or aiohttp's ClientTimeout, not {type(given).__name__}")
    if given <= 0:
        raise BadValue(f"request_timeout must be above 0, not {given}")
    return float(given)


def as_store(store: object) -> Store | None:
    """A store; a path becomes a SQLite file. Raises `BadType`."""
    if isinstance(store, str | os.PathLike):
        return SqliteStore(cast("str | os.PathLike[str]", store))
    if store is not None and not callable(getattr(store, "save_players", None)):
        raise BadType(f"store must be a path or a store, not {type(store).__name__}")
    return cast("Any", store)
