"""Players are written soon after they change; the end of a track is written before anybody is told of it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from client.world import GUILD, add, client, join, track, world
from voxlink.client import (
    Client,
    DefaultPlayer,
    MemoryStore,
    QueueEndEvent,
    TrackEndEvent,
    TrackStartEvent,
    VolumeChangedEvent,
    keeper,
    recorder,
)
from voxlink.client.snapshot import PlayerSnapshot, decode_snapshot
from voxlink.errors import EnvironmentFault
from voxlink.protocol import EndReason, decode_wire_track
from voxlink.testing import FakeNode

OTHER = GUILD + (1 << 22)


class GatedStore(MemoryStore):
    """Keeps writes waiting while `gate` is closed; `writes` are those that were kept."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.writes: list[dict[int, PlayerSnapshot]] = []

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        await self.gate.wait()
        self.writes.append({guild: decode_snapshot(change[1]) for guild, change in changes.items() if change})
        await super().save_players(scope, changes)


class FailingStore(MemoryStore):
    """Refuses to keep players."""

    async def save_players(self, scope: str, changes: Mapping[int, tuple[str, bytes] | None]) -> None:
        raise EnvironmentFault("the disk is full")


async def until_noted(player: DefaultPlayer) -> None:
    """Until the player knows that its track has ended, told or not."""
    async with asyncio.timeout(10):
        while not player._plays.latest.ended:  # type: ignore[union-attr]
            await player.node.get_version()  # messages come meanwhile


def titles(events: list[Any]) -> list[tuple[str, str]]:
    return [(type(event).__name__, event.track.title) for event in events]


async def playing(made: Client, guild_id: int, *names: str) -> DefaultPlayer:
    """A player in a channel that plays the first of some tracks, with the others in its queue, all of it kept."""
    player = await join(made, guild_id)
    player.queue.extend([track(name) for name in names])
    started = asyncio.ensure_future(made.wait_for(TrackStartEvent, timeout=10))
    await asyncio.sleep(0)
    await player.play()
    await started
    await made.recorder.flush()
    return player


async def test_an_end_is_written_before_it_is_told_and_the_next_track_is_asked_for_afterwards() -> None:
    store = GatedStore()
    async with world(store=store) as (made, _node, fake):
        player = await playing(made, GUILD, "a", "b")
        told: list[Any] = []
        made.add_event_hook(told.append, event=TrackEndEvent)
        ends = made.stream(TrackEndEvent)
        store.gate.clear()
        fake.finish(GUILD)
        await until_noted(player)
        asked = len(fake.patches(GUILD))
        assert (told, [song.title for song in player.queue]) == ([], ["b"])
        starts = made.stream(TrackStartEvent)
        store.gate.set()
        assert titles([await anext(ends)]) == [("TrackEndEvent", "a")]
        assert store.writes[-1][GUILD].has_ended
        assert [song.data["info"]["title"] for song in store.writes[-1][GUILD].queue] == ["b"]
        assert (await anext(starts)).track.title == "b"
        assert len(fake.patches(GUILD)) == asked + 1
        assert titles(told) == [("TrackEndEvent", "a")]
        ends.close()
        starts.close()


async def test_what_follows_an_end_in_its_guild_waits_with_it_and_other_guilds_do_not() -> None:
    store = GatedStore()
    async with world(store=store) as (made, _node, fake):
        player = await playing(made, GUILD, "a", "b")
        other = await playing(made, OTHER, "x")
        told: list[Any] = []
        made.add_event_hook(told.append, event=TrackEndEvent)
        made.add_event_hook(told.append, event=VolumeChangedEvent)
        store.gate.clear()
        fake.finish(GUILD)
        await until_noted(player)
        await player.set_volume(10)  # a command needs no event: it is answered at once
        await other.set_volume(20)
        await asyncio.sleep(0)
        assert [(type(event), event.player) for event in told] == [(VolumeChangedEvent, other)]
        done = asyncio.ensure_future(made.wait_for(VolumeChangedEvent, timeout=10))
        await asyncio.sleep(0)
        store.gate.set()
        await done
        await made.publish(VolumeChangedEvent(player, 0, 0))
        assert [type(event) for event in told[1:3]] == [TrackEndEvent, VolumeChangedEvent]


async def test_ends_that_come_during_a_write_share_the_next_one() -> None:
    store = GatedStore()
    async with world(store=store) as (made, _node, fake):
        guilds = [GUILD + (number << 22) for number in range(5)]
        for guild_id in guilds:
            await playing(made, guild_id, f"track {guild_id}")
        ends = made.stream(TrackEndEvent)
        store.gate.clear()
        fake.finish(guilds[0])
        await until_noted(made.players[guilds[0]])
        before = len(store.writes)
        for guild_id in guilds[1:]:
            fake.finish(guild_id)
        for guild_id in guilds[1:]:
            await until_noted(made.players[guild_id])
        store.gate.set()
        assert {(await anext(ends)).player.guild_id for _ in guilds} == set(guilds)
        written = [set(write) for write in store.writes[before:]]
        assert written[:2] == [{guilds[0]}, set(guilds[1:])]
        ends.close()


async def test_a_store_that_does_not_answer_holds_up_an_end_for_a_bounded_time_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert recorder.END_PATIENCE_S == 1.0
    monkeypatch.setattr(recorder, "END_PATIENCE_S", 0.01)
    store = GatedStore()
    async with world(store=store) as (made, _node, fake):
        player = await playing(made, GUILD, "a", "b", "c")
        starts, ends = made.stream(TrackStartEvent), made.stream(TrackEndEvent)
        store.gate.clear()
        fake.finish(GUILD)
        assert titles([await anext(ends)]) == [("TrackEndEvent", "a")]
        assert (await anext(starts)).track.title == "b"
        assert "does not answer" in caplog.text
        caplog.clear()
        assert made.recorder.write_end(player) is None  # as long as it does not answer nothing waits for it
        fake.finish(GUILD)
        assert titles([await anext(ends)]) == [("TrackEndEvent", "b")]
        assert "does not answer" not in caplog.text
        store.gate.set()
        await made.recorder.flush()
        assert made.recorder.write_end(player) is not None
        ends.close()
        starts.close()


async def test_a_store_that_fails_holds_up_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with world(store=FailingStore()) as (made, _node, fake):
        await playing(made, GUILD, "a", "b")
        starts, ends = made.stream(TrackStartEvent), made.stream(TrackEndEvent)
        fake.finish(GUILD)
        assert titles([await anext(ends)]) == [("TrackEndEvent", "a")]
        assert (await anext(starts)).track.title == "b"
        assert "the disk is full" in caplog.text
        ends.close()
        starts.close()


async def test_without_a_store_an_end_is_told_at_once() -> None:
    async with world() as (made, node, _fake):
        player = await playing(made, GUILD, "a")
        seen: list[Any] = []
        undo = made.dispatcher.tap(TrackEndEvent, seen.append)
        event = TrackEndEvent(player, player.current, EndReason.FINISHED)
        player._take_event(event, node)
        assert seen == [event]
        undo()


async def test_a_player_that_is_destroyed_waits_for_nothing() -> None:
    async with world(store=MemoryStore()) as (made, _node, _fake):
        player = await playing(made, GUILD, "a")
        await player.destroy()
        assert made.recorder.write_end(player) is None
        assert made.recorder.is_forgotten(GUILD)
        await made.recorder.flush()
        assert not made.recorder.is_forgotten(GUILD)


async def test_an_end_that_waits_when_the_client_closes_is_written_and_told() -> None:
    store = GatedStore()
    told: list[Any] = []
    async with world(store=store) as (made, _node, fake):
        player = await playing(made, GUILD, "a", "b")
        made.add_event_hook(told.append, event=TrackEndEvent)
        store.gate.clear()
        fake.finish(GUILD)
        await until_noted(player)
        closing = asyncio.ensure_future(made.close())
        await asyncio.sleep(0)
        store.gate.set()
        await closing
    assert titles(told) == [("TrackEndEvent", "a")]
    assert store.writes[-1][GUILD].has_ended


async def test_a_change_is_written_soon_and_what_could_not_be_written_later() -> None:
    store = GatedStore()
    async with world(store=store) as (made, _node, _fake):
        player = await playing(made, GUILD, "a")
        before = len(store.writes)
        player.store("mood", "calm")
        async with asyncio.timeout(10):
            while len(store.writes) == before:
                await made.nodes[0].get_version()
        assert store.writes[-1][GUILD].stored == {"mood": "calm"}


@pytest.mark.parametrize(("moment", "told_before"), [("written", []), ("told", ["a"]), ("started", ["a"])])
async def test_two_processes_tell_an_end_once_between_them_whenever_the_first_is_killed(
    moment: str, told_before: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "SECOND_LOOK_S", 0.0)
    store = tmp_path / "players.db"
    async with FakeNode() as fake:
        async with client(store=store) as first:
            node = add(first, fake, name="main")
            await node.wait_ready()
            await fake.wait_request("PATCH", r"/v4/sessions/\w+$")
            await playing(first, GUILD, "a", "b", "c")
        bot = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("killed_bot.py"), store, str(fake.port), moment],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with bot:
            assert bot.stdout is not None
            try:
                assert await asyncio.to_thread(bot.stdout.readline) == "restored\n"
                fake.finish(GUILD)
                told = [line.split()[1] for line in (await asyncio.to_thread(bot.stdout.read)).splitlines()]
            finally:
                bot.kill()
        assert (bot.returncode, told) == (-signal.SIGKILL, told_before)
        async with client(store=store) as second:
            second.add_event_hook(lambda event: told.append(event.track.title), event=TrackEndEvent)
            finished = asyncio.ensure_future(second.wait_for(QueueEndEvent, timeout=10))
            node = add(second, fake, name="main")
            for title in ("b", "c"):
                async with asyncio.timeout(10):
                    while not is_playing(second, fake, title):
                        await node.get_version()
                fake.finish(GUILD)
            await finished
        assert told == ["a", "b", "c"]
        sent = [body["track"]["encoded"] for body in fake.patches(GUILD) if (body.get("track") or {}).get("encoded")]
        assert [decode_wire_track(encoded).info.title for encoded in sent] == ["a", "b", "c"]


def is_playing(made: Client, fake: FakeNode, title: str) -> bool:
    """Whether node and client agree that the track plays."""
    current, there = getattr(made.players.get(GUILD), "current", None), fake.player(GUILD).track
    return current is not None and there is not None and current.title == there.info.title == title
