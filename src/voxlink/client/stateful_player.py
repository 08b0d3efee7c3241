"""What a player knows: its settings, its queue, its position, and how a change of them reaches the node."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from voxlink.client.base_player import BasePlayer
from voxlink.client.budget import ErrorBudget
from voxlink.client.events import (
    Event,
    NodeChangedEvent,
    NodeReadyEvent,
    PlayerReconnectedEvent,
    PlayerUpdateEvent,
    QueueChangedEvent,
    TrackEndEvent,
    TrackEvent,
    TrackExceptionEvent,
    TrackStartEvent,
    VolumeChangedEvent,
)
from voxlink.client.filters.base import Filter
from voxlink.client.filters.wire import is_heard
from voxlink.client.position import PositionClock
from voxlink.client.queue import Queue
from voxlink.errors import NodeUnreachable
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["StatefulPlayer"]

log = logging.getLogger("voxlink.client.player")

Answer = Mapping[str, Any]
Layers = Mapping[str, Mapping[str, Filter[Any]]]
"""Filters by layer and name; each layer lies over those before it, and all over `filters`."""
NO_LAYERS: Layers = MappingProxyType({})
PLAIN_MODULES = frozenset({"builtins", "collections", "itertools"})
"""Where Python's own lists, tuples, deques and iterators come from."""


class StatefulPlayer(BasePlayer):
    """State and plumbing of `DefaultPlayer`."""

    __slots__ = (
        "_advance_due",
        "_batch",
        "_budget",
        "_clock",
        "_foreign_queue",
        "_internal_pause",
        "_kept_queue",
        "_layers",
        "_user_data",
        "_was_connected",
        "filters",
        "listeners",
        "loop",
        "paused",
        "position_timestamp",
        "shuffle",
        "volume",
    )

    LOOP_NONE: int = 0
    LOOP_SINGLE: int = 1
    LOOP_QUEUE: int = 2

    def __init__(self, guild_id: int, node: Node) -> None:
        super().__init__(guild_id, node)
        self._user_data: dict[object, object] = {}
        self.paused: bool = False
        self._internal_pause: bool = False
        self.position_timestamp: int = 0
        self.volume: int = 100
        self.shuffle: bool = False
        self.loop: int = self.client.default_loop
        self.filters: dict[str, Filter[Any]] = {}
        self._layers: Layers = NO_LAYERS
        self._kept_queue = Queue(on_change=self._queue_changed, max_size=self.client.max_queue_size)
        self._foreign_queue: Any = None
        self._clock = PositionClock()
        self._budget = ErrorBudget(self.client.error_policy)
        self._batch: _Batch | None = None
        self._was_connected: bool | None = None
        self._advance_due = False
        self.listeners: int | None = None

    @property
    def queue(self) -> Queue:
        """The tracks to come: a list that can do more. Assigning a list (or another of Python's own) replaces the
        contents.

        An object of a class of the bot's own takes its place as it is; it needs `insert`, `append` and `del` for what
        the player does with it, and it is the bot's to save.
        """
        return self._kept_queue if self._foreign_queue is None else self._foreign_queue

    @queue.setter
    def queue(self, tracks: Iterable[AudioTrack]) -> None:
        if isinstance(tracks, Queue) or type(tracks).__module__ in PLAIN_MODULES:
            self._foreign_queue = None
            if tracks is not self._kept_queue:
                self._kept_queue[:] = list(tracks)
        else:
            self._foreign_queue = tracks

    def _take(self, track: AudioTrack) -> bool:
        """Take this very object out of the queue; False if it is not there any more."""
        queue: Any = self.queue
        if isinstance(queue, Queue):
            return queue.take(track)
        at = next((index for index, own in enumerate(queue) if own is track), None)
        if at is not None:
            del queue[at]
        return at is not None

    def _queue_changed(self, operation: str, tracks: Sequence[AudioTrack]) -> None:
        self._publish(QueueChangedEvent(self, operation, tracks))
        self._changed()

    def _changed(self) -> None:
        """Something that a snapshot holds is different now."""
        self.client.recorder.mark(self)

    # What is asked most

    @property
    def is_playing(self) -> bool:
        """Whether there is a track and a voice channel; also while paused."""
        return self.channel_id is not None and self.current is not None

    @property
    def is_connected(self) -> bool:
        """Whether the bot is in a voice channel."""
        return self.channel_id is not None

    @property
    def position(self) -> int:
        """Where the track is, in ms: the last report carried forward; frozen while paused or without a node."""
        if not self.is_playing or self.current is None:
            return 0
        return self._clock.at(self.client.now(), None if self.current.is_stream else self.current.duration)

    @property
    def media_position(self) -> int:
        """Where the track is in its own time, in ms. The same as `position` while nothing changes the speed.

        Nodes report how much they have sent, whatever the speed: 60 s at twice the speed are `position` 60,000 and
        `media_position` 120,000. This is reckoned from the reports with the speeds of the `Timescale` that was set,
        from the track's start or the last seek. It is not known better than when a change is heard: a Lavalink node
        plays up to 5 s of what it has encoded already, unless `apply="now"` is given.
        """
        if not self.is_playing or self.current is None:
            return 0
        return self._media_now()

    def _media_now(self) -> int:
        """The place in the track by the clock, whether or not the bot is in a channel."""
        duration = None if self.current is None or self.current.is_stream else self.current.duration
        return self._clock.media_at(self.client.now(), duration)

    @property
    def _last_position(self) -> int:
        return self._clock.anchor_ms

    @property
    def _last_update(self) -> float:
        return self._clock.anchored_at

    def set_listeners(self, count: int | None) -> None:
        """Tell how many people are in the channel (without bots); None when it is not known. An adapter does this."""
        self.listeners = count
        self.client.note_listeners(self)

    def store(self, key: object, value: object) -> None:
        """Keep a value of the bot's own with the player."""
        self._user_data[key] = value
        self._changed()

    def fetch(self, key: object, default: Any = None) -> Any:
        """A value that was stored; `default` if there is none."""
        return self._user_data.get(key, default)

    def delete(self, key: object) -> None:
        """Forget a stored value. Raises KeyError if there is none."""
        del self._user_data[key]
        self._changed()

    # State from the node

    async def update_state(self, state: Answer) -> None:
        """Take the position that the node reported."""
        self._note_state(state)

    def _take_state(self, state: Answer, node: Node) -> None:
        if type(self).update_state is not StatefulPlayer.update_state:
            super()._take_state(state, node)
            return
        self._note_state(state)
        self._publish(PlayerUpdateEvent(self, state))

    def _note_state(self, state: Answer) -> None:
        connected = bool(state.get("connected", True))
        self.position_timestamp = int(state.get("time") or 0)
        running = connected and not self.paused and self.current is not None
        now = self.client.now()
        age_ms = self.node.report_age.age_s(self.position_timestamp, now) * 1000 if running else 0.0
        self._clock.report(int(state.get("position") or 0) + age_ms, now, running=running)
        if connected and self._was_connected is False:
            self._publish(PlayerReconnectedEvent(self))
        self._was_connected = connected
        self.client.recovery.saw_state(self, connected)

    def _note_event(self, event: Event) -> bool:
        is_news = super()._note_event(event)
        if isinstance(event, TrackExceptionEvent):
            if event._play is not None:
                event._play.failed = True
            return is_news  # its end follows; nothing that is saved has changed
        if isinstance(event, TrackEvent) and (event._play is None or event._play is self._plays.latest):
            now = self.client.now()
            if isinstance(event, TrackStartEvent):
                self._internal_pause = False
                if event._play is None:
                    self._clock.set(0, now, running=not self.paused)
            elif isinstance(event, TrackEndEvent):
                self._clock.pause(now)
        self._changed()
        return is_news

    async def node_unavailable(self) -> None:
        """The node was lost: the position stands still until the player lives again."""
        self._internal_pause = True
        self._clock.pause(self.client.now())
        self._changed()

    # Commands

    async def _command(
        self, fields: dict[str, Any], done: Callable[[Answer], None], *, passes: bool = False
    ) -> dict[str, Any] | None:
        """Send one change and write it into the state once the node has accepted it. With `passes` it does not wait
        for a deferred track that is looked up.

        Inside `batch` it is only collected. When the node is lost the change waits for a node, a bounded time.
        """
        batch = self._own_batch()
        if batch is not None:
            batch.add(fields, done)
            return None
        try:
            return await self._send_command(fields, done, passes)
        except NodeUnreachable:
            if not await self._settled():
                raise
        return await self._send_command(fields, done, passes)

    async def _send_command(
        self, fields: dict[str, Any], done: Callable[[Answer], None], passes: bool
    ) -> dict[str, Any] | None:
        async with self._command_lock.beside() if passes else self._command_lock:
            self._must_be_alive()
            answer = await self.node.update_player(guild_id=self._internal_id, **fields)
            self.node.report_age.learn(answer, self.client.now())
            done(answer or {})
        self._changed()
        return answer

    async def _settled(self) -> bool:
        """Wait until the player has a node that is ready; False when that takes too long or it has one already."""
        node = self.node
        if node.is_ready or self._command_lock.is_mine():
            return False

        def is_settled(event: Event) -> bool:
            if isinstance(event, NodeChangedEvent):
                return event.player is self
            return isinstance(event, NodeReadyEvent) and event.node is self.node

        try:
            await self.client.wait_for(Event, check=is_settled, timeout=self.client.patience_s)
        except TimeoutError:
            return False
        return True

    def _collected(self) -> Answer:
        batch = self._own_batch()
        fields = {} if batch is None else batch.fields
        return {**self._setup_fields(), **fields} if self._needs_setup else fields

    def _setup_fields(self) -> dict[str, Any]:
        """What a node must know of a player beside its track."""
        fields: dict[str, Any] = {"voice_state": self._voice_now()} if self._voice_complete else {}
        if self.volume != 100:
            fields["volume"] = self.volume
        if filters := self._effective_filters():
            fields["filters"] = self._sendable(filters, self.node)
        return fields

    def _effective_filters(self) -> list[Filter[Any]]:
        """The filters that are to be heard: those of the player with its layers over them."""
        return list(merged(self.filters, self._layers).values())

    def _sendable(self, filters: Iterable[Filter[Any]], node: Node) -> list[Filter[Any]]:
        """The filters without those that a node says it does not have: it would refuse the whole request, track and
        all. They stay wanted, and are sent to a node that has them.
        """
        can = node.capabilities
        given = list(filters)
        if can is None:
            return given
        missed = [item for item in given if can.lacks(item) and is_heard(item)]
        if missed:
            log.warning("%s does not have the filters %s; guild %d plays without", node.name, missed, self.guild_id)
        return [item for item in given if not can.lacks(item)]

    def _sent_collected(self, answer: Answer) -> None:
        batch = self._own_batch()
        if batch is not None:
            batch.done(answer)
            batch.clear()
        if not self._needs_setup:  # else the answer is about a player made anew just now
            self._note_settings(answer)

    def _note_settings(self, answer: Answer) -> None:
        """Know the pause and the volume that a play has set on the node, also one by `play_track`."""
        self.paused = bool(answer.get("paused", self.paused))
        old, self.volume = self.volume, int(answer.get("volume", self.volume))
        if self.volume != old:
            self._publish(VolumeChangedEvent(self, old, self.volume))

    def _own_batch(self) -> _Batch | None:
        """The `batch` block that the calling task is in."""
        batch = self._batch
        return batch if batch is not None and batch.task is asyncio.current_task() else None

    @contextlib.asynccontextmanager
    async def batch(self) -> AsyncGenerator[None, None]:
        """Collect the changes of the block and send them as one request at its end.

        The local state changes when the node has accepted all. If the block raises, nothing is sent.
        """
        async with self._command_lock:
            batch = self._batch = _Batch(asyncio.current_task())
            try:
                yield
            finally:
                self._batch = None
            if batch.fields:
                await self._command(batch.fields, batch.done)


def merged(filters: Mapping[str, Filter[Any]], layers: Layers) -> dict[str, Filter[Any]]:
    """Filters with layers over them, by name."""
    found = dict(filters)
    for layer in layers.values():
        found.update(layer)
    return found


class _Batch:
    """The changes of one `batch` block."""

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        self.task = task
        self.fields: dict[str, Any] = {}
        self.filters: tuple[Mapping[str, Filter[Any]], Layers] | None = None
        self._done: list[Callable[[Answer], None]] = []

    def add(self, fields: Mapping[str, Any], done: Callable[[Answer], None]) -> None:
        self.fields.update(fields)
        self._done.append(done)

    def done(self, answer: Answer) -> None:
        for done in self._done:
            done(answer)

    def clear(self) -> None:
        self.fields = {}
        self.filters = None
        self._done = []
