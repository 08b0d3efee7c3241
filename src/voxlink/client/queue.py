"""The queue: a list that tells when it changes, remembers what was played, and knows its own length in time."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, SupportsIndex, TypeVar, overload

from voxlink.errors import BadValue
from voxlink.protocol import AudioTrack

__all__ = ["Queue"]

HISTORY = 50
T = TypeVar("T")


class Queue(list[AudioTrack]):
    """The tracks to come. A real list (`isinstance`, `json`, `random.shuffle`, slices and equality work).

    Every change calls `on_change(operation, tracks)` with the tracks that it added, removed or moved. `history` holds
    the last 50 tracks that were played, the newest last. `max_size` None is no limit; beyond it adding raises
    `BadValue` and adds nothing.
    """

    __slots__ = ("_history", "_history_size", "_on_change", "max_size")

    def __init__(
        self,
        tracks: Iterable[AudioTrack] = (),
        *,
        on_change: Callable[[str, Sequence[AudioTrack]], None] | None = None,
        max_size: int | None = None,
        history_size: int = HISTORY,
    ) -> None:
        super().__init__(tracks)
        self._history: deque[AudioTrack] | None = None
        self._history_size = history_size
        self.max_size = max_size
        self._on_change = on_change

    @property
    def history(self) -> deque[AudioTrack]:
        """What was played, the newest last."""
        if self._history is None:  # made when it is needed: most players of a large bot are idle
            self._history = deque(maxlen=self._history_size)
        return self._history

    def _changed(self, operation: str, tracks: Sequence[AudioTrack]) -> None:
        if self._on_change is not None:
            self._on_change(operation, tracks)

    def _room_for(self, count: int) -> None:
        if count > 0 and self.max_size is not None and len(self) + count > self.max_size:
            raise BadValue(f"the queue holds at most {self.max_size} tracks and has {len(self)}")

    def append(self, track: AudioTrack, /) -> None:
        """As in a list; tells about the change."""
        self._room_for(1)
        super().append(track)
        self._changed("append", (track,))

    def insert(self, index: SupportsIndex, track: AudioTrack, /) -> None:
        """As in a list; tells about the change."""
        self._room_for(1)
        super().insert(index, track)
        self._changed("insert", (track,))

    def extend(self, tracks: Iterable[AudioTrack], /) -> None:
        """As in a list; tells about the change."""
        added = list(tracks)
        self._room_for(len(added))
        super().extend(added)
        self._changed("extend", added)

    def __iadd__(self, tracks: Iterable[AudioTrack], /) -> Self:
        self.extend(tracks)
        return self

    def __imul__(self, count: SupportsIndex, /) -> Self:
        self._room_for(len(self) * (max(0, int(count)) - 1))
        had = self[:]
        super().__imul__(count)
        self._changed("repeat", self[len(had) :] or had[len(self) :])
        return self

    def pop(self, index: SupportsIndex = -1, /) -> AudioTrack:
        """As in a list; tells about the change."""
        track = super().pop(index)
        self._changed("pop", (track,))
        return track

    @overload
    def remove(self, value: AudioTrack, /) -> None: ...
    @overload
    def remove(self, value: slice | Callable[[AudioTrack], bool], /) -> list[AudioTrack]: ...

    def remove(self, value: AudioTrack | slice | Callable[[AudioTrack], bool], /) -> list[AudioTrack] | None:
        """Remove a track as a list does (ValueError if it is not there), or all of a slice or of what a predicate
        accepts.

        The last two return what was removed.
        """
        if isinstance(value, slice):
            gone = self[value]
            super().__delitem__(value)
        elif isinstance(value, AudioTrack) or not callable(value):
            at = self.index(value)  # type: ignore[arg-type] - a list says of any object that it is not there
            self._changed("remove", (super().pop(at),))
            return None
        else:
            chosen = [(track, value(track)) for track in self]
            gone = [track for track, goes in chosen if goes]
            super().__setitem__(slice(None), [track for track, goes in chosen if not goes])
        if gone:
            self._changed("remove", gone)
        return list(gone)

    def clear(self) -> None:
        """As in a list; tells about the change."""
        gone = self[:]
        super().clear()
        self._changed("clear", gone)

    def sort(self, *, key: Callable[[AudioTrack], Any] | None = None, reverse: bool = False) -> None:
        """As in a list; tells about the change."""
        super().sort(key=key, reverse=reverse)  # type: ignore[arg-type]
        self._changed("sort", self[:])

    def reverse(self) -> None:
        """As in a list; tells about the change."""
        super().reverse()
        self._changed("reverse", self[:])

    def __setitem__(self, index: Any, value: Any, /) -> None:
        written = self._fitting(index, value)
        gone = self._at(index)
        super().__setitem__(index, written)
        self._changed("set", [*gone, *(written if isinstance(index, slice) else (written,))])

    def _fitting(self, index: Any, value: Any) -> Any:
        """What is written to a slice, as a list that the queue has room for."""
        if not isinstance(index, slice):
            return value
        written: list[AudioTrack] = list(value)
        replaced = len(self[index])
        self._room_for(len(written) - replaced)
        return written

    def __delitem__(self, index: SupportsIndex | slice, /) -> None:
        gone = self._at(index)
        super().__delitem__(index)
        self._changed("delete", gone)

    def _at(self, index: SupportsIndex | slice) -> list[AudioTrack]:
        """The tracks at an index or of a slice. Raises IndexError."""
        return self[index] if isinstance(index, slice) else [self[index]]

    def peek(self) -> AudioTrack | None:
        """The next track; None when there is none."""
        return self[0] if self else None

    def move(self, origin: int, target: int) -> None:
        """Move the track at `origin` to `target`. Raises IndexError for an origin outside."""
        track = super().pop(origin)
        super().insert(target, track)
        self._changed("move", (track,))

    def jump(self, index: int) -> list[AudioTrack]:
        """Drop everything before `index`, so that it is next; returns what was dropped. Raises IndexError."""
        if not 0 <= index < len(self):
            raise IndexError(f"the queue has no entry {index}")
        dropped = self[:index]
        super().__delitem__(slice(0, index))
        self._changed("jump", dropped)
        return dropped

    def dedupe(self) -> int:
        """Keep the first of equal tracks; returns how many went."""
        kept: dict[tuple[str, str], AudioTrack] = {}
        gone: list[AudioTrack] = []
        for track in self:
            key = track.source_name, track.identifier
            if key in kept:
                gone.append(track)
            else:
                kept[key] = track
        if gone:
            super().__setitem__(slice(None), list(kept.values()))
            self._changed("dedupe", gone)
        return len(gone)

    def shuffle_in_place(self, rand: random.Random | None = None) -> None:
        """Put the tracks in a random order, in one change."""
        order = list(self)
        (rand or random).shuffle(order)
        super().__setitem__(slice(None), order)
        self._changed("shuffle", order)

    def interleave_requesters(self) -> None:
        """Let requesters take turns, each in the order of their own tracks."""
        turns: dict[Any, deque[AudioTrack]] = {}
        for track in self:
            turns.setdefault(track.requester, deque()).append(track)
        order: list[AudioTrack] = []
        while turns:
            for requester in list(turns):
                order.append(turns[requester].popleft())
                if not turns[requester]:
                    del turns[requester]
        super().__setitem__(slice(None), order)
        self._changed("interleave", order)

    def by_requester(self, requester: Any) -> list[AudioTrack]:
        """The tracks that `requester` asked for."""
        return [track for track in self if track.requester == requester]

    @property
    def total_duration(self) -> int:
        """The length of all tracks together in ms; live streams count as nothing."""
        return sum(track.duration for track in self if not track.is_stream)

    def take(self, track: AudioTrack) -> bool:
        """Remove this very object; False if it is not here any more."""
        for index, own in enumerate(self):
            if own is track:
                super().__delitem__(index)
                self._changed("pop", (track,))
                return True
        return False

    def copy(self) -> list[AudioTrack]:
        """A plain list of the tracks."""
        return list(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (list, (list(self),))
