"""The API document's hooks: how they are registered, called and removed."""

from __future__ import annotations

from client.world import join, track, world
from voxlink.client import Event, QueueEndEvent, TrackEndEvent, TrackEvent, TrackStartEvent, listener
from voxlink.protocol import EndReason


class Cog:
    def __init__(self) -> None:
        self.seen: list[str] = []

    @listener()
    async def everything(self, event: Event) -> None:
        self.seen.append(f"everything {type(event).__name__}")

    @listener(TrackStartEvent, QueueEndEvent)
    async def some(self, event: Event) -> None:
        self.seen.append(f"some {type(event).__name__}")


async def test_marked_methods_are_called_once_they_are_registered() -> None:
    async with world() as (made, _node, _fake):
        player, cog = await join(made), Cog()
        await made.publish(QueueEndEvent(player))
        assert cog.seen == []
        made.add_event_hooks(cog)
        for event in (
            TrackStartEvent(player, track("a")),
            TrackEndEvent(player, None, EndReason.CLEANUP),
            QueueEndEvent(player),
        ):
            await made.publish(event)
        assert sorted(line for line in cog.seen if "Track" in line or "Queue" in line) == [
            "everything QueueEndEvent",
            "everything TrackEndEvent",
            "everything TrackStartEvent",
            "some QueueEndEvent",
            "some TrackStartEvent",
        ]
        made.remove_event_hooks(hooks=[cog.everything, cog.some])


async def test_a_hook_without_an_event_runs_for_all_and_one_with_an_event_for_that_type() -> None:
    seen: list[str] = []

    async def first(event: Event) -> None:
        seen.append(f"first {type(event).__name__}")

    async def second(event: Event) -> None:
        seen.append(f"second {type(event).__name__}")

    async def starts(event: TrackStartEvent) -> None:
        seen.append(f"starts {type(event).__name__}")

    async with world() as (made, _node, _fake):
        player = await join(made)
        made.add_event_hook(first, second)
        made.add_event_hook(starts, event=TrackStartEvent)
        seen.clear()
        await made.publish(TrackStartEvent(player, track("a")))
        await made.publish(QueueEndEvent(player))
        assert sorted(line for line in seen if "Track" in line or "Queue" in line) == [
            "first QueueEndEvent",
            "first TrackStartEvent",
            "second QueueEndEvent",
            "second TrackStartEvent",
            "starts TrackStartEvent",
        ]
        made.remove_event_hooks(hooks=[first, second])
        made.remove_event_hooks(events=[TrackStartEvent], hooks=[starts])


async def test_hooks_are_removed_from_the_events_given_else_those_of_the_mark_else_from_all_events() -> None:
    async def plain(event: Event) -> None: ...

    async with world() as (made, _node, _fake):
        cog = Cog()
        made.add_event_hooks(cog)
        made.remove_event_hooks(hooks=[cog.some])
        made.remove_event_hooks(hooks=[cog.everything])
        assert not made.has_listeners(TrackStartEvent)
        made.add_event_hook(plain)
        made.remove_event_hooks(hooks=[plain])
        assert not made.has_listeners(Event)
        made.add_event_hook(plain, event=TrackStartEvent)
        made.add_event_hook(plain, event=TrackEndEvent)
        made.remove_event_hooks(events=[TrackStartEvent], hooks=[plain])
        assert not made.has_listeners(TrackStartEvent)
        assert made.has_listeners(TrackEndEvent)
        made.remove_event_hooks(events=[TrackEndEvent], hooks=[plain])


async def test_asking_for_listeners_looks_at_one_type_of_event() -> None:
    async def plain(event: Event) -> None: ...

    async with world() as (made, _node, _fake):
        assert not made.has_listeners(TrackStartEvent)
        made.add_event_hook(plain, event=TrackStartEvent)
        assert made.has_listeners(TrackStartEvent)
        assert not made.has_listeners(QueueEndEvent)
        made.remove_event_hooks(events=[TrackEvent], hooks=[plain])
        made.remove_event_hooks(events=[TrackStartEvent], hooks=[plain])
        assert not made.has_listeners(TrackStartEvent)
