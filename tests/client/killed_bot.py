"""A bot that ends itself with SIGKILL at a given moment of a track's end; run as a program by `test_recorder`.

    python killed_bot.py STORE PORT MOMENT

Takes over the players that the store holds and prints what it is told.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping

from voxlink.client import Client, PlayerRestoredEvent, ReconnectPolicy, TrackEndEvent, TrackStartEvent
from voxlink.client.snapshot import decode_snapshot
from voxlink.client.stores import SqliteStore

STORE, PORT, MOMENT = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(SqliteStore):
    """Dies in the transaction that keeps an end, just before it is committed."""

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        if MOMENT == "written" and any(change and decode_snapshot(change[1]).has_ended for change in changes.values()):
            assert self._db is not None
            self._db.set_trace_callback(lambda statement: die() if statement == "COMMIT" else None)
        await super().save_players(scope, changes)


async def main() -> None:
    client = Client(1000, store=DyingStore(STORE), reconnect=ReconnectPolicy(initial_s=0.01, max_s=0.05, jitter=0))

    @client.on(PlayerRestoredEvent)
    def restored(event: PlayerRestoredEvent) -> None:
        print("restored", flush=True)

    @client.on(TrackEndEvent)
    def told(event: TrackEndEvent) -> None:
        print("end", event.track.title if event.track else None, flush=True)
        if MOMENT == "told":
            die()

    @client.on(TrackStartEvent)
    def started(event: TrackStartEvent) -> None:
        if MOMENT == "started":
            die()

    async with client:
        client.add_node("127.0.0.1", PORT, "youshallnotpass", "eu", "main")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
