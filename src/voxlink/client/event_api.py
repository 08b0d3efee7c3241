"""The client's door to events: hooks in every form, waiting, streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from voxlink.client.dispatch import Dispatcher, EventStream
from voxlink.client.events import Event
from voxlink.client.hooks import Hook, HookTable, marked_events, marked_hooks
from voxlink.client.lanes import Delivery

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.node import Node

__all__ = ["EventApi"]

EventT = TypeVar("EventT", bound=Event)
T = TypeVar("T")


class EventApi:
    """What `Client` offers about events."""

    dispatcher: Dispatcher
    plugin_events: dict[str, Callable[[BasePlayer | None, Node, Mapping[str, Any]], Event]]

    @property
    def hooks(self) -> HookTable:
        """The registered hooks."""
        return self.dispatcher.hooks

    @property
    def _event_hooks(self) -> HookTable:
        return self.dispatcher.hooks

    def publish(self, event: Event) -> Delivery:
        """Give an event to everybody who listens. The answer may be awaited, to wait for the hooks."""
        return self.dispatcher.publish(event)

    _dispatch_event = publish

    def add_event_hook(
        self, *hooks: Hook, event: type[Event] | None = None, concurrent: bool = False, weak: bool = False
    ) -> None:
        """Call `hooks` for every event of class `event` (subclasses included); without one, for every event.

        Coroutine functions are awaited, plain functions called. Registering twice is the same as once. `concurrent`
        hooks are called at once for each event, out of order, and nothing waits for them. `weak` keeps a bound method
        registered only as long as its object lives. Raises TypeError.
        """
        for hook in hooks:
            self.hooks.add(event, hook, concurrent=concurrent, weak=weak)

    def add_event_hooks(self, cls: Any, *, concurrent: bool = False, weak: bool = False) -> None:
        """Register the methods of an instance that are marked with `listener`. Registering twice is the same as
        once. `concurrent` and `weak` as in `add_event_hook`.
        """
        for events, hook in marked_hooks(cls):
            for event in events:
                self.hooks.add(event, hook, concurrent=concurrent, weak=weak)

    def remove_event_hooks(self, *, events: Sequence[type[Event]] | None = None, hooks: Sequence[Hook]) -> None:
        """Forget hooks: of `events`, else of those that `listener` gave them, else of all events."""
        for hook in hooks:
            for event in events or marked_events(hook) or (Event,):
                self.hooks.remove(event, hook)

    def clear_event_hooks(self) -> None:
        """Forget every hook."""
        self.hooks.clear()

    def on(self, *events: type[Event], concurrent: bool = False, weak: bool = False) -> Callable[[T], T]:
        """Register the decorated function: `@client.on(TrackStartEvent)`. Without arguments, for every event.

        `concurrent` and `weak` as in `add_event_hook`.
        """

        def register(function: T) -> T:
            for event in events or (Event,):
                self.hooks.add(event, function, concurrent=concurrent, weak=weak)  # type: ignore[arg-type]
            return function

        return register

    def once(self, event: type[Event]) -> Callable[[T], T]:
        """Register the decorated function for one event only."""

        def register(function: T) -> T:
            def first(found: Event) -> Any:
                self.hooks.remove(event, first)
                return function(found)  # type: ignore[operator]

            self.hooks.add(event, first)
            return function

        return register

    async def wait_for(
        self, event: type[EventT], *, check: Callable[[EventT], bool] | None = None, timeout: float | None = None
    ) -> EventT:
        """The next event of a class that `check` accepts. Raises TimeoutError after `timeout` seconds.

        Never waits for hooks, and may be used inside one.
        """
        return await self.dispatcher.wait_for(event, check, timeout)

    def stream(self, event: type[EventT]) -> EventStream[EventT]:
        """Events of a class as an async iterator, from now on: `async with client.stream(TrackEvent) as events:`."""
        return EventStream(self.dispatcher, event)

    def has_listeners(self, event: type[Event]) -> bool:
        """Whether anybody would see an event of this class."""
        return self.dispatcher.has_listeners(event)

    def register_plugin_event(
        self, type_name: str, build: Callable[[BasePlayer | None, Node, Mapping[str, Any]], Event]
    ) -> None:
        """Turn `event` messages of the type `type_name` into events of your own: `build(player, node, data)`."""
        self.plugin_events[type_name] = build
