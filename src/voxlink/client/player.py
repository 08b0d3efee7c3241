"""The player that bots use: the queue, the commands, and what happens when a track ends."""
# pyright: reportPrivateUsage=false

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voxlink.client.autoplay import AutoplayMode, AutoplayProvider, more_tracks
from voxlink.client.common import MISSING
from voxlink.client.deferred import DeferredAudioTrack
from voxlink.client.events import (
    Event,
    PlayerPausedEvent,
    PlayerResumedEvent,
    QueueEndEvent,
    SeekEvent,
    TrackEndEvent,
    TrackStuckEvent,
    VolumeChangedEvent,
)
from voxlink.client.filters.base import Filter
from voxlink.client.plays import Play, is_newer, new_token, plain_user_data
from voxlink.client.snapshot import PlayerSnapshot, take_snapshot
from voxlink.client.track_flow import after_end, after_stuck
from voxlink.client.update import VOLUME_LIMIT, checked_end_time, checked_flag, checked_position
from voxlink.client.voice_out import VoiceOut
from voxlink.errors import BadType, BadValue, NodeUnreachable
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["DefaultPlayer"]

TrackLike = AudioTrack | DeferredAudioTrack | Mapping[str, Any]
ACTED_ON = (TrackEndEvent, TrackStuckEvent)


class DefaultPlayer(VoiceOut):
    """Plays a queue: the next track starts by itself, loops and shuffles, and survives what nodes do.

    `guild_id node channel_id current paused volume shuffle loop filters queue position_timestamp` as in Lavalink.py.
    A change that the node refuses raises and leaves the local state as it was.
    """

    # `__dict__` lets bots add attributes of their own; it costs nothing until one does.
    __slots__ = ("__dict__", "_chosen", "_dropped", "_passes_loop", "_wanted", "autoplay")

    def __init__(self, guild_id: int, node: Node) -> None:
        super().__init__(guild_id, node)
        self.autoplay: AutoplayProvider | AutoplayMode | None = self.client.autoplay
        self._passes_loop = False
        self._wanted: AudioTrack | None = None
        self._chosen: AudioTrack | None = None
        self._dropped: AudioTrack | None = None

    # The queue

    def add(self, track: TrackLike, requester: int = 0, index: int | None = None) -> None:
        """Add a track (or a node's raw one) to the end of the queue, or at `index`."""
        if isinstance(track, DeferredAudioTrack):
            added: AudioTrack = track
            if requester:
                added.requester = requester
        else:
            added = as_track(track, requester)
        if index is None:
            self.queue.append(added)
        else:
            self.queue.insert(index, added)

    def set_loop(self, loop: int) -> None:
        """0 plays on, 1 repeats the track, 2 repeats the queue. Raises ValueError."""
        if isinstance(loop, bool) or loop not in (0, 1, 2):
            raise BadValue(f"loop must be 0, 1 or 2, not {loop!r}")
        self.loop = int(loop)
        self._changed()

    def set_shuffle(self, shuffle: bool) -> None:
        """Whether the next track is picked at random; the queue itself keeps its order. Raises TypeError."""
        self.shuffle = checked_flag("shuffle", shuffle)
        self._changed()

    # Playing

    async def play(
        self,
        track: TrackLike | None = None,
        start_time: int | None = MISSING,
        end_time: int | None = MISSING,
        no_replace: bool | None = MISSING,
        volume: int | None = MISSING,
        pause: bool | None = MISSING,
        **kwargs: Any,
    ) -> None:
        """Play `track`, or the next one of the queue; with nothing left stop and publish a `QueueEndEvent`.

        `start_time` and `end_time` in ms within the track; `no_replace` leaves a track that plays alone; `volume` is
        cut to 0..1000. Nothing leaves the queue before the node has accepted it. Raises ValueError, TypeError,
        `InvalidTrack` and the errors of `Node.request`; then nothing has changed.
        """
        keeps = no_replace not in (MISSING, None) and checked_flag("no_replace", no_replace)
        self._play_arguments(MISSING, MISSING, volume, pause)
        given = None if track is None else as_track(track)
        try:
            await self._ask_to_play(given, keeps, start_time, end_time, volume, pause, kwargs)
        except NodeUnreachable:
            if not await self._settled():
                raise
            await self._ask_to_play(given, keeps, start_time, end_time, volume, pause, kwargs)

    async def _ask_to_play(
        self,
        given: AudioTrack | None,
        keeps: bool,
        start_time: Any,
        end_time: Any,
        volume: Any,
        pause: Any,
        kwargs: Mapping[str, Any],
    ) -> None:
        async with self._command_lock:
            if keeps and self.is_playing:
                return
            track = given or self._pick()
            if track is None and self.autoplay is not None:
                await more_tracks(self)
                track = self._pick()
            self._chosen = track
            if track is None:
                await self.stop()
                self._publish(QueueEndEvent(self))
                return
            _check_times(track, start_time, end_time)
            previous = self.current
            answer = await self.play_track(track, start_time, end_time, keeps or MISSING, volume, pause, **kwargs)
            if answer is None:
                if self._chosen is not None:  # else nobody wants it any more
                    self._failed_to_load(track, previous)
                return
            self._commit(track, previous, explicit=given is not None)
            self._note_answer(track, answer, start_time, volume, pause)
        self._changed()

    def _pick(self) -> AudioTrack | None:
        """The track that is next, still in its place."""
        if self._wanted is not None:
            return self._wanted
        current = self.current
        loops = current is not None and current is not self._dropped
        if self.loop == self.LOOP_SINGLE and loops and not self._passes_loop:
            return current
        candidates: list[AudioTrack] = list(self.queue)
        if self.loop == self.LOOP_QUEUE and loops and current is not None:
            candidates.append(current)
        if not candidates:
            return None
        return random.choice(candidates) if self.shuffle else candidates[0]

    def _commit(self, track: AudioTrack, previous: AudioTrack | None, *, explicit: bool) -> None:
        """The node plays `track`: take it from the queue, and put the one before where loop and history want it."""
        queue = self.queue
        if track is self._wanted:
            del queue[: next((index for index, own in enumerate(queue) if own is track), 0)]
        if not explicit:
            self._take(track)
        if previous is not None and previous is not track:
            self._kept_queue.history.append(previous)
            if previous is not self._dropped:
                if self.loop == self.LOOP_SINGLE and explicit:
                    queue.insert(0, previous)
                elif self.loop == self.LOOP_QUEUE:
                    queue.append(previous)
        self._dropped = None

    def _claim(self, track: AudioTrack, raw: Mapping[str, Any]) -> tuple[AudioTrack, Play | None]:
        """A track plays that no known request started. It is the current one after a restore whose answer was lost, or
        the next one: with our mark it was asked for by a request whose answer was lost, or by a bot that was killed
        before it could keep it. Then it is in the queue no more.
        """
        user_data, mine = plain_user_data(raw.get("userData"))
        name = mine.get("of") or _name(track)
        current, latest = self.current, self._plays.latest
        is_current = current is not None and _is_named(current, name)
        is_over = latest is None or latest.ended
        if current is not None and is_current and (not is_over or self.loop == self.LOOP_SINGLE):
            track = current
        elif "play" in mine:
            queued = next((own for own in self.queue if _is_named(own, name)), None)
            if queued is not None:
                track = queued
            elif current is not None and is_current:
                track = current
            if queued is not None or is_over:
                self._commit(track, current, explicit=queued is None)
        elif current is not None and is_current:
            track = current
        if not is_over:
            return track, None
        play = Play(track, str(mine.get("play") or new_token()), track.track, user_data=user_data)
        self._plays.add(play)
        self._clock.set(0, self.client.now(), running=not self.paused)
        self.current = track
        self._advance_due = False
        return track, play

    def _claim_end(self, track: AudioTrack, raw: Mapping[str, Any]) -> tuple[AudioTrack, Play | None]:
        """A track has ended that no known request started. If a request of ours did, later than any that we know, then
        all of it was played while this bot was away: it is the one that came next, or the current one once more.
        """
        latest = self._plays.latest
        _, mine = plain_user_data(raw.get("userData"))
        if latest is None or not is_newer(mine.get("play"), latest.token):
            return track, None
        if latest.ended:
            return self._claim(track, raw)
        is_current = latest.track is self.current and _is_named(latest.track, mine.get("of") or _name(track))
        return (latest.track, latest) if is_current else (track, None)

    def _failed_to_load(self, track: AudioTrack, previous: AudioTrack | None) -> None:
        """A deferred track found nothing: it is used up. What played before still does, unless it had ended."""
        self._take(track)
        latest = self._plays.latest
        if previous is not None and (previous is track or (latest is not None and latest.ended)):
            if self.loop == self.LOOP_QUEUE and previous is not track and previous is not self._dropped:
                self.queue.append(previous)
            self.current = None

    def _note_answer(
        self, track: AudioTrack, answer: Mapping[str, Any], start_time: Any, volume: Any, pause: Any
    ) -> None:
        """Write the node's answer to a play into the state."""
        self.current = track
        old_volume = self.volume
        self.paused = bool(answer.get("paused", pause if isinstance(pause, bool) else False))
        if not self._needs_setup or volume not in (MISSING, None):  # else it is that of a player made anew just now
            self.volume = int(answer.get("volume", old_volume))
        start = 0 if start_time in (MISSING, None) else int(start_time)
        self._clock.set(start, self.client.now(), running=not self.paused)
        if self.volume != old_volume:
            self._publish(VolumeChangedEvent(self, old_volume, self.volume))

    async def stop(self) -> None:
        """Stop the track; queue, loop and filters stay. A deferred track that is looked up just now does not start.

        Does nothing once the player is destroyed.
        """
        if self._destroyed:
            return
        self._give_up_loading()

        def done(_answer: Mapping[str, Any]) -> None:
            if self.current is not None:
                self._kept_queue.history.append(self.current)
            self.current = None
            self._clock.set(0, self.client.now(), running=False)

        await self._command({"encoded_track": None}, done)

    async def skip(self, to: int | None = None) -> None:
        """Play the next track of the queue, also while one is repeated; `to` goes straight to that entry, and what
        stands before it goes once the node plays it.

        A deferred track that is looked up just now counts as the one to skip, and is not waited for. With nothing left
        it stops and publishes a `QueueEndEvent`. Raises IndexError for an entry that is not there.
        """
        if to is None or 0 <= to < len(self.queue):
            given_up = self._give_up_loading()
            if to is None and given_up is not None and self._take(given_up) and self.loop == self.LOOP_QUEUE:
                self.queue.append(given_up)
        async with self._command_lock:
            if to is not None:
                if not 0 <= to < len(self.queue):
                    raise IndexError(f"the queue has no entry {to}")
                self._wanted = self.queue[to]
            self._passes_loop = True
            try:
                await self.play()
            finally:
                self._passes_loop = False
                self._wanted = None

    def _give_up_loading(self) -> AudioTrack | None:
        """The deferred track that is looked up is not to be played any more; None if there is none."""
        given_up = self._abandon_lookup()
        if given_up is not None:
            self._chosen = None
        return given_up

    async def previous(self) -> bool:
        """Play the last track of the history again; the current one is next after it. False without a history."""
        async with self._command_lock:
            history = self._kept_queue.history
            if not history:
                return False
            track = history[-1]
            current = self.current
            await self.play(track)
            if self.current is not track:
                return False  # a deferred track that found nothing
            for index in range(len(history) - 1, -1, -1):
                if history[index] is track or history[index] is current:
                    del history[index]
            self._take(track)  # a repeated queue had it again
            if current is not None and current is not track:
                self._take(current)
                self.queue.insert(0, current)
            return True

    # Settings

    async def set_pause(self, pause: bool) -> None:
        """Pause or go on, also while a deferred track is looked up, which then starts like that. Raises TypeError."""
        wanted = checked_flag("pause", pause)

        def done(_answer: Mapping[str, Any]) -> None:
            was, self.paused = self.paused, wanted
            if self._lookup is not None:
                self._lookup.arguments["paused"] = wanted  # without it a node plays a new track
            now = self.client.now()
            if wanted:
                self._clock.pause(now)
            elif self.current is not None:
                self._clock.resume(now)
            if was is not wanted:
                self._publish(PlayerPausedEvent(self) if wanted else PlayerResumedEvent(self))

        await self._command({"paused": wanted}, done, passes=True)

    async def set_volume(self, vol: int) -> None:
        """Set the volume in percent; it is cut to 0..1000. Raises TypeError."""
        if isinstance(vol, bool) or not isinstance(vol, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise BadType(f"vol must be a whole number, not {type(vol).__name__}")
        wanted = min(max(vol, 0), VOLUME_LIMIT)

        def done(_answer: Mapping[str, Any]) -> None:
            old, self.volume = self.volume, wanted
            if old != wanted:
                self._publish(VolumeChangedEvent(self, old, wanted))

        await self._command({"volume": wanted}, done)

    async def seek(self, position: int) -> None:
        """Go to `position` (ms) in the track. Raises ValueError for a negative one."""
        wanted = checked_position("position", position)

        def done(_answer: Mapping[str, Any]) -> None:
            self._clock.set(wanted, self.client.now(), running=self.current is not None and not self.paused)
            self._publish(SeekEvent(self, wanted))

        await self._command({"position": wanted}, done)

    async def set_end_time(self, end_time: int | None) -> None:
        """Let the track end at `end_time` ms; None lets it play to its end. Raises ValueError."""
        wanted = None if end_time is None else checked_end_time("end_time", end_time)

        def done(_answer: Mapping[str, Any]) -> None:
            latest = self._plays.latest
            if latest is not None:
                latest.end_time_ms = wanted

        await self._command({"end_time": wanted}, done)

    async def update(
        self,
        *,
        track: TrackLike | None = MISSING,
        position: int = MISSING,
        end_time: int | None = MISSING,
        volume: int = MISSING,
        paused: bool = MISSING,
        filters: Iterable[Filter[Any]] | None = MISSING,
    ) -> None:
        """Change several things in one request: all of them happen, or none.

        `track` None stops; a track plays from `position` to `end_time`. `filters` replace all filters, None clears
        them. Raises what the single commands raise.
        """
        async with self.batch():
            if volume is not MISSING:
                await self.set_volume(volume)
            if filters is not MISSING:
                await self.set_filters(*(filters or ()), replace=True)
            if track is None:
                await self.stop()
            elif track is not MISSING:
                await self.play(track, position, end_time, pause=paused)
                return
            for value, command in ((paused, self.set_pause), (position, self.seek), (end_time, self.set_end_time)):
                if value is not MISSING:
                    await command(value)  # type: ignore[arg-type]

    def snapshot(self) -> PlayerSnapshot:
        """The player as a value that can be kept as JSON; `Client.restore` makes a player of it again."""
        return take_snapshot(self, self.client.wall())

    # What the node says

    async def handle_event(self, event: Event) -> None:
        """Go on to the next track where the event asks for it."""
        match event:
            case TrackEndEvent():
                await after_end(self, event)
            case TrackStuckEvent():
                await after_stuck(self, event)
            case _:
                pass

    def _acts_on(self, event: Event) -> bool:
        if type(self).handle_event is not DefaultPlayer.handle_event:
            return True
        return isinstance(event, ACTED_ON)

    def __repr__(self) -> str:
        return f"<DefaultPlayer guild_id={self.guild_id} node={self.node.name} current={self.current!r}>"


def as_track(track: TrackLike, requester: int = 0) -> AudioTrack:
    """A track as an `AudioTrack`; a raw one of a node is converted. Raises ValueError for anything else."""
    if isinstance(track, AudioTrack):
        if requester:
            track.requester = requester
        return track
    if isinstance(track, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        return AudioTrack(track, requester)
    raise BadValue(f"a track is an AudioTrack or a node's raw track, not {type(track).__name__}")


def _name(track: AudioTrack) -> list[str]:
    return [track.source_name, track.identifier]


def _is_named(track: AudioTrack, name: Sequence[str]) -> bool:
    return _name(track) == list(name)


def _check_times(track: AudioTrack, start_time: Any, end_time: Any) -> None:
    """The bounds of clients.md 1.3: 0 <= start < duration, 1 <= end <= duration."""
    duration = track.duration
    if start_time not in (MISSING, None) and checked_position("start_time", start_time) >= duration:
        raise BadValue(f"start_time must be below the track's {duration} ms, not {start_time}")
    if end_time not in (MISSING, None) and checked_end_time("end_time", end_time) > duration:
        raise BadValue(f"end_time must be at most the track's {duration} ms, not {end_time}")
