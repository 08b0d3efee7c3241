"""A player whose sound is made in the engine process, and what is needed to make it again in another one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any, Protocol, TypeVar, cast

from msgspec.structs import replace

from voxlink._util.tasks import Tasks
from voxlink.errors import EngineClosed, VoxlinkError
from voxlink.playback.change import check_change
from voxlink.playback.ears import Ears
from voxlink.playback.engine import EngineConfig, OnMessage, PlayerHandle
from voxlink.playback.feed import SoundFormat, stream_track
from voxlink.playback.frame_counts import FrameMinute
from voxlink.playback.hearing import HeardPcm
from voxlink.playback.machine import Moment, PlayerMachine
from voxlink.playback.pulling import Pieces, pull
from voxlink.playback.remote.feeding import RemoteFeed
from voxlink.playback.remote.wire import (
    Apply,
    CreatePlayer,
    DestroyPlayer,
    Done,
    Listen,
    PlayerReport,
    PlayPieces,
    Said,
    Sound,
    Standing,
    StopListening,
    ToEngine,
)
from voxlink.protocol import (
    EndReason,
    Player,
    PlayerEvent,
    PlayerUpdate,
    Track,
    TrackEnd,
    TrackStart,
    UpdatePlayer,
    UpdatePlayerTrack,
    WebSocketClosed,
    decode_body,
    decode_message,
    encode,
)

T = TypeVar("T")


class ProcessLost(Exception):
    """The process died before it answered; never leaves this room."""


LOST_CODE = 1006
"""The close code of a voice connection that died with its process."""

_log = logging.getLogger("voxlink.playback")


class Desk(Protocol):
    """What a player needs of its engine."""

    def send(self, message: ToEngine) -> None:
        """Send a message if a process runs."""
        ...

    def next_number(self) -> int:
        """Return a number that nothing else in this engine has."""
        ...

    async def call(self, make: Callable[[int], ToEngine]) -> Done:
        """Send the call that `make` makes of its number and wait for the answer; raises what the engine raised.

        Raises `ProcessLost` if the process dies first.
        """
        ...

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try again, in the next process, what a process died of. Raises `EngineFailed` in the end."""
        ...

    def forget(self, player: RemotePlayer) -> None:
        """The player is destroyed."""
        ...


class RemotePlayer(PlayerHandle):
    """A player across the pipe. Made by `RemoteEngine.create_player`."""

    def __init__(
        self,
        number: int,
        *,
        guild_id: int,
        user_id: int,
        config: EngineConfig,
        desk: Desk,
        pool: Executor,
        on_message: OnMessage,
    ) -> None:
        self.number = number
        self._guild_id = guild_id
        self._user_id = user_id
        self._desk = desk
        self._pool = pool
        self._on_message = on_message
        blank = PlayerMachine(
            guild_id,
            update_interval_s=config.player_update_interval_s,
            stuck_after_ms=config.track_stuck_threshold_ms,
        )
        self._player = blank.snapshot(Moment(time.monotonic(), time.time()))
        self._end_ms: int | None = None
        self._minute: FrameMinute | None = None
        self._is_whole = asyncio.Event()
        """Set while the process knows all that this player should be."""
        self._is_whole.set()
        self._wanted = self._player
        """What a fresh process has to be told; valid while this one knows less."""
        self._feed: RemoteFeed | None = None
        self._ears: dict[int, Ears] = {}
        self._tasks = Tasks(_log)
        self._is_destroyed = False

    def __repr__(self) -> str:
        return f"<RemotePlayer guild={self._guild_id} at {self._player.state.position} ms>"

    @property
    def guild_id(self) -> int:
        """See `PlayerHandle`."""
        return self._guild_id

    def snapshot(self) -> Player:
        """See `PlayerHandle`. Not older than a tenth of a second; `state.time` says when it was taken."""
        return self._player

    @property
    def frame_counts(self) -> FrameMinute | None:
        """See `PlayerHandle`."""
        return self._minute

    # ------------------------------------------------------------------ commands

    async def apply(self, change: UpdatePlayer, *, no_replace: bool) -> None:
        """See `PlayerHandle`. Raises `EngineFailed`, too, if no process can be kept running."""
        check_change(change)
        body = encode(change)
        await self._insist(lambda call: Apply(call, self.number, body, no_replace))

    async def play_pieces(
        self, pieces: Pieces, *, sound: SoundFormat, title: str = "", author: str = "", paused: bool = False
    ) -> Track:
        """See `PlayerHandle`."""
        self._require_alive()
        track = stream_track(title=title, author=author)
        feed = RemoteFeed(self._desk.next_number(), sound, track, send=self._desk.send)
        self.drop_feed(None)
        self._feed = feed
        feed.pulling = self._tasks.spawn(pull(pieces, feed, feed.room, self._pool), "pull")
        await self._insist(lambda call: PlayPieces(call, self.number, feed.number, sound, encode(track), 0, paused))
        return track

    def listen(self) -> Ears:
        """See `PlayerHandle`."""
        self._require_alive()
        number = self._desk.next_number()
        ears = self._ears[number] = Ears(lambda _: self._stop_listening(number))
        self._desk.send(Listen(self.number, number))
        return ears

    def _stop_listening(self, number: int) -> None:
        if self._ears.pop(number, None) is not None:
            self._desk.send(StopListening(number))

    async def destroy(self) -> None:
        """See `PlayerHandle`."""
        if self._is_destroyed:
            return
        self._is_destroyed = True
        try:
            await self._desk.call(lambda call: DestroyPlayer(call, self.number))
        except Exception as error:  # noqa: BLE001 (whatever keeps the process from answering, the player ends here)
            _log.debug("player %d: the engine process could not end it: %r", self._guild_id, error)
            self._say_the_end()
        for ears in list(self._ears.values()):
            ears.close()
        self._desk.forget(self)
        await self._tasks.close()

    async def _insist(self, make: Callable[[int], ToEngine]) -> None:
        async def attempt() -> Done:
            self._require_alive()
            await self._is_whole.wait()
            return await self._desk.call(make)

        self._require_alive()
        await self._desk.insist(attempt)

    def _require_alive(self) -> None:
        if self._is_destroyed:
            raise EngineClosed("the player was destroyed")

    def _say_the_end(self) -> None:
        """Say what a player says when it is destroyed (server.md 2.5), without a process to say it."""
        player = self._player if self._is_whole.is_set() else self._wanted
        state = player.state
        if player.track is not None:
            self._on_message(TrackEnd(guild_id=player.guild_id, track=player.track, reason=EndReason.STOPPED))
        if state.connected:
            self._on_message(WebSocketClosed(guild_id=player.guild_id, code=1000, reason="", by_remote=False))
            self._on_message(PlayerUpdate(guild_id=player.guild_id, state=replace(state, connected=False, position=0)))

    # ------------------------------------------------------------------ what the process says

    def take(self, message: Said | Standing | Sound) -> None:
        """Take what the process says of this player."""
        match message:
            case Said():
                self.take_message(message)
            case Standing(report=report):
                self.take_report(report)
            case Sound():
                self._take_sound(message)

    def take_message(self, said: Said) -> None:
        """Pass on what the player has said. That it starts again after a rebuild is nobody's business."""
        message = decode_message(said.message)
        self.take_report(said.report)
        if self._is_whole.is_set() or not isinstance(message, TrackStart | PlayerUpdate):
            self._on_message(cast("PlayerUpdate | PlayerEvent", message))

    def take_report(self, report: PlayerReport) -> None:
        """Learn how the player stands, unless it is just being rebuilt."""
        if not self._is_whole.is_set():
            return
        self._player = decode_body(report.player, Player)
        self._end_ms = report.end_ms
        self._minute = None if report.minute is None else FrameMinute(*report.minute)
        if self._feed is not None and self._player.track is not None:
            self._feed.played(self._player.state.position)

    def _take_sound(self, sound: Sound) -> None:
        """Somebody was heard."""
        ears = self._ears.get(sound.ears)
        if ears is not None:
            ears.put(HeardPcm(sound.user_id, sound.pcm, sound.timestamp, sound.is_concealed))

    def take_room(self, feed: int, pieces: int) -> None:
        """The process takes more of a feed."""
        if self._feed is not None and self._feed.number == feed:
            self._feed.give_room(pieces)

    def drop_feed(self, feed: int | None) -> None:
        """Pull no more for this feed (None: for any)."""
        if self._feed is not None and feed in {None, self._feed.number}:
            if self._feed.pulling is not None:
                self._feed.pulling.cancel()
            self._feed = None

    # ------------------------------------------------------------------ another process

    def lost(self) -> None:
        """The process died: until it is rebuilt the player is not connected, and stands where it was."""
        if self._is_whole.is_set():
            self._is_whole.clear()
            self._wanted = self._player
            self._player = replace(self._player, state=replace(self._player.state, connected=False))

    def create(self) -> None:
        """Let a fresh process know that there is this player."""
        self._desk.send(CreatePlayer(self.number, self._guild_id, self._user_id))
        for number in self._ears:
            self._desk.send(Listen(self.number, number))

    async def rebuild(self) -> None:
        """Let a fresh process make this player what it was. Raises nothing; if that process dies, the next one must."""
        try:
            report = await self._restore_all()
        except ProcessLost:
            return
        self._is_whole.set()
        if report is not None:
            self.take_report(report)
        self._on_message(PlayerUpdate(guild_id=self._player.guild_id, state=self._player.state))

    async def _restore_all(self) -> PlayerReport | None:
        wanted = self._wanted
        if wanted.state.connected:
            await self._restore_voice(wanted)
        feed = self._feed
        done = await self._restore(
            UpdatePlayer(
                volume=wanted.volume,
                filters=wanted.filters,
                paused=wanted.paused,
                **({} if feed is not None or wanted.track is None else _restart(wanted.track, self._end_ms)),
            )
        )
        if feed is not None:
            start_ms = feed.again()
            done = await self._desk.call(
                lambda call: PlayPieces(
                    call, self.number, feed.number, feed.sound, encode(feed.track), start_ms, wanted.paused
                )
            )
        return done.report

    async def _restore_voice(self, wanted: Player) -> None:
        try:
            await self._restore(UpdatePlayer(voice=wanted.voice))
        except VoxlinkError as error:
            _log.warning("guild %d: voice is lost with the engine process: %s", self._guild_id, error)
            closed = WebSocketClosed(guild_id=wanted.guild_id, code=LOST_CODE, reason=str(error), by_remote=False)
            self._on_message(closed)

    async def _restore(self, change: UpdatePlayer) -> Done:
        body = encode(change)
        return await self._desk.call(lambda call: Apply(call, self.number, body, no_replace=False))


def _restart(track: Track, end_ms: int | None) -> dict[str, Any]:
    """The fields of a change that starts a track where it was."""
    fields: dict[str, Any] = {"track": UpdatePlayerTrack(encoded=track.encoded, user_data=track.user_data)}
    if track.info.is_seekable:
        fields["position"] = track.info.position
    if end_ms is not None:
        fields["end_time"] = end_ms
    return fields
