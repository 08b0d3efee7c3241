"""The table of hooks."""

import gc

import pytest

from voxlink.client import NodeEvent, NodeReadyEvent, TrackEndEvent, TrackEvent, TrackStartEvent, listener
from voxlink.client.events import Event
from voxlink.client.hooks import HookTable, marked_events, marked_hooks
from voxlink.errors import BadType


async def hook(event: Event) -> None: ...


def test_a_hook_for_a_base_class_sees_its_subclasses() -> None:
    table = HookTable()
    table.add(TrackEvent, hook)
    assert table.hooks_for(TrackStartEvent) == table.hooks_for(TrackEndEvent) == (hook,)
    assert table.hooks_for(NodeReadyEvent) == ()


def test_a_hook_runs_once_however_often_it_is_registered() -> None:
    table = HookTable()
    for kind in (None, TrackEvent, TrackStartEvent, TrackStartEvent):
        table.add(kind, hook)
    assert table.hooks_for(TrackStartEvent) == (hook,)


def test_same_named_classes_of_different_modules_do_not_mix() -> None:
    class TrackStartEvent(Event):  # type: ignore[no-redef]
        __slots__ = ()

    table = HookTable()
    table.add(TrackStartEvent, hook)
    from voxlink.client import TrackStartEvent as Ours

    assert table.hooks_for(Ours) == ()


@pytest.mark.parametrize(("event", "function"), [(Event, 5), (int, hook), (Event, None)])
def test_what_is_no_hook_or_no_event_is_refused(event: object, function: object) -> None:
    with pytest.raises(BadType):
        HookTable().add(event, function)  # type: ignore[arg-type]


def test_removing_and_clearing_forget() -> None:
    table = HookTable()
    table.add(TrackEvent, hook)
    assert table.remove(TrackEvent, hook)
    assert not table.remove(TrackEvent, hook)
    table.add(NodeEvent, hook)
    table.clear()
    assert (len(table), list(table), table.hooks_for(NodeReadyEvent)) == (0, [], ())


def test_listener_marks_methods_and_properties_are_left_alone() -> None:
    class Cog:
        @property
        def trap(self) -> None:
            raise AssertionError("a property was evaluated")

        @listener()
        async def everything(self, event: Event) -> None: ...

        @listener(TrackStartEvent, TrackEndEvent)
        async def tracks(self, event: TrackEvent) -> None: ...

    class Child(Cog):
        @listener(NodeReadyEvent)
        async def tracks(self, event: NodeReadyEvent) -> None: ...  # type: ignore[override]

    cog = Child()
    assert dict(marked_hooks(cog)) == {(Event,): cog.everything, (NodeReadyEvent,): cog.tracks}
    assert marked_events(Cog.tracks) == (TrackStartEvent, TrackEndEvent)
    assert marked_events(hook) == ()


def test_the_table_can_be_read_as_a_mapping() -> None:
    table = HookTable()
    table.add(TrackStartEvent, hook)
    table.add(None, hook)
    assert dict(table) == {TrackStartEvent: (hook,), Event: (hook,)}
    assert list(table.keys()) == [TrackStartEvent, Event]
    assert table.get(TrackEndEvent) is None
    table.clear()
    assert not table


class Listening:
    @listener(TrackStartEvent)
    def heard(self, event: Event) -> str:
        return "heard"


def test_a_weak_hook_lives_as_long_as_its_object() -> None:
    table = HookTable()
    cog = Listening()
    table.add(TrackEvent, cog.heard, weak=True)
    table.add(TrackEvent, cog.heard)
    (found,) = table.hooks_for(TrackStartEvent)
    assert found is not cog.heard
    assert found == cog.heard
    assert "Listening.heard" in repr(found)
    assert found(NodeReadyEvent) == "heard"
    del cog
    gc.collect()
    assert (len(table), table.hooks_for(TrackStartEvent)) == (0, ())
    assert found(NodeReadyEvent) is None


def test_a_weak_hook_is_removed_by_its_method() -> None:
    table = HookTable()
    cog = Listening()
    table.add(TrackEvent, cog.heard, weak=True, concurrent=True)
    assert table.found_for(TrackStartEvent) == ((), (cog.heard,))
    assert table.remove(TrackEvent, cog.heard)
    table.add(TrackEvent, cog.heard)
    assert table.found_for(TrackStartEvent) == ((cog.heard,), ())


def test_only_bound_methods_can_be_weak() -> None:
    with pytest.raises(BadType, match="bound methods"):
        HookTable().add(TrackEvent, hook, weak=True)
