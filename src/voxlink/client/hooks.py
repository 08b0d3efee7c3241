"""Who listens to what: the `listener` mark and the table of hooks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from voxlink.client.events import Event
from voxlink.errors import BadType

__all__ = ["Hook", "HookTable", "listener"]

Hook = Callable[..., Any]
"""A function of one event; coroutine functions are awaited, plain ones are called."""

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

MARK = "_lavalink_events"
"""The attribute that `listener` sets, under Lavalink.py's name."""


def listener(*events: type[Event]) -> Callable[[FunctionT], FunctionT]:
    """Mark a method as an event hook; register its instance with `Client.add_event_hooks`.

    Without arguments the method sees every event; with a base class, the events of all its subclasses.
    """

    def mark(function: FunctionT) -> FunctionT:
        setattr(function, MARK, events or (Event,))
        return function

    return mark


class HookTable(Mapping[type[Event], Sequence[Hook]]):
    """Hooks by event class, looked up along the bases of an event's class.

    To read it is a mapping of event class to hooks; `clear` forgets them all.
    """

    def __init__(self) -> None:
        self._hooks: dict[type[Event], list[Hook]] = {}
        self._found: dict[type[Event], tuple[Hook, ...]] = {}

    def add(self, event: type[Event] | None, hook: Hook) -> None:
        """Register `hook` once for `event` and its subclasses; None means every event. Raises `BadType`."""
        if not callable(hook):
            raise BadType(f"an event hook must be callable, not {type(hook).__name__}")
        kind = Event if event is None else event
        if not (isinstance(kind, type) and issubclass(kind, Event)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise BadType(f"{kind!r} is no event class")
        hooks = self._hooks.setdefault(kind, [])
        if hook not in hooks:
            hooks.append(hook)
            self._found.clear()

    def remove(self, event: type[Event], hook: Hook) -> bool:
        """Forget one registration; False if there was none."""
        hooks = self._hooks.get(event, [])
        if hook not in hooks:
            return False
        hooks.remove(hook)
        if not hooks:
            del self._hooks[event]
        self._found.clear()
        return True

    def hooks_for(self, kind: type[Event]) -> tuple[Hook, ...]:
        """Every hook that sees an event of class `kind`, each once; those for all events come first."""
        found = self._found.get(kind)
        if found is None:
            ordered = [hook for base in reversed(kind.__mro__) for hook in self._hooks.get(base, ())]
            found = self._found[kind] = tuple(dict.fromkeys(ordered))
        return found

    def clear(self) -> None:
        """Forget every hook."""
        self._hooks.clear()
        self._found.clear()

    def __len__(self) -> int:
        return len(self._hooks)

    def __iter__(self) -> Iterator[type[Event]]:
        return iter(list(self._hooks))

    def __getitem__(self, event: type[Event]) -> Sequence[Hook]:
        return tuple(self._hooks[event])

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __repr__(self) -> str:
        return f"<HookTable {sum(map(len, self._hooks.values()))} hooks for {len(self._hooks)} events>"


def marked_hooks(instance: object) -> Iterator[tuple[tuple[type[Event], ...], Hook]]:
    """The `listener` methods of an instance with their events; properties of the instance are not evaluated."""
    seen: set[str] = set()
    for base in type(instance).__mro__:
        for name, member in vars(base).items():
            if name in seen:
                continue
            seen.add(name)
            function: Any = getattr(member, "__func__", member)
            events = getattr(function, MARK, None) if inspect.isroutine(function) else None
            if events is not None:
                yield events, getattr(instance, name)


def marked_events(hook: Hook) -> tuple[type[Event], ...]:
    """The events that `listener` wrote on a hook; none for plain functions."""
    return getattr(hook, MARK, ())
