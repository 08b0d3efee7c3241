"""The client beside Lavalink.py 5.11.1: REST overhead, event rate, failover, memory, time per event."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import lavalink

import voxlink
from voxlink.client import FailoverPolicy, PlayerMigratedEvent
from voxlink.client.plays import Play, new_token
from voxlink.protocol import encode
from voxlink.testing import FakeNode, make_track

REST_ROUNDS = 15
REST_CALLS = 60
EVENTS = 20_000
ENDS = 1000
LONE_ENDS = 200
QUEUED = 10
FAILOVER_PLAYERS = 1000
THEIR_FAILOVER_PLAYERS = 100
LATENCY_S = 0.020
MANY = 10_000
USER = 1


def main() -> None:
    logging.disable(logging.CRITICAL)
    try:
        asyncio.run(rest())
        asyncio.run(events())
        asyncio.run(ends())
        asyncio.run(failover())
        asyncio.run(memory())
        asyncio.run(flat())
    finally:
        logging.disable(logging.NOTSET)


async def pair(fake: FakeNode) -> tuple[voxlink.Client, voxlink.Node, Any, Any]:
    """Our client and theirs on one fake node, both ready."""
    mine = voxlink.Client(USER)
    node = mine.add_node(fake.host, fake.port, fake.password, "eu")
    await node.wait_ready()
    theirs: Any = lavalink.Client(USER)
    their_node = theirs.add_node(fake.host, fake.port, fake.password, "eu")
    await their_ready(their_node)
    return mine, node, theirs, their_node


async def their_ready(node: Any) -> None:
    """Lavalink.py has nothing to wait on: ask the node until the session is there."""
    while node.session_id is None:
        await node.get_version()


async def seconds(call: Callable[[], Awaitable[Any]], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        await call()
    return (time.perf_counter() - began) / count


async def rest() -> None:
    """One GET, less the same GET of a bare aiohttp session that is kept."""
    async with FakeNode() as fake, aiohttp.ClientSession() as bare:
        mine, node, theirs, their_node = await pair(fake)
        url, headers = f"http://{fake.host}:{fake.port}/version", {"Authorization": fake.password}

        async def plain() -> None:
            async with bare.get(url, headers=headers) as answer:
                await answer.text()

        calls = {"bare": plain, "ours": node.get_version, "theirs": their_node.get_version}
        found: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(REST_ROUNDS):
            for name, call in calls.items():
                found[name].append(await seconds(call, REST_CALLS))
            fake.requests.clear()
        medians = {name: statistics.median(values) * 1e6 for name, values in found.items()}
        ours, other = medians["ours"] - medians["bare"], medians["theirs"] - medians["bare"]
        print(
            f"REST call over bare aiohttp ({medians['bare']:.0f} us): ours +{ours:.0f} us, Lavalink.py +{other:.0f} us"
        )
        print(f"  ours is {ours / other:.0%} of theirs (wanted: at most 50 %)")
        await mine.close()
        await theirs.close()


def message(guild: int) -> dict[str, Any]:
    track = json.loads(encode(make_track("a")))
    error = {"message": "m", "severity": "common", "cause": "c", "causeStackTrace": ""}
    return {"op": "event", "type": "TrackExceptionEvent", "guildId": str(guild), "track": track, "exception": error}


async def events() -> None:
    """Messages of tracks, from their JSON to a coroutine hook of the bot; the frames of one read at once."""
    async with FakeNode() as fake:
        mine, node, theirs, their_node = await pair(fake)
        player = mine.player_manager.create(1)
        their_player = theirs.player_manager.create(1, node=their_node)
        song = message(1)["track"]
        await player.play(voxlink.AudioTrack(song))
        text = json.dumps({**message(1), "track": (await node.get_player(1))["track"]})
        their_player.current = lavalink.AudioTrack(song)
        seen = {"ours": 0, "theirs": 0}
        done = asyncio.Event()

        async def my_hook(_event: Any) -> None:
            seen["ours"] += 1
            if seen["ours"] == EVENTS:
                done.set()

        async def their_hook(_event: Any) -> None:
            seen["theirs"] += 1
            if seen["theirs"] == EVENTS:
                done.set()

        mine.add_event_hook(my_hook, event=voxlink.TrackExceptionEvent)
        theirs.add_event_hook(their_hook, event=lavalink.TrackExceptionEvent)
        began = time.perf_counter()
        for number in range(EVENTS):
            node.session.message(text)
            if number % 128 == 0:
                await asyncio.sleep(0)
        await done.wait()
        ours = EVENTS / (time.perf_counter() - began)
        done.clear()
        loop = asyncio.get_running_loop()
        frame = aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, text, None)
        began = time.perf_counter()
        tasks: set[Any] = set()
        for number in range(EVENTS):
            task = loop.create_task(their_node._transport._handle_message_safe(frame))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if number % 128 == 0:
                await asyncio.sleep(0)
        await done.wait()
        other = EVENTS / (time.perf_counter() - began)
        print(
            f"events to a hook: ours {ours:,.0f} /s, Lavalink.py {other:,.0f} /s: {ours / other:.1f} times (wanted: 3)"
        )
        await mine.close()
        await theirs.close()


async def ends() -> None:
    """Ends of tracks, which a store keeps before they are told: many guilds at once, and one alone."""
    with tempfile.TemporaryDirectory() as folder:
        for words, store in (("without a store", None), ("with SQLite", Path(folder, "players.db"))):
            async with FakeNode() as fake, voxlink.Client(USER, store=store) as mine:
                node = mine.add_node(fake.host, fake.port, fake.password, "eu")
                await node.wait_ready()
                texts = [replaced(mine.player_manager.create(guild)) for guild in range(1, ENDS + 1)]
                await mine.recorder.flush()
                rate = ENDS / await until_told(mine, node, texts)
                alone = [await until_told(mine, node, [text]) for text in texts[:LONE_ENDS]]
                lone_us = statistics.median(alone) * 1e6
                print(
                    f"ends to a hook {words}: {rate:,.0f} /s from {ENDS} guilds at once, {lone_us:.0f} us for one alone"
                )


def replaced(player: Any) -> str:
    """Let a player with a queue play; the message that its track was replaced, after which it asks for nothing."""
    track = message(player.guild_id)["track"]
    player.queue.extend([voxlink.AudioTrack(track) for _ in range(QUEUED)])
    player.current = voxlink.AudioTrack(track)
    player._plays.add(Play(player.current, new_token()))
    track["userData"] = player._plays.latest.wire_user_data()
    guild_id = str(player.guild_id)
    return json.dumps(
        {"op": "event", "type": "TrackEndEvent", "guildId": guild_id, "track": track, "reason": "replaced"}
    )


async def until_told(client: voxlink.Client, node: voxlink.Node, texts: list[str]) -> float:
    """How long it takes until a hook has been told of all that these messages say."""
    done = asyncio.Event()
    told = 0

    async def hook(_event: Any) -> None:
        nonlocal told
        told += 1
        if told == len(texts):
            done.set()

    client.add_event_hook(hook, event=voxlink.TrackEndEvent)
    began = time.perf_counter()
    for text in texts:
        node.session.message(text)
    await done.wait()
    took = time.perf_counter() - began
    client.remove_event_hooks(hooks=[hook], events=[voxlink.TrackEndEvent])
    return took


async def failover() -> None:
    """From the moment a node refuses connections until its last player plays elsewhere, each answer 20 ms away."""
    async with FakeNode() as one, FakeNode() as two:
        mine = voxlink.Client(USER, failover=FailoverPolicy(mode="migrate"))
        first = mine.add_node(one.host, one.port, one.password, "eu")
        await first.wait_ready()
        for guild in range(1, FAILOVER_PLAYERS + 1):
            await (mine.player_manager.create(guild)).play(voxlink.AudioTrack(message(guild)["track"]))
        second = mine.add_node(two.host, two.port, two.password, "eu")
        await second.wait_ready()
        two.latency_s = LATENCY_S
        moved = mine.stream(PlayerMigratedEvent)
        began = time.perf_counter()
        await one.stop_listening()
        for _ in range(FAILOVER_PLAYERS):
            await anext(moved)
        ours = time.perf_counter() - began
        moved.close()
        await mine.close()
    async with FakeNode() as one, FakeNode() as two:
        theirs: Any = lavalink.Client(USER)
        nodes = [theirs.add_node(fake.host, fake.port, fake.password, "eu") for fake in (one, two)]
        for node in nodes:
            await their_ready(node)
        for guild in range(1, THEIR_FAILOVER_PLAYERS + 1):
            await theirs.player_manager.create(guild, node=nodes[0]).play(lavalink.AudioTrack(message(guild)["track"]))
        two.latency_s = LATENCY_S
        changed, done = 0, asyncio.Event()

        async def count(_event: Any) -> None:
            nonlocal changed
            changed += 1
            if changed == THEIR_FAILOVER_PLAYERS:
                done.set()

        theirs.add_event_hook(count, event=lavalink.NodeChangedEvent)
        began = time.perf_counter()
        await one.stop_listening()
        async with asyncio.timeout(60):
            await done.wait()
        other = (time.perf_counter() - began) * FAILOVER_PLAYERS / THEIR_FAILOVER_PLAYERS
        await theirs.close()
    print(
        f"failover of {FAILOVER_PLAYERS} players at {LATENCY_S * 1000:.0f} ms: ours {ours:.2f} s (wanted: below 5 s),",
        end=" ",
    )
    print(f"Lavalink.py {other:.0f} s (from {THEIR_FAILOVER_PLAYERS} players)")


async def memory() -> None:
    """What 10,000 players without a queue hold."""
    async with FakeNode() as fake:
        mine, node, theirs, their_node = await pair(fake)

        def create(manager: Any, on: Any) -> float:
            gc.collect()
            tracemalloc.start()
            for guild in range(1, MANY + 1):
                manager.create(guild, node=on)
            gc.collect()
            held, _peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return held / 2**20

        ours, other = create(mine.player_manager, node), create(theirs.player_manager, their_node)
        print(f"memory of {MANY} players: ours {ours:.1f} MiB, Lavalink.py {other:.1f} MiB")
        await mine.close()
        await theirs.close()


async def flat() -> None:
    """One playerUpdate, with 10 players and with 10,000."""
    async with FakeNode() as fake:
        mine, node, theirs, _ = await pair(fake)
        found: list[float] = []
        for count in (10, MANY):
            for guild in range(1, count + 1):
                mine.player_manager.create(guild, node=node)
            state = {"time": 1, "position": 1, "connected": True, "ping": 1}
            texts = [json.dumps({"op": "playerUpdate", "guildId": str(g), "state": state}) for g in range(1, 11)]
            rounds: list[float] = []
            for _ in range(200):
                began = time.perf_counter()
                for text in texts:
                    node.session.message(text)
                rounds.append((time.perf_counter() - began) / len(texts) * 1e6)
            found.append(statistics.median(rounds))
        print(f"one playerUpdate: {found[0]:.1f} us with 10 players, {found[1]:.1f} us with {MANY}")
        await mine.close()
        await theirs.close()
