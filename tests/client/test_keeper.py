"""Players survive lost sessions and restarts of the bot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from client.world import GUILD, add, client, join, server_update, state_update, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    LowPass,
    MemoryStore,
    Node,
    NodeReadyEvent,
    PlayerRestoredEvent,
    Store,
    TrackEndEvent,
    TrackStartEvent,
)
from voxlink.errors import EnvironmentFault
from voxlink.protocol import decode_wire_track, encode
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


class FrozenStore(MemoryStore):
    """Keeps nothing more once it is frozen, as the store of a bot that has just been killed."""

    is_frozen = False

    async def save_players(self, scope: Any, changes: Any) -> None:
        if not self.is_frozen:
            await super().save_players(scope, changes)


async def until_plays(made: Client, fake: FakeNode, title: str, guild_id: int = GUILD) -> None:
    """Until client and node agree that a track plays."""
    (node, *_) = made.nodes
    async with asyncio.timeout(10):
        while True:
            current, there = getattr(made.players.get(guild_id), "current", None), fake.player(guild_id).track
            if current is not None and there is not None and current.title == there.info.title == title:
                return
            await node.get_version()


async def killed_after_its_next_track_began(store: FrozenStore, fake: FakeNode) -> None:
    """What a bot leaves that was told the end of a, went on to b, and was killed before it could keep that."""
    async with client(store=store) as first:
        node = add(first, fake, name="main")
        await node.wait_ready()
        await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
        player = await join(first)
        player.queue.extend([track("a"), track("b", length_ms=60_000), track("c")])
        await player.play()
        await first.recorder.flush()
        ends = first.stream(TrackEndEvent)
        fake.finish(GUILD)
        await anext(ends)
        store.is_frozen = True
        ends.close()
        await until_plays(first, fake, "b")
    store.is_frozen = False


def told_by(made: Client) -> list[str]:
    """The titles of the ends that a client tells, as they come."""
    told: list[str] = []
    made.add_event_hook(lambda event: told.append(event.track.title), event=TrackEndEvent)
    return told


def asked_for(fake: FakeNode) -> list[str]:
    """The titles of the tracks that the node was asked to play."""
    sent = [body["track"]["encoded"] for body in fake.patches(GUILD) if (body.get("track") or {}).get("encoded")]
    return [decode_wire_track(encoded).info.title for encoded in sent]


async def test_a_next_track_that_a_killed_bot_could_not_keep_is_taken_over_and_not_played_again() -> None:
    store = FrozenStore()
    async with FakeNode() as fake:
        await killed_after_its_next_track_began(store, fake)
        async with client(store=store) as second:
            told = told_by(second)
            add(second, fake, name="main")
            await until_plays(second, fake, "b")
            player = second.players[GUILD]
            assert ([song.title for song in player.queue], [song.title for song in player.queue.history]) == (
                ["c"],
                ["a"],
            )
            fake.finish(GUILD)
            await until_plays(second, fake, "c")
        assert (told, asked_for(fake)) == (["b"], ["a", "b", "c"])


async def test_a_track_that_began_and_ended_around_the_death_of_a_bot_is_told_once_and_not_played_again() -> None:
    store = FrozenStore()
    async with FakeNode() as fake:
        await killed_after_its_next_track_began(store, fake)
        fake.finish(GUILD)  # nobody is there; the session keeps the message
        async with client(store=store) as second:
            told = told_by(second)
            add(second, fake, name="main")
            await until_plays(second, fake, "c")
            assert [song.title for song in second.players[GUILD].queue.history] == ["a", "b"]
        assert (told, asked_for(fake)) == (["b"], ["a", "b", "c"])


async def test_a_player_that_was_moved_just_before_its_bot_was_killed_is_where_it_was_moved_to() -> None:
    store = FrozenStore()
    async with FakeNode() as old, FakeNode() as new:
        async with client(store=store) as first:
            nodes = [add(first, old, name="old"), add(first, new, name="new")]
            for node, fake in zip(nodes, (old, new), strict=True):
                await node.wait_ready()
                await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
            player = first.player_manager.create(GUILD, node=nodes[0])
            await first.voice_update_handler(state_update())
            await first.voice_update_handler(server_update())
            await player.play(track("a"))
            await first.recorder.flush()
            store.is_frozen = True
            await player.change_node(nodes[1])
        store.is_frozen = False
        await old.restart()
        async with client(store=store) as second:
            waiting = asyncio.ensure_future(restored(second))
            await asyncio.sleep(0)
            add(second, new, name="new")
            before = len(new.patches(GUILD))
            second.add_node(old.host, old.port, old.password, "eu", "old", connect=False)
            (event,) = await waiting
            assert (event.adopted, event.player.node.name, len(new.patches(GUILD))) == (True, "new", before)
            assert event.player.current is not None
            assert (event.player.current.title, event.player.channel_id) == ("a", 7)


async def test_a_node_that_does_not_list_its_players_at_once_is_asked_again_and_its_sound_is_left_alone() -> None:
    store = MemoryStore()
    async with FakeNode() as fake:
        async with client(store=store) as first:
            await fill(first, fake)
        before = list(fake.patches(GUILD))
        fake.fail_next("GET", r"/players$", status=502, times=4)
        async with client(store=store) as second:
            waiting = asyncio.ensure_future(restored(second))
            await asyncio.sleep(0)
            add(second, fake, name="main")
            (event,) = await waiting
            assert event.adopted
            assert fake.patches(GUILD) == before


async def test_a_play_that_meets_a_forgotten_session_loses_neither_volume_nor_filters() -> None:
    async with world() as (made, node, fake):
        player = await join(made)
        await player.set_volume(30)
        await player.set_filter(LowPass(5))
        fake.forget_sessions()  # the socket stays: the client finds out by its next request
        await player.play(track("a"))
        async with asyncio.timeout(10):
            while not fake.has_player(GUILD) or fake.player(GUILD).volume != 30:
                await node.get_version()
        there = fake.player(GUILD)
        assert (player.volume, there.voice.token) == (30, "voice-token")
        assert there.track is not None
        assert encode(there.filters) == b'{"lowPass":{"smoothing":5.0}}'
