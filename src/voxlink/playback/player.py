"""One guild's player in this process: the machine, its deck and line, and the track that is being rendered."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from typing import Protocol

from msgspec import UNSET
from msgspec.structs import replace

from voxlink._util.tasks import Tasks
from voxlink.errors import EngineClosed, LoadFailed, NoMatches, NotOneTrack, VoxlinkError
from voxlink.playback.change import WantedTrack, check_change, wanted_track
from voxlink.playback.deck import Deck
from voxlink.playback.ears import Ears
from voxlink.playback.engine import EngineConfig, OnMessage, PlayerHandle
from voxlink.playback.failure import exception_details, severity_word
from voxlink.playback.feed import CAPACITY, Feed, SoundFormat, stream_track
from voxlink.playback.frame_counts import FrameCounter, FrameMinute
from voxlink.playback.line import VoiceLine
from voxlink.playback.machine import Moment, PlayerMachine
from voxlink.playback.pulling import Pieces, pull
from voxlink.playback.rendition import Rendition
from voxlink.playback.tape import Sound
from voxlink.protocol import (
    Loaded,
    LoadedEmpty,
    LoadedError,
    LoadedTrack,
    Player,
    PlayerEvent,
    PlayerUpdate,
    Track,
    UpdatePlayer,
    VoiceState,
    decode_wire_track,
)
from voxlink.voice import StreamReport, Transmitter

SLOT_S = 0.02

_log = logging.getLogger("voxlink.playback")


class Library(Protocol):
    """Where tracks come from: `playback.sources.SourceRegistry`."""

    async def load(self, identifier: str) -> Loaded:
        """Find what an identifier names."""
        ...

    async def open(self, track: Track) -> Sound:
        """Open the sound of a track. Raises `LoadFailed` or `MediaError`."""
        ...


def now() -> Moment:
    """Read both clocks: the edge where time comes in."""
    return Moment(time.monotonic(), time.time())


class LocalPlayer(PlayerHandle):
    """A player whose sound is made in this process. Made by `LocalEngine.create_player`."""

    def __init__(
        self,
        *,
        guild_id: int,
        user_id: int,
        config: EngineConfig,
        transmitter: Transmitter,
        library: Library,
        pool: Executor,
        on_message: OnMessage,
        on_destroyed: Callable[[LocalPlayer], None],
    ) -> None:
        self._config = config
        self._library = library
        self._pool = pool
        self._on_message = on_message
        self._on_destroyed = on_destroyed
        self._machine = PlayerMachine(
            guild_id,
            update_interval_s=config.player_update_interval_s,
            stuck_after_ms=config.track_stuck_threshold_ms,
        )
        self._stream = transmitter.open_stream(self._take_report)
        self._deck = Deck(self._stream, queue_ms=config.frame_queue_ms)
        self._line = VoiceLine(
            guild_id,
            user_id,
            self._stream,
            timeout_s=config.voice_timeout_s,
            on_open=self._voice_open,
            on_closed=self._voice_closed,
        )
        self._counter = FrameCounter()
        self._last_report: StreamReport | None = None
        self._rendition: Rendition | None = None
        self._tasks = Tasks(_log)
        self._timer: asyncio.TimerHandle | None = None
        self._is_destroyed = False

    def __repr__(self) -> str:
        machine = self._machine
        title = "nothing" if machine.track is None else repr(machine.track.info.title)
        return (
            f"<LocalPlayer guild={machine.guild_id} {title} at {machine.position_ms} ms connected={machine.connected}>"
        )

    @property
    def guild_id(self) -> int:
        """See `PlayerHandle`."""
        return self._machine.guild_id

    @property
    def end_ms(self) -> int | None:
        """Where the track ends, if that was asked for."""
        return self._machine.end_ms

    @property
    def is_moving(self) -> bool:
        """Whether position advances."""
        return self._is_playing()

    def snapshot(self) -> Player:
        """See `PlayerHandle`."""
        self._machine.heartbeat(self._line.ping_ms)
        return self._machine.snapshot(now())

    @property
    def frame_counts(self) -> FrameMinute | None:
        """See `PlayerHandle`."""
        return self._counter.last_minute(time.time())

    # ------------------------------------------------------------------ commands

    async def apply(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        """See `PlayerHandle`."""
        check_change(change)
        self._require_alive()
        if change.voice is not UNSET:
            await self._line.join(change.voice)
            self._require_alive()
        wanted = wanted_track(change)
        if wanted is None:
            self._change_loaded(change)
        if change.volume is not UNSET:
            self._set_volume(change.volume)
        if wanted is None:
            self._move(change)
        if change.filters is not UNSET:
            self._say(self._machine.set_filters(change.filters, now()))
        if wanted is not None and not (no_replace and self._machine.track is not None):
            await self._change_track(change, wanted)

    async def play_pieces(
        self, pieces: Pieces, *, sound: SoundFormat, title: str = "", author: str = "", paused: bool = False
    ) -> Track:
        """See `PlayerHandle`."""
        self._require_alive()
        room = asyncio.Semaphore(CAPACITY)
        loop = asyncio.get_running_loop()
        feed = Feed(sound, on_room=lambda: loop.call_soon_threadsafe(room.release))
        pulling = self._tasks.spawn(pull(pieces, feed, room, self._pool), "pull")
        track = stream_track(title=title, author=author)
        self.play_feed(track, feed, paused=paused, on_dropped=pulling.cancel)
        return track

    def listen(self) -> Ears:
        """See `PlayerHandle`."""
        self._require_alive()
        return self._line.listen()

    def play_feed(
        self, track: Track, feed: Feed, *, paused: bool, start_ms: int = 0, on_dropped: Callable[[], object]
    ) -> None:
        """Play what a feed is filled with, under the name of `track`; `on_dropped` is called when it is let go."""
        self._set_paused(paused)

        async def opened() -> Sound:
            return feed

        def interrupt() -> None:
            feed.close()
            on_dropped()

        self._play(track, start_ms=start_ms, end_ms=None, open_sound=opened, interrupt=interrupt)

    async def destroy(self) -> None:
        """See `PlayerHandle`."""
        if self._is_destroyed:
            return
        self._is_destroyed = True
        self._say(self._machine.destroy())
        await self._line.close()
        await self._tasks.close()
        self._stream.close()
        if self._timer is not None:
            self._timer.cancel()
        self._on_destroyed(self)

    def _require_alive(self) -> None:
        if self._is_destroyed:
            raise EngineClosed("the player was destroyed")

    def _change_loaded(self, change: UpdatePlayer) -> None:
        if change.paused is not UNSET:
            self._set_paused(change.paused)
        if change.track is not UNSET and change.track.user_data is not UNSET:
            self._machine.set_user_data(change.track.user_data)

    def _move(self, change: UpdatePlayer) -> None:
        """Seek, and move the end; only what is loaded can be moved."""
        if change.position is not UNSET:
            part = self._machine.part
            self._say(self._machine.seek(change.position, now()))
            if self._rendition is not None and self._machine.part != part:
                self._rendition.seek(self._machine.part, self._machine.position_ms)
        if change.end_time is not UNSET:
            self._machine.set_end(change.end_time)
            if self._rendition is not None:
                self._rendition.set_end(self._machine.end_ms)

    def _set_volume(self, volume: int) -> None:
        self._machine.set_volume(volume)
        if self._rendition is not None:
            self._rendition.set_volume(self._machine.volume)

    def _set_paused(self, paused: bool) -> None:
        if paused:
            self._deck.pause()
            if self._rendition is not None:
                self._rendition.fade_in()
        else:
            self._deck.resume()
        self._say(self._machine.set_paused(paused, now()))

    async def _change_track(self, change: UpdatePlayer, wanted: WantedTrack) -> None:
        self._set_paused(change.paused is not UNSET and change.paused)
        if wanted.identifier is not None:
            track = await self._find(wanted.identifier)
            self._require_alive()
        elif wanted.encoded is not None:
            track = decode_wire_track(wanted.encoded)
        else:
            self._say(self._machine.stop())
            return
        if change.track is not UNSET and change.track.user_data is not UNSET:
            track = replace(track, user_data=change.track.user_data)
        self._play(
            track,
            start_ms=track.info.position if change.position is UNSET else change.position,
            end_ms=None if change.end_time is UNSET else change.end_time,
            open_sound=lambda: self._library.open(track),
        )

    async def _find(self, identifier: str) -> Track:
        match await self._library.load(identifier):
            case LoadedTrack(data=track):
                return track
            case LoadedError(data=details):
                raise LoadFailed(details.message or details.cause, severity_word(details.severity), details.cause)
            case LoadedEmpty():
                raise NoMatches(identifier)
            case _:
                raise NotOneTrack(identifier)

    def _play(
        self,
        track: Track,
        *,
        start_ms: int,
        end_ms: int | None,
        open_sound: Callable[[], Awaitable[Sound]],
        interrupt: Callable[[], object] | None = None,
    ) -> None:
        """Announce the track, then begin to make its sound; the old one stays audible until there is some."""
        machine = self._machine
        self._drop_rendition()
        self._say(machine.play(track, start_ms=start_ms, end_ms=end_ms, paused=machine.paused, now=now()))
        if self._deck.is_still:
            self._deck.clear()
        self._rendition = Rendition(
            open_sound,
            part=machine.part,
            start_ms=max(start_ms, 0) if track.info.is_seekable or interrupt else 0,
            end_ms=machine.end_ms,
            volume=machine.volume,
            config=self._config,
            deck=self._deck,
            pool=self._pool,
            audience=self,
            tasks=self._tasks,
            interrupt=interrupt,
        )

    # ------------------------------------------------------------------ what the rendition says (Audience)

    def sound_begun(self, part: int) -> None:
        """See `Audience`."""
        self._machine.has_sound(part)

    def sound_failed(self, part: int, error: VoxlinkError) -> None:
        """See `Audience`."""
        self._say(self._machine.failed(part, exception_details(error)))

    def sound_played_out(self, part: int) -> None:
        """See `Audience`."""
        self._say(self._machine.played_out(part))

    # ------------------------------------------------------------------ what the voice room says

    def _take_report(self, report: StreamReport) -> None:
        before, self._last_report = self._last_report, report
        if before is None:
            before = StreamReport(last_sent_id=-1, at=report.at, queued=0, starved=False, skipped=0)
        moment = now()
        entry = self._deck.sent(report.last_sent_id, starved=report.starved)
        self._count(before, report, moment)
        if entry is not None:
            self._machine.sent(entry.part, entry.end_ms, moment)
        if self._rendition is not None:
            self._rendition.progress()

    def _count(self, before: StreamReport, report: StreamReport, moment: Moment) -> None:
        sent = max(report.last_sent_id - before.last_sent_id, 0)
        slots = round((report.at - before.at) / SLOT_S)
        missed = max(slots - sent, 0) if before.starved and self._is_playing() else 0
        self._counter.count(moment.wall, sent=sent, nulled=missed)

    def _voice_open(self, voice: VoiceState) -> None:
        self._say(self._machine.voice_connected(voice, now()))

    def _voice_closed(self, code: int, reason: str, by_remote: bool) -> None:
        self._say(self._machine.voice_closed(code, reason, by_remote=by_remote, now=now()))
        if self._rendition is not None:
            self._rendition.fade_in()  # the next connection's listeners have heard nothing

    # ------------------------------------------------------------------ inside

    def _is_playing(self) -> bool:
        machine = self._machine
        return machine.track is not None and not machine.paused and machine.connected

    def _say(self, messages: Sequence[PlayerUpdate | PlayerEvent]) -> None:
        """Pass messages on, and bring the rest of the player in line with the machine."""
        for message in messages:
            self._on_message(message)
        if self._machine.track is None and self._rendition is not None:
            self._drop_rendition()
            if self._deck.queued:
                self._deck.clear()
        if self._is_playing():
            self._counter.started(time.time())
        else:
            self._counter.stopped(time.time())
        self._set_timer()

    def _drop_rendition(self) -> None:
        if self._rendition is not None:
            self._rendition.close()
            self._rendition = None

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._machine.next_deadline()
        if deadline is not None and not self._is_destroyed:
            self._timer = asyncio.get_running_loop().call_later(max(deadline - time.monotonic(), 0), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._machine.heartbeat(self._line.ping_ms)
        self._say(self._machine.tick(now()))
