"""Players and sessions in Redis, for clusters that share one store: each shard belongs to one process at a time."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeVar, cast

from voxlink.errors import BadValue, EnvironmentFault, MissingExtra

__all__ = ["RedisStore"]

T = TypeVar("T")

LEASE_S = 30
"""How long a shard stays with a process that no longer renews its lease; the client renews every 10 s."""
TIMEOUT_S = 5.0
SCHEMES = ("redis://", "rediss://", "unix://")

RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then
    return redis.call('pexpire', KEYS[1], ARGV[2])
end
return 0
"""
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class RedisStore:
    """A store on a Redis server, by its URL (`redis://…`, `rediss://…`, `unix://…`).

    Needs `pip install "voxlink[redis]"`.

    A shard is leased to one process; the others neither restore nor save its guilds until the lease ends. Raises
    ValueError for a URL that is none, and `EnvironmentFault` when the server cannot be reached. `repr` hides the URL,
    which may hold a password.
    """

    def __init__(self, url: str, *, prefix: str = "voxlink") -> None:
        if not url.startswith(SCHEMES):
            raise BadValue("a Redis URL begins with redis://, rediss:// or unix://")
        self._url = url
        self._prefix = prefix
        self._owner = secrets.token_hex(16)
        self._redis: Any = None
        self._leases: set[str] = set()

    async def open(self) -> None:
        """Connect. Raises `MissingExtra` without the `redis` package."""
        if self._redis is not None:
            return
        try:
            from redis import asyncio as redis_asyncio
        except ModuleNotFoundError as error:
            raise MissingExtra("the Redis store", "redis") from error
        try:
            made: Any = redis_asyncio.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                self._url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
            )
        except (ValueError, TypeError):
            # Their words may quote the URL; not chained, for the same reason.
            raise EnvironmentFault("the Redis store's URL cannot be read; it looks like redis://host:6379/0") from None
        self._redis = made
        try:
            await self._do(lambda redis: redis.ping())
        except EnvironmentFault:
            await self.close()
            raise

    async def close(self) -> None:
        """Give the leases back and disconnect; may be called twice."""
        redis, self._redis = self._redis, None
        if redis is None:
            return
        leases, self._leases = self._leases, set()
        try:
            for key in leases:
                await redis.eval(RELEASE, 1, key, self._owner)
        except _errors():
            pass  # the leases end by themselves
        await redis.aclose()

    async def claim(self, scope: str, shards: Collection[int]) -> set[int]:
        """Take or renew the leases of these shards; the answer is those that are ours."""
        mine: set[int] = set()
        for shard in shards:
            key = f"{self._prefix}:{scope}:lease:{shard}"
            if await self._take(key):
                mine.add(shard)
                self._leases.add(key)
        return mine

    async def _take(self, key: str) -> bool:
        if await self._do(lambda redis: redis.set(key, self._owner, nx=True, ex=LEASE_S)):
            return True
        return bool(await self._do(lambda redis: redis.eval(RENEW, 1, key, self._owner, LEASE_S * 1000)))

    async def load_session(self, scope: str, node: str) -> str | None:
        """The last session id of a node."""
        found = await self._do(lambda redis: redis.hget(self._key(scope, "sessions"), node))
        return None if found is None else bytes(found).decode()

    async def save_session(self, scope: str, node: str, session_id: str | None) -> None:
        """Keep a node's session id; None forgets it."""
        key = self._key(scope, "sessions")
        if session_id is None:
            await self._do(lambda redis: redis.hdel(key, node))
        else:
            await self._do(lambda redis: redis.hset(key, node, session_id))

    async def load_players(self, scope: str, node: str) -> dict[int, bytes]:
        """The saved players of a node."""
        found = cast("dict[bytes, bytes]", await self._do(lambda redis: redis.hgetall(self._key(scope, "players"))))
        players: dict[int, bytes] = {}
        for guild_id, value in found.items():
            owner, _, data = value.partition(b"\0")
            if owner.decode() == node:
                players[int(guild_id)] = data
        return players

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        """Write players in one transaction."""
        key = self._key(scope, "players")
        written = {str(guild): node.encode() + b"\0" + data for guild, (node, data) in _present(changes)}
        gone = [str(guild) for guild, change in changes.items() if change is None]

        async def write(redis: Any) -> None:
            async with redis.pipeline(transaction=True) as pipe:
                if written:
                    pipe.hset(key, mapping=written)
                if gone:
                    pipe.hdel(key, *gone)
                await pipe.execute()

        if written or gone:
            await self._do(write)

    def _key(self, scope: str, what: str) -> str:
        return f"{self._prefix}:{scope}:{what}"

    async def _do(self, work: Callable[[Any], Awaitable[T]]) -> T:
        if self._redis is None:
            raise EnvironmentFault("the Redis store is closed")
        try:
            return await work(self._redis)
        except _errors() as error:
            raise EnvironmentFault(f"the Redis store cannot be used: {error}") from error

    def __repr__(self) -> str:
        return f"<RedisStore prefix={self._prefix!r} leases={len(self._leases)}>"


def _present(changes: Mapping[int, tuple[str, bytes] | None]) -> list[tuple[int, tuple[str, bytes]]]:
    return [(guild, change) for guild, change in changes.items() if change is not None]


def _errors() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError

    return (RedisError, OSError)
