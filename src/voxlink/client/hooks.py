"""Who listens to what: the `listener` mark and the table of hooks."""

from __future__ import annotations

import inspect
import weakref
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


class WeakHook:
    """A bound method that does not keep its object alive. It equals the method; without the object it does nothing."""

    __slots__ = ("__weakref__", "_hash", "_method", "_name")

    def __init__(self, method: Hook, gone: Callable[[Hook], object]) -> None:
        if not inspect.ismethod(method):
            raise BadType("weak=True is for bound methods, whose object somebody else holds")
        self._hash = hash(method)
        self._name = method.__qualname__
        here = weakref.ref(self)

        def forget(_: object) -> None:
            own = here()
            if own is not None:
                gone(own)

        self._method = weakref.WeakMethod(method, forget)

    def __call__(self, event: Event) -> Any:
        method = self._method()
        return None if method is None else method(event)

    def __eq__(self, other: object) -> bool:
        return self is other or (inspect.ismethod(other) and self._method() == other)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self._name


class HookTable(Mapping[type[Event], Sequence[Hook]]):
    """Hooks by event class, looked up along the bases of an event's class.

    To read it is a mapping of event class to hooks; `clear` forgets them all.
    """

    def __init__(self) -> None:
        self._hooks: dict[type[Event], list[Hook]] = {}
        self._concurrent: set[tuple[type[Event], Hook]] = set()
        self._found: dict[type[Event], tuple[tuple[Hook, ...], tuple[Hook, ...]]] = {}

    def add(self, event: type[Event] | None, hook: Hook, *, concurrent: bool = False, weak: bool = False) -> None:
        """Register `hook` once for `event` and its subclasses; None means every event. Raises `BadType`.

        `concurrent` hooks are called without waiting for those of earlier events. `weak` is for bound methods: the
        registration ends with the method's object.
        """
        if not callable(hook):
            raise BadType(f"an event hook must be callable, not {type(hook).__name__}")
        kind = Event if event is None else event
        if not (isinstance(kind, type) and issubclass(kind, Event)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise BadType(f"{kind!r} is no event class")
        if hook in self._hooks.get(kind, ()):
            return
        if weak:
            hook = WeakHook(hook, lambda gone: self.remove(kind, gone))
        self._hooks[kind] = [*self._hooks.get(kind, ()), hook]
        if concurrent:
            self._concurrent.add((kind, hook))
        self._found.clear()

    def remove(self, event: type[Event], hook: Hook) -> bool:
        """Forget one registration; False if there was none."""
        hooks = self._hooks.get(event, [])
        if hook not in hooks:
            return False
        # New lists: a weak hook may go at any moment, also while somebody reads the old one.
        left = [own for own in hooks if own != hook]
        if left:
            self._hooks[event] = left
        else:
            del self._hooks[event]
        self._concurrent.discard((event, hook))
        self._found.clear()
        return True

    def hooks_for(self, kind: type[Event]) -> tuple[Hook, ...]:
        """Every hook that sees an event of class `kind` in its turn, each once; those for all events come first."""
        return self.found_for(kind)[0]

    def found_for(self, kind: type[Event]) -> tuple[tuple[Hook, ...], tuple[Hook, ...]]:
        """The hooks that see an event of class `kind` in its turn, and the concurrent ones."""
        found = self._found.get(kind)
        if found is None:
            pairs = [(base, hook) for base in reversed(kind.__mro__) for hook in self._hooks.get(base, ())]
            concurrent = dict.fromkeys(hook for base, hook in pairs if (base, hook) in self._concurrent)
            ordered = dict.fromkeys(hook for _, hook in pairs if hook not in concurrent)
            found = self._found[kind] = tuple(ordered), tuple(concurrent)
        return found

    def clear(self) -> None:
        """Forget every hook."""
        self._hooks.clear()
        self._concurrent.clear()
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
