"""The client's door to events."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from client.world import GUILD, join, track, world
from voxlink.client import Event, NodeReadyEvent, TrackEndEvent, TrackEvent, TrackStartEvent, lanes, listener


async def test_hooks_in_every_form() -> None:
    seen: list[str] = []

    class Cog:
        @listener(TrackStartEvent)
        async def started(self, event: TrackStartEvent) -> None:
            seen.append("method")

    async with world() as (made, _node, _fake):
        cog = Cog()
        made.add_event_hooks(cog)
        made.add_event_hooks(cog)

        @made.on(TrackEvent)
        async def any_track(event: TrackEvent) -> None:
            seen.append("base class")

        @made.once(TrackStartEvent)
        async def once(event: TrackStartEvent) -> None:
            seen.append("once")

        made.add_event_hook(lambda event: seen.append("plain"), event=TrackStartEvent)
        assert made.has_listeners(TrackEndEvent)
        assert not made.has_listeners(NodeReadyEvent)
        song = track("a")
        player = await join(made)
        await made._dispatch_event(TrackStartEvent(player, song))
        await made._dispatch_event(TrackStartEvent(player, song))
        assert sorted(seen) == ["base class", "base class", "method", "method", "once", "plain", "plain"]
        made.remove_event_hooks(hooks=[cog.started, any_track])
        made.remove_event_hooks(events=[TrackEndEvent, TrackEvent], hooks=[any_track])
        seen.clear()
        await made._dispatch_event(TrackStartEvent(player, song))
        assert seen == ["plain"]
        made._event_hooks.clear()
        assert not made.has_listeners(Event)


async def test_a_hook_may_skip_and_wait_inside_a_track_end() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        songs = [track(name) for name in "abc"]
        player.queue.extend(songs)
        found: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        @made.on(TrackEndEvent)
        async def ended(event: TrackEndEvent) -> None:
            if event.track is songs[0]:
                waiting = asyncio.ensure_future(
                    made.wait_for(TrackStartEvent, check=lambda e: e.track is songs[2], timeout=10)
                )
                await made.wait_for(TrackStartEvent, check=lambda e: e.track is songs[1], timeout=10)
                await player.skip()
                found.set_result(await waiting)

        await player.play()
        fake.finish(GUILD)
        assert (await found).track is songs[2]


async def test_a_hook_that_sleeps_for_ever_holds_up_nobody_else() -> None:
    async with world() as (made, _node, fake):
        player = await join(made)
        songs = [track(name) for name in "ab"]
        player.queue.extend(songs)

        @made.on(TrackStartEvent)
        async def asleep(event: TrackStartEvent) -> None:
            await asyncio.Event().wait()

        await player.play()
        waiting = asyncio.ensure_future(made.wait_for(TrackStartEvent, check=lambda e: e.track is songs[1], timeout=10))
        await asyncio.sleep(0)
        fake.finish(GUILD)
        await waiting
        await player.stop()


async def test_a_hook_that_is_too_slow_is_named_and_the_next_event_goes_past_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "SLOW_S", 0.0)
    seen: list[str] = []
    both = asyncio.Event()

    class Cog:
        @listener(TrackStartEvent)
        async def announce(self, event: TrackStartEvent) -> None:
            seen.append(event.track.title)
            if len(seen) == 2:
                both.set()
            await asyncio.Event().wait()

    async with world() as (made, _node, _fake):
        made.add_event_hooks(Cog())
        player = await join(made)
        for title in "ab":
            await player.play(track(title))
        async with asyncio.timeout(10):
            await both.wait()
        assert seen == ["a", "b"]
        assert "Cog.announce (TrackStartEvent)" in caplog.text
        assert f"of guild {GUILD} is busy" in caplog.text


async def test_a_cog_may_be_registered_weakly_and_concurrently() -> None:
    class Cog:
        @listener(TrackStartEvent)
        async def started(self, event: TrackStartEvent) -> None: ...

    async with world() as (made, _node, _fake):
        cog = Cog()
        made.add_event_hooks(cog, weak=True)
        made.on(TrackEndEvent, weak=True, concurrent=True)(cog.started)
        made.add_event_hook(cog.started, event=NodeReadyEvent, weak=True)
        assert made.has_listeners(TrackStartEvent)
        assert made.has_listeners(TrackEndEvent)
        del cog
        gc.collect()
        assert not made.hooks
