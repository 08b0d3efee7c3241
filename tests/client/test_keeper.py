"""Players survive lost sessions and restarts of the bot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from client.world import GUILD, add, client, join, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    LowPass,
    MemoryStore,
    Node,
    NodeReadyEvent,
    PlayerRestoredEvent,
    Store,
    TrackStartEvent,
)
from voxlink.errors import EnvironmentFault
from voxlink.testing import FakeNode


async def restored(made: Client, count: int = 1) -> list[PlayerRestoredEvent]:
    stream = made.stream(PlayerRestoredEvent)
    found = [await anext(stream) for _ in range(count)]
    stream.close()
    return found


async def test_a_resumed_session_is_left_alone() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        song = track("a")
        await player.play(song, end_time=100_000)
        before = list(fake.patches(GUILD))
        waiting = asyncio.ensure_future(restored(made))
        await asyncio.sleep(0)
        await fake.vanish()
        (event,) = await waiting
        assert (event.adopted, event.player, player.current) == (True, player, song)
        await node.get_version()
        assert fake.patches(GUILD) == before
        assert fake.calls("DELETE") == []


async def test_a_lost_session_is_set_up_again_in_one_request() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        await player.play(track("a"), start_time=30_000, end_time=100_000)
        await player.set_filter(LowPass(5))
        before = len(fake.patches(GUILD))
        waiting = asyncio.ensure_future(restored(made))
        await asyncio.sleep(0)
        await fake.restart()
        (event,) = await waiting
        assert (event.adopted, event.player) == (False, player)
        (body,) = fake.patches(GUILD)[before:]
        assert body["endTime"] == 100_000
        assert 30_000 <= body["position"] < 40_000
        assert body["filters"] == {"lowPass": {"smoothing": 5.0}}
        assert body["voice"]["token"] == "voice-token"


async def test_a_track_that_ended_while_the_socket_was_away_is_told_once_and_the_queue_goes_on() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("a"), track("b")])
        await player.play()
        starts = made.stream(TrackStartEvent)
        await fake.vanish()
        fake.finish(GUILD)
        async for event in starts:
            if event.track.title == "b":
                break
        starts.close()
        assert (player.queue, [body["track"]["encoded"] for body in fake.patches(GUILD) if "track" in body][2:]) == (
            [],
            [],
        )


async def test_a_lost_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from voxlink.client import keeper

    monkeypatch.setattr(keeper, "SECOND_LOOK_S", 0.0)
    async with world() as (made, _node, fake):
        player = await join(made)
        player.queue.extend([track("a"), track("b")])
        await player.play()
        await fake.vanish()
        fake.player(GUILD).track = None
        starts = made.stream(TrackStartEvent)
        async for event in starts:
            if event.track.title == "b":
                break
        starts.close()


async def known(made: Client) -> None:
    """The session has begun, with all that follows a ready message."""
    (node,) = made.nodes
    while node.info is None:
        await node.get_version()


STORES = ["memory", "sqlite"]


def store_of(kind: str, folder: Path) -> Store | Path:
    return MemoryStore() if kind == "memory" else folder / "players.db"


async def fill(made: Client, fake: FakeNode) -> None:
    node = add(made, fake, name="main")
    await node.wait_ready()
    await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
    player = await join(made)
    for name in "abc":
        player.add(track(name), requester=42)
    player.queue[1].extra["mood"] = "calm"
    await player.play(volume=60)
    await player.skip()
    await player.seek(50_000)
    player.set_loop(2)
    player.set_shuffle(True)
    await player.set_filter(LowPass(5))
    player.store("text channel", 99)
    player.store("not json", object())


def check(player: Any, *, adopted: bool) -> None:
    assert [song.title for song in player.queue] == ["c", "a"] or [song.title for song in player.queue] == ["c"]
    assert [song.title for song in player.queue.history] == ["a"]
    assert (player.current.title, player.current.requester, player.queue[0].requester) == ("b", 42, 42)
    assert (player.volume, player.loop, player.shuffle, player.channel_id) == (60, 2, True, 7)
    assert player.filters["lowpass"].values == {"smoothing": 5.0}
    assert player.fetch("text channel") == 99
    assert player.fetch("not json") is None
    assert 50_000 <= player.position < 60_000


@pytest.mark.parametrize("kind", STORES)
async def test_the_next_process_takes_over_what_plays(kind: str, tmp_path: Path) -> None:
    store = store_of(kind, tmp_path)
    async with FakeNode() as fake:
        async with client(store=store) as first:
            await fill(first, fake)
        before = list(fake.patches(GUILD))
        async with client(store=store) as second:
            waiting = asyncio.ensure_future(restored(second))
            await asyncio.sleep(0)
            add(second, fake, name="main")
            (event,) = await waiting
            assert event.adopted
            check(second.players[GUILD], adopted=True)
            assert fake.patches(GUILD) == before
            starts = second.stream(TrackStartEvent)
            fake.finish(GUILD)
            assert (await anext(starts)).track.requester == 42
            starts.close()


@pytest.mark.parametrize("kind", STORES)
async def test_the_next_process_restores_what_the_node_forgot(kind: str, tmp_path: Path) -> None:
    store = store_of(kind, tmp_path)
    async with FakeNode() as fake:
        async with client(store=store) as first:
            await fill(first, fake)
        await fake.restart()
        async with client(store=store) as second:
            waiting = asyncio.ensure_future(restored(second))
            await asyncio.sleep(0)
            add(second, fake, name="main")
            (event,) = await waiting
            assert not event.adopted
            check(second.players[GUILD], adopted=False)
            playing = fake.player(GUILD)
            assert playing.track is not None
            assert (playing.track.info.title, playing.volume, playing.voice.token) == ("b", 60, "voice-token")


async def test_a_destroyed_player_stays_destroyed(tmp_path: Path) -> None:
    async with FakeNode() as fake:
        async with client(store=tmp_path / "p.db") as first:
            await fill(first, fake)
            await first.player_manager.destroy(GUILD)
        async with client(store=tmp_path / "p.db") as second:
            node = add(second, fake, name="main")
            await node.wait_ready()
            await known(second)
            assert second.players == {}


async def test_players_that_cannot_be_made_again_hold_up_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    class Mine(DefaultPlayer):
        def __init__(self, bot: object, guild_id: int, node: Node) -> None:
            super().__init__(guild_id, node)

    for restarts in (False, True):  # restored from the store, or taken over from the node
        store = MemoryStore()
        async with FakeNode() as fake:
            async with client(store=store) as first:
                await fill(first, fake)
            if restarts:
                await fake.restart()
            async with client(store=store, player=Mine) as second:
                node = add(second, fake, name="main")
                await node.wait_ready()
                while node.info is None:
                    await node.get_version()
                assert second.players == {}
                assert not fake.has_player(GUILD)
                assert "could not be made again" in caplog.text
        caplog.clear()


async def test_only_the_guilds_of_this_processs_shards_are_restored() -> None:
    store = MemoryStore()
    async with FakeNode() as fake:
        async with client(store=store) as first:
            node = add(first, fake, name="main")
            await node.wait_ready()
            for shard in range(4):
                await (await join(first, shard << 22)).play(track(str(shard)))
        await fake.restart()
        async with client(store=store, shard_ids=[1, 3], shard_count=4) as second:
            waiting = asyncio.ensure_future(restored(second, 2))
            await asyncio.sleep(0)
            add(second, fake, name="main")
            await waiting
            assert sorted(second.players) == [1 << 22, 3 << 22]


async def test_clients_of_other_names_and_users_do_not_mix() -> None:
    store = MemoryStore()
    async with FakeNode() as fake:
        async with client(store=store) as first:
            await fill(first, fake)
        await fake.restart()
        async with client(store=store, name="other") as second:
            node = add(second, fake, name="main")
            await node.wait_ready()
            await known(second)
            assert second.players == {}


async def test_unknown_players_of_a_resumed_session_are_adopted_or_removed() -> None:
    for adopt in (True, False):
        async with FakeNode() as fake:
            async with client() as first:
                await fill(first, fake)
                session = first.nodes[0].session_id
            async with client(adopt_unknown=adopt) as second:
                node = add(second, fake, session_id=session)
                ready = await second.wait_for(NodeReadyEvent, timeout=10)
                assert ready.resumed
                await known(second)
                assert (GUILD in second.players) == adopt == fake.has_player(GUILD)
                if adopt:
                    assert second.players[GUILD].current.title == "b"
                assert node.is_ready


class Broken(MemoryStore):
    async def save_players(self, scope: Any, changes: Any) -> None:
        raise EnvironmentFault("the disk is full")

    async def load_players(self, scope: Any, node: Any) -> dict[int, bytes]:
        return {1: b"not json", 2: b'{"version":99,"guild_id":2,"node":"main","saved_at":0}'}


async def test_a_store_that_fails_or_holds_rubbish_never_stops_the_music(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeNode() as fake, client(store=Broken()) as made:
        await fill(made, fake)
        await made.recorder.flush()
        assert "the disk is full" in caplog.text
        assert "cannot be read" in caplog.text
        assert list(made.players) == [GUILD]
