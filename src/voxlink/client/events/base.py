"""The base of every event: plain values with a readable `repr` and a `to_dict`."""

from __future__ import annotations

from typing import Any

__all__ = ["Event"]


class Event:
    """The base of all events. Hooks registered for a base class see the events of all its subclasses."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The event's name as `class`, and its public attributes by name; the values are the objects themselves."""
        return {"class": type(self).__name__, **{name: getattr(self, name, None) for name in _fields(type(self))}}

    def __repr__(self) -> str:
        shown = " ".join(f"{name}={getattr(self, name, None)!r}" for name in _fields(type(self)))
        return f"<{type(self).__name__} {shown}>".replace(" >", ">")

    def _guild_key(self) -> int | None:
        """The guild whose order this event belongs to; None for node-wide events."""
        return None


def _fields(kind: type) -> list[str]:
    """The public attributes of an event class, bases first."""
    names: list[str] = []
    for base in reversed(kind.__mro__):
        slots = base.__dict__.get("__slots__", ())
        names += [slot for slot in ((slots,) if isinstance(slots, str) else slots) if not slot.startswith("_")]
    return names
