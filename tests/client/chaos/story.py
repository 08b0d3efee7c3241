"""A bad ten minutes for three nodes and a bot, by a seed; and what must be true afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from client.chaos.network import Machine, MemoryEdge, wall
from client.world import USER, server_update, state_update
from voxlink.client import Client, DefaultPlayer, MemoryStore, Timescale
from voxlink.client.snapshot import decode_snapshot
from voxlink.protocol import AudioTrack, encode
from voxlink.testing import make_track

NODES = 3
CALM_S = 100.0
"""How long nothing bad happens before the end: longer than the grace of a lost node."""
TROUBLES = {
    "refused": (3, 90),
    "crash": (1, 60),
    "silent": (5, 80),
    "proxy": (2, 20),
    "stalled": (1, 15),
    "amnesia": (0, 0),
}
"""Each kind of trouble with the shortest and the longest time that it lasts, in seconds."""
RESTARTS = ("closed", "killed", "killed after an end", "killed in the write of an end")
WRITE_S = (0.0005, 0.03)
"""How long the store takes for a write."""
AFTER_AN_END_S = 0.05
"""How long a bot lives at most after the end that it is killed after: the next track is about to be asked for, has
been, or has started.
"""
SETTLED_S = 0.1
"""How long a queue takes at most to go on: a message, a write, a request and its answer."""
AWKWARD_S = 45.0
"""How long such a moment is waited for."""


class SlowStore(MemoryStore):
    """A store that takes its time; nothing is kept before a write has ended. `end_begun` and `end_told` are set when
    the write of an end begins and when one was told.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self.end_begun = asyncio.Event()
        self.end_told = asyncio.Event()

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        takes_s = self._random.uniform(*WRITE_S)
        if any(change is not None and decode_snapshot(change[1]).has_ended for change in changes.values()):
            self.end_begun.set()
        await asyncio.sleep(takes_s)
        await super().save_players(scope, changes)


@dataclass
class Story:
    """One run: what happened, in order, and what is there at the end."""

    seed: int
    players: int
    length_s: float
    log: list[tuple[Any, ...]] = field(default_factory=list)
    lengths_ms: dict[str, int] = field(default_factory=dict)
    order: dict[int, list[str]] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    final: dict[int, dict[str, Any]] = field(default_factory=dict)
    tasks_left: list[str] = field(default_factory=list)
    store: SlowStore = field(init=False)

    def note(self, *what: Any) -> None:
        self.log.append((round(asyncio.get_running_loop().time(), 6), *what))

    def log_time(self, kind: str) -> float:
        """When something was noted last."""
        return next((at for at, noted, *_ in reversed(self.log) if noted == kind), 0.0)

    # The bot

    def start_bot(self) -> Client:
        client = Client(USER, edge=MemoryEdge(self.machines), store=self.store, wall_clock=wall)
        client.add_event_hook(self.hear)
        for name in self.machines:
            client.add_node(name, 2333, "youshallnotpass", "eu", name)
        return client

    def hear(self, event: Any) -> None:
        """Keep what a bot is told."""
        kind = type(event).__name__
        player = getattr(event, "player", None)
        track = getattr(event, "track", None)
        detail: list[Any] = [
            getattr(event, name) for name in ("outage_ms", "adopted", "resumed") if hasattr(event, name)
        ]
        if kind in ("PlayerUpdateEvent", "IncomingWebSocketMessage", "QueueChangedEvent", "NodeStatsEvent"):
            return
        if kind == "TrackEndEvent":
            self.store.end_told.set()
            detail.append(str(event.reason))
        elif kind == "PlayerErrorEvent":
            detail.append(type(event.original).__name__)
        node = getattr(event, "node", None)
        self.note("told", kind, player.guild_id if player else None, track.title if track else None,
                  node.name if node else None, *detail)  # fmt: skip

    async def begin(self, client: Client) -> None:
        for node in client.nodes:
            await node.wait_ready(10)
        draw = random.Random(self.seed)
        for number in range(self.players):
            guild_id = (number + 1) << 22
            player: DefaultPlayer = client.player_manager.create(guild_id)
            await client.voice_update_handler(state_update(guild_id))
            await client.voice_update_handler(server_update(guild_id))
            await player.set_volume(50 + number % 100)
            await player.set_filter(Timescale(speed=1.0 + number % 7 / 10))
            total = 0
            self.order[guild_id] = []
            while total < self.length_s * 1000 + 60_000:
                length_ms = draw.randint(40_000, 180_000)
                title = f"{number}-{len(self.order[guild_id])}"
                raw = json.loads(encode(make_track(title, length_ms=length_ms)))
                player.add(AudioTrack(raw, requester=number))
                self.lengths_ms[title] = length_ms
                self.order[guild_id].append(title)
                total += length_ms
            await player.play()

    # The troubles

    async def trouble(self, draw: random.Random) -> None:
        """Now and then something happens to a machine that is well; one of them is always left alone."""
        tasks: list[asyncio.Task[None]] = []
        loop = asyncio.get_running_loop()
        end = self.length_s - CALM_S
        while loop.time() < end:
            await asyncio.sleep(draw.uniform(2, 20))
            well = [machine for machine in self.machines.values() if machine.state == "up"]
            if len(well) < 2 or loop.time() >= end:
                continue
            kind = draw.choice(list(TROUBLES))
            lasts_s = min(draw.uniform(*TROUBLES[kind]), max(0.0, end - loop.time()))
            tasks.append(asyncio.create_task(self.suffer(draw.choice(well), kind, lasts_s)))
        await asyncio.gather(*tasks)

    async def suffer(self, machine: Machine, kind: str, lasts_s: float) -> None:
        self.note("trouble", machine.name, kind, round(lasts_s, 3))
        if kind in ("refused", "crash"):
            machine.become("refusing")
            machine.hang_up()
        elif kind in ("silent", "proxy", "stalled"):
            machine.become(kind)
        if kind in ("crash", "amnesia"):
            machine.lose_sessions()
            machine.hang_up(1006)
        if kind == "silent" and lasts_s > 45:
            await asyncio.sleep(45)
            machine.hang_up()  # the heartbeat was not answered
            lasts_s -= 45
        await asyncio.sleep(lasts_s)
        machine.become("up")

    # The whole

    async def tell(self) -> None:
        draw = random.Random(self.seed)
        random.seed(self.seed)
        self.machines.update((f"m{n}", Machine(f"m{n}", self.seed * 10 + n, self.note)) for n in range(NODES))
        lives = [asyncio.create_task(machine.live()) for machine in self.machines.values()]
        self.store = SlowStore(self.seed)
        client = self.start_bot()
        client.start()
        await self.begin(client)
        self.note("begun")
        troubles = asyncio.create_task(self.trouble(draw))
        loop = asyncio.get_running_loop()
        for number, how in enumerate(RESTARTS, 1):
            due = self.length_s * number / (len(RESTARTS) + 1) + draw.uniform(-5, 5)
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self.awkward_moment(how, draw)
            client = await self.restart_bot(client, how, draw.uniform(0.5, 8))
        await troubles
        await asyncio.sleep(max(0.0, self.length_s - loop.time()))
        while loop.time() - self.log_time("end") < SETTLED_S:
            await asyncio.sleep(SETTLED_S / 4)  # a track has just ended: the next one is on its way
        self.look(client)
        self.note("looked")
        await client.close()
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        await asyncio.sleep(0)
        self.tasks_left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    async def awkward_moment(self, how: str, draw: random.Random) -> None:
        """Wait for the moment to kill a bot in."""
        seen, within_s = {
            "killed after an end": (self.store.end_told, AFTER_AN_END_S),
            "killed in the write of an end": (self.store.end_begun, WRITE_S[0]),
        }.get(how, (None, 0.0))
        if seen is not None:
            seen.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AWKWARD_S):
                    await seen.wait()
            await asyncio.sleep(draw.uniform(0, within_s))

    async def restart_bot(self, client: Client, how: str, away_s: float) -> Client:
        """End the bot, kindly or not, and start it again."""
        self.note("bot", how)
        if how == "closed":
            await client.close()
        else:
            kill(client)
            for machine in self.machines.values():
                machine.hang_up()
            await asyncio.sleep(0)
        await asyncio.sleep(away_s)
        self.note("bot", "started")
        again = self.start_bot()
        again.start()
        return again

    def look(self, client: Client) -> None:
        """Keep what the bot and the machines think at the end."""
        for guild_id in self.order:
            player: DefaultPlayer | None = client.players.get(guild_id)
            there = {
                name: found for name, machine in self.machines.items() if (found := machine.players().get(guild_id))
            }
            self.final[guild_id] = {
                "on": sorted(there),
                "tracks": [found.track.info.title if found.track else None for found in there.values()],
                "positions": [found.position for found in there.values()],
                "volumes": [found.volume for found in there.values()],
                "filters": [json.loads(encode(found.filters)) for found in there.values()],
                "node": player.node.name if player else None,
                "current": player.current.title if player and player.current else None,
                "position": player.position if player else None,
                "queue": [track.title for track in player.queue] if player else None,
                "requesters": sorted({track.requester for track in player.queue}) if player else None,
            }


def kill(client: Client) -> None:
    """What `kill -9` leaves of a client in this process: nothing runs, nothing is written."""
    client.edge.dead = True  # type: ignore[attr-defined]
    client._is_closed = True
    client.failover.close()
    client.clear_event_hooks()
    client.keeper.stop()
    client.recorder.stop()
    client._presence.stop()
    for task in list(client.tasks._tasks):
        task.cancel()
    for player in client.player_manager.players.values():
        player._cancel_voice_timer()


def quiet() -> None:
    """The client's log of a bad day is long."""
    logging.getLogger("voxlink").setLevel(logging.CRITICAL)
