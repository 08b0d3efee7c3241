"""Where sessions and players are kept between two runs of a bot."""

from voxlink.client.stores.base import MemoryStore, Store
from voxlink.client.stores.redis import RedisStore
from voxlink.client.stores.sqlite import SqliteStore

__all__ = ["MemoryStore", "RedisStore", "SqliteStore", "Store"]
