"""What a session still has to tell its client: ordered, bounded in bytes, kept while the client is away. No sockets.

A message leaves in three steps. `put` queues it. `take` hands it to the socket. `confirm` says that the client had it:
a pong that answered a ping sent behind it. A message that was taken but never confirmed was perhaps written into a
dead connection; `lost` puts the events among them back, so that a resume replays them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

LIMIT_BYTES = 8 * 1024 * 1024
"""What a session may hold: more than ten thousand events. A client that is further behind has stopped reading."""


class Item(NamedTuple):
    """One message. `number` grows by one with every message of the session."""

    number: int
    text: str
    replaces: str | None
    """Messages with the same `replaces` supersede each other while they wait; None for events, which all count."""


class Outbox:
    """A queue of messages with a limit. `overflowed` says whether a message had to go to keep it."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.overflowed = False
        self.dropped = 0
        """How many events were given up because the limit was reached."""
        self._limit = limit_bytes
        self._size = 0
        self._next = 0
        self._waiting: OrderedDict[int, Item] = OrderedDict()
        self._newest: dict[str, int] = {}
        self._unconfirmed: OrderedDict[int, Item] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def size_bytes(self) -> int:
        """Characters held, waiting and unconfirmed together."""
        return self._size

    def put(self, text: str, *, replaces: str | None = None) -> None:
        """Queue a message; one that waits under the same `replaces` is superseded by it."""
        if replaces is not None:
            older = self._newest.pop(replaces, None)
            if older is not None:
                self._size -= len(self._waiting.pop(older).text)
            self._newest[replaces] = self._next
        self._waiting[self._next] = Item(self._next, text, replaces)
        self._next += 1
        self._size += len(text)
        self._shrink()

    def take(self, *, keep: bool) -> Item | None:
        """Hand over the oldest message, or None; with `keep` an event is held until it is confirmed."""
        if not self._waiting:
            return None
        number, item = self._waiting.popitem(last=False)
        if item.replaces is not None:
            del self._newest[item.replaces]
        if keep and item.replaces is None:
            self._unconfirmed[number] = item
        else:
            self._size -= len(item.text)
        return item

    def confirm(self, number: int) -> None:
        """Forget every taken message up to and including this one: the client has it."""
        while self._unconfirmed and next(iter(self._unconfirmed)) <= number:
            self._size -= len(self._unconfirmed.popitem(last=False)[1].text)

    def delivered(self) -> None:
        """Forget every taken message: the client left in good order, so it had them."""
        self._size -= sum(len(item.text) for item in self._unconfirmed.values())
        self._unconfirmed.clear()

    def lost(self) -> None:
        """Put the unconfirmed messages back before the waiting ones: the connection died under them."""
        for number in reversed(self._unconfirmed):
            self._waiting[number] = self._unconfirmed[number]
            self._waiting.move_to_end(number, last=False)
        self._unconfirmed.clear()

    def forget_superseded(self, prefix: str) -> None:
        """Drop waiting messages whose `replaces` begins with `prefix`: their time is over."""
        for key in [key for key in self._newest if key.startswith(prefix)]:
            self._size -= len(self._waiting.pop(self._newest.pop(key)).text)

    def _shrink(self) -> None:
        while self._size > self._limit and len(self._waiting) + len(self._unconfirmed) > 1:
            oldest = self._unconfirmed or self._waiting
            _, item = oldest.popitem(last=False)
            if item.replaces is not None:
                self._newest.pop(item.replaces, None)
            else:
                self.dropped += 1
            self._size -= len(item.text)
            self.overflowed = True
