"""What a player knows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import DefaultPlayer, Node, PlayerUpdateEvent, Queue, QueueChangedEvent, TrackStartEvent


async def test_the_position_goes_on_stands_still_and_jumps_only_when_told() -> None:
    async with world() as (made, _node, _fake):
        updates = made.stream(PlayerUpdateEvent)
        player = await join(made)
        assert player.position == 0
        now = [100.0]
        made.now = lambda: now[0]  # type: ignore[method-assign]
        await player.play(track("a", length_ms=60_000))
        await anext(updates)
        await anext(updates)
        updates.close()
        now[0] += 10
        assert player.position == 10_000
        await player.set_pause(True)
        now[0] += 100
        assert player.position == 10_000
        await player.set_pause(False)
        now[0] += 5
        assert player.position == 15_000
        await player.seek(30_000)
        now[0] += 1
        assert player.position == 31_000
        await player.update_state({"position": 40_000, "time": 9, "connected": True})
        now[0] += 1
        assert (player.position, player.position_timestamp, player._last_position) == (41_000, 9, 40_000)
        await player.node_unavailable()
        now[0] += 1000
        assert player.position == 41_000
        await player.update_state({"position": 59_000, "connected": True})
        now[0] += 1000
        assert player.position == 60_000


async def test_between_the_start_and_the_first_report_the_position_is_the_start() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        starts = made.stream(TrackStartEvent)
        await player.play(track("a", length_ms=100_000), start_time=500)
        await anext(starts)
        assert 500 <= player.position < 5000
        starts.close()


async def test_stored_values() -> None:
    async with world() as (made, _node, _fake):
        player = made.player_manager.create(GUILD)
        player.store("a", 1)
        assert (player.fetch("a"), player.fetch("b"), player.fetch("b", 5)) == (1, None, 5)
        player.delete("a")
        with pytest.raises(KeyError):
            player.delete("a")


async def test_queue_changes_are_told_and_assigning_converts() -> None:
    async with world() as (made, _node, _fake):
        player = made.player_manager.create(GUILD)
        changes = made.stream(QueueChangedEvent)
        player.add(track("a"))
        player.queue = [track("b"), track("c")]  # type: ignore[assignment]
        player.queue += [track("d")]
        player.queue.clear()
        told = [await anext(changes) for _ in range(4)]
        assert [event.op for event in told] == ["append", "set", "extend", "clear"]
        assert ["".join(song.title for song in event.tracks) for event in told] == ["a", "abc", "d", "bcd"]
        changes.close()


async def test_a_full_queue_says_so() -> None:
    async with world(max_queue_size=1) as (made, _node, _fake):
        player = made.player_manager.create(GUILD)
        player.add(track("a"))
        with pytest.raises(ValueError):
            player.add(track("b"))


async def test_a_subclass_with_its_own_state_handling_is_asked() -> None:
    from voxlink.client import DefaultPlayer, PlayerUpdateEvent

    class Mine(DefaultPlayer):
        async def update_state(self, state) -> None:  # type: ignore[no-untyped-def]
            self.seen = state
            await super().update_state(state)

    async with world(player=Mine) as (made, _node, fake):
        player = await join(made)
        updates = made.stream(PlayerUpdateEvent)
        await player.play(track("a"))
        await anext(updates)
        assert player.seen["connected"]  # type: ignore[attr-defined]
        assert fake.player(GUILD).track is not None
        updates.close()


class Turns:
    """A queue as bots write them: one line for each requester."""

    def __init__(self) -> None:
        self.lines: dict[int, list[Any]] = {}

    def __iter__(self) -> Iterator[Any]:
        return iter([song for line in self.lines.values() for song in line])

    def put(self, song: Any) -> None:
        self.lines.setdefault(song.requester, []).append(song)


async def test_a_queue_of_the_bots_own_class_stays_what_it_is() -> None:
    class Mine(DefaultPlayer):
        def __init__(self, guild_id: int, node: Node) -> None:
            super().__init__(guild_id, node)
            self.queue = Turns()  # type: ignore[assignment]

        async def play(self, track: Any = None, start_time: int = 0) -> None:  # type: ignore[override]
            line = next(iter(self.queue.lines.values()))  # type: ignore[attr-defined]
            self.current = line.pop(0)
            await self.play_track(self.current, start_time)  # type: ignore[arg-type]

    async with world(player=Mine) as (made, _node, fake):
        player: Any = await join(made)
        songs = [track("a"), track("b")]
        for song in songs:
            player.queue.put(song)
        starts = made.stream(TrackStartEvent)
        await player.play()
        assert (await anext(starts)).track is songs[0]
        fake.finish(GUILD)
        assert (await anext(starts)).track is songs[1]
        await player.stop()
        assert player.current is None
        starts.close()


async def test_saving_and_restoring_leave_a_queue_of_the_bots_own_class_to_the_bot() -> None:
    class Mine(DefaultPlayer):
        def __init__(self, guild_id: int, node: Node) -> None:
            super().__init__(guild_id, node)
            self.queue = Turns()  # type: ignore[assignment]

    async with world(player=Mine) as (made, _node, fake):
        player: Any = await join(made)
        player.queue.put(track("b"))
        await player.play_track(track("a"))
        await player.stop()
        started = asyncio.ensure_future(made.wait_for(TrackStartEvent, timeout=10))
        await asyncio.sleep(0)
        await player.play_track(track("c"))
        await started
        kept = player.snapshot()
        assert kept.queue == []
        await player.destroy()
        again = await made.restore(kept)
        assert isinstance(again.queue, Turns)
        assert fake.player(GUILD).track is not None


async def test_a_list_of_the_bots_own_class_is_played_from() -> None:
    class Mine(list[Any]):
        pass

    async with world() as (made, _node, _fake):
        player: Any = await join(made)
        songs = [track(name) for name in "abc"]
        player.queue = Mine(songs)
        await player.play()
        await player.skip(to=1)
        assert isinstance(player.queue, Mine)
        assert (player.current, player.queue) == (songs[2], [])
        player.queue = songs
        assert isinstance(player.queue, Queue)
        assert player.queue == songs
