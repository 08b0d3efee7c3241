"""The base of every player: its node, its voice state, and the request that plays a track."""

# pyright: reportPrivateUsage=false, reportUnnecessaryIsInstance=false, reportUnnecessaryComparison=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from voxlink.client.common import MISSING
from voxlink.client.deferred import DeferredAudioTrack
from voxlink.client.events import (
    Event,
    PlayerDisconnectedEvent,
    PlayerErrorEvent,
    PlayerMovedEvent,
    PlayerUpdateEvent,
    TrackEndEvent,
    TrackEvent,
    TrackLoadFailedEvent,
    TrackStartEvent,
)
from voxlink.client.locks import TaskLock
from voxlink.client.plays import Play, Plays, new_token, plain_user_data
from voxlink.client.update import VOLUME_LIMIT, checked_end_time, checked_flag, checked_position
from voxlink.client.voice import VOICE_KEYS, plain_endpoint
from voxlink.errors import BadType, BadValue, ClientError, InvalidTrack, LavalinkError
from voxlink.protocol import AudioTrack, EndReason

if TYPE_CHECKING:
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["BasePlayer"]

log = logging.getLogger("voxlink.client.player")

DEFERRED_LOAD_TIMEOUT_S = 60.0
MOVE_FALLBACK_S = 2.0
"""How long after a channel move Discord may take to name a voice server before the old one is used with the new
channel.
"""


class _Lookup:
    """The load of a deferred track that is under way."""

    __slots__ = ("arguments", "is_abandoned", "limit", "track")

    def __init__(self, track: DeferredAudioTrack, arguments: dict[str, Any]) -> None:
        self.track = track
        self.arguments = arguments
        self.limit: asyncio.Timeout | None = None
        self.is_abandoned = False


class BasePlayer(ABC):
    """What every player inherits from.

    `client`, `guild_id`, `node`, `channel_id` (None when not in a voice channel) and `current` (the track that plays,
    if any) are there from the start. Every command of one player is sent after the one before it was answered.
    """

    __slots__ = (
        "__weakref__",
        "_command_lock",
        "_destroyed",
        "_internal_id",
        "_lookup",
        "_moving_to",
        "_needs_setup",
        "_next",
        "_node",
        "_original_node",
        "_plays",
        "_self_flags",
        "_sent_filters",
        "_voice_pending",
        "_voice_state",
        "_voice_timer",
        "_voice_waiters",
        "channel_id",
        "client",
        "current",
        "guild_id",
    )

    def __init__(self, guild_id: int, node: Node) -> None:
        self.client: Client = node.client
        self.guild_id: int = int(guild_id)
        self._node: Node = node
        self._moving_to: Node | None = None
        self.channel_id: int | None = None
        self.current: AudioTrack | None = None
        self._next: AudioTrack | None = None
        self._internal_id: str = str(guild_id)
        self._original_node: Node | None = None
        self._voice_state: dict[str, Any] = {}
        self._plays = Plays()
        self._command_lock = TaskLock()
        self._voice_timer: asyncio.TimerHandle | None = None
        self._voice_pending = False
        self._voice_waiters: Sequence[asyncio.Future[None]] = ()
        self._self_flags = (False, False)
        self._destroyed = False
        self._sent_filters: Mapping[str, Any] | None = None  # what the node has; None when that is not certain
        self._lookup: _Lookup | None = None
        self._needs_setup = False  # the node lost the player, or never had it: the next request must say all

    @property
    def node(self) -> Node:
        """The node that plays for this player. Setting it tells both nodes."""
        return self._node

    @node.setter
    def node(self, node: Node) -> None:
        old, self._node = self._node, node
        if old is not node:
            old.roster.pop(self.guild_id, None)
            node.roster[self.guild_id] = self

    @abstractmethod
    async def handle_event(self, event: Event) -> None:
        """Act on an event of the node: start the next track, say. Called in the order of the events of this player."""

    @abstractmethod
    async def update_state(self, state: Mapping[str, Any]) -> None:
        """Take a player state that the node reported."""

    @abstractmethod
    async def node_unavailable(self) -> None:
        """The player's node was lost; it will be moved or restored."""

    @abstractmethod
    async def change_node(self, node: Node) -> None:
        """Move to another node."""

    def cleanup(self) -> None:  # noqa: B027 - a hook for subclasses, empty on purpose
        """Called once when the player is removed or destroyed."""

    async def destroy(self) -> None:
        """Destroy the player here and on its node; the same as `PlayerManager.destroy`."""
        await self.client.player_manager.destroy(self.guild_id)

    async def play_track(
        self,
        track: AudioTrack | DeferredAudioTrack,
        start_time: int | None = MISSING,
        end_time: int | None = MISSING,
        no_replace: bool | None = MISSING,
        volume: int | None = MISSING,
        pause: bool | None = MISSING,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Play `track` and return the node's player object.

        `start_time` and `end_time` in ms; None is the same as not given. `volume` is cut to 0..1000. Further keyword
        arguments go to the node as they are. Returns None if a deferred track found nothing (then a
        `TrackLoadFailedEvent` is published), if somebody stopped or skipped while it was looked up, or if `no_replace`
        made it needless. Raises ValueError and TypeError for bad arguments, `InvalidTrack`, and the errors of
        `Node.request`; then nothing has changed.
        """
        body = self._play_arguments(start_time, end_time, volume, pause)
        replaces_not = no_replace not in (MISSING, None) and checked_flag("no_replace", no_replace)
        if not isinstance(track, AudioTrack):
            raise BadValue(f"a track is an AudioTrack, not {type(track).__name__}")
        async with self._command_lock:
            encoded = await self._encoded(track, body)
            if encoded is None:
                return None
            user_data = kwargs.pop("user_data", None) or track.user_data or None
            play = Play(
                track,
                new_token(),
                encoded=encoded,
                end_time_ms=body.get("end_time"),
                extra=dict(kwargs),
                user_data=user_data,
                accepted=False,
            )
            return await self._send_play(play, replaces_not, body)

    def _play_arguments(self, start_time: Any, end_time: Any, volume: Any, pause: Any) -> dict[str, Any]:
        """Check what `play_track` was given; the answer holds arguments of `Node.update_player`."""
        body: dict[str, Any] = {}
        if start_time not in (MISSING, None):
            body["position"] = checked_position("start_time", start_time)
        if end_time not in (MISSING, None):
            body["end_time"] = checked_end_time("end_time", end_time)
        if volume not in (MISSING, None):
            if isinstance(volume, bool) or not isinstance(volume, int):
                raise BadType(f"volume must be a whole number, not {type(volume).__name__}")
            body["volume"] = min(max(volume, 0), VOLUME_LIMIT)
        if pause not in (MISSING, None):
            body["paused"] = checked_flag("pause", pause)
        return body

    async def _encoded(self, track: AudioTrack, arguments: dict[str, Any] | None = None) -> str | None:
        """The text to play; None after a `TrackLoadFailedEvent`, and when the load was abandoned. What is set while it
        loads is added to the arguments of its play.
        """
        if track.track is not None:
            return track.track
        if not isinstance(track, DeferredAudioTrack):
            raise InvalidTrack("the track has no base64 text and is no DeferredAudioTrack")
        original: Exception | None = None
        lookup = self._lookup = _Lookup(track, {} if arguments is None else arguments)
        try:
            async with self._command_lock.lent(), asyncio.timeout(DEFERRED_LOAD_TIMEOUT_S) as lookup.limit:
                encoded = await track.load(self.client)
            if encoded is not None and not lookup.is_abandoned:
                return encoded
        except Exception as error:  # noqa: BLE001 - a bot's own track may raise anything
            original = error
        finally:
            self._lookup = None
        if lookup.is_abandoned:
            return None
        if original is not None:
            log.warning("Deferred track %r of guild %d failed to load: %r", track, self.guild_id, original)
        self._publish(TrackLoadFailedEvent(self, track, original))
        return None

    @property
    def _is_loading(self) -> bool:
        """Whether the lock is held, and nothing of this player is on its way to a node."""
        return self._lookup is not None

    def _abandon_lookup(self) -> AudioTrack | None:
        """Give up the load of a deferred track that another task waits for; the track, None if there is no such load.

        The load is cancelled. If it finds something all the same, that is not played.
        """
        lookup = self._lookup
        if lookup is None or lookup.limit is None or lookup.limit.expired() or self._command_lock.is_mine():
            return None
        lookup.is_abandoned = True
        lookup.limit.reschedule(asyncio.get_running_loop().time())
        return lookup.track

    async def _send_play(self, play: Play, no_replace: bool, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        """Send one play. Its track is matched from the moment of sending: the start may be told before the answer."""
        self._must_be_alive()
        says_all = self._needs_setup
        fields: dict[str, Any] = {**self._collected(), **arguments, **play.extra}
        if no_replace:
            fields["no_replace"] = True
        self._plays.add(play)
        self._next = play.track
        try:
            answer = await self.node.update_player(
                guild_id=self._internal_id,
                encoded_track=play.encoded,
                user_data=play.wire_user_data(),
                **fields,
            )
        except BaseException:
            self._plays.forget(play)
            raise
        finally:
            self._next = None
        play.accepted = True
        if says_all:
            self._needs_setup = False  # else the node may have lost its session meanwhile, and knows this play only
        if no_replace and not _plays_token(answer, play.token):
            self._plays.forget(play)
        self._sent_collected(answer or {})
        return answer

    def _must_be_alive(self) -> None:
        """Raises `ClientError` once the player is destroyed: the node would make it again, and nobody would own it."""
        if self._destroyed:
            raise ClientError(f"the player of guild {self.guild_id} was destroyed; create it again")

    def _claim(self, track: AudioTrack, _raw: Mapping[str, Any]) -> tuple[AudioTrack, Play | None]:
        """A track plays that no known request started: the object that stands for it here, and the play if it is the
        latest now.
        """
        return track, None

    def _claim_end(self, track: AudioTrack, _raw: Mapping[str, Any]) -> tuple[AudioTrack, Play | None]:
        """A track has ended that no known request started: the object that stands for it here, and its play."""
        return track, None

    def _collected(self) -> Mapping[str, Any]:
        """Changes that wait for the next request of this player."""
        return {}

    def _sent_collected(self, answer: Mapping[str, Any]) -> None:  # noqa: B027 - a hook for subclasses
        """The node accepted the request that carried `_collected`."""

    def _take_state(self, state: Mapping[str, Any], node: Node) -> None:
        """Take a state that `node` reported, then publish it, in the player's own order."""

        async def act() -> None:
            if node is not self.node:
                return
            try:
                await self.update_state(state)
            except Exception as error:
                log.exception("update_state of guild %d raised", self.guild_id)
                self._publish(PlayerErrorEvent(self, error))
            self._publish(PlayerUpdateEvent(self, state))

        self.client.actions.push(self.guild_id, act)

    def _take_event(self, event: Event, node: Node) -> None:
        """State first, then the hooks, then the player's own action; the last two wait for nobody.

        The end of a track is first written to the store, if there is one; `Recorder` says why and how long at most.
        """
        is_news = self._note_event(event)
        written = self.client.recorder.write_end(self) if isinstance(event, TrackEndEvent) else None
        if written is not None:
            self.client.dispatcher.publish(event, written)
        elif is_news:
            self._publish(event)
        if self._acts_on(event):
            self.client.actions.push(self.guild_id, partial(self._act, event, node, written))

    def _acts_on(self, event: Event) -> bool:
        """Whether `handle_event` has anything to do; a player of the bot's own is always asked."""
        return True

    async def _act(self, event: Event, node: Node, written: asyncio.Future[None] | None) -> None:
        if written is not None:
            await asyncio.wait([written])
        if self._destroyed or node not in (self.node, self._moving_to):
            return
        try:
            await self.handle_event(event)
        except Exception as error:
            log.exception("The player of guild %d could not handle %r", self.guild_id, event)
            self._publish(PlayerErrorEvent(self, error))

    def _note_event(self, event: Event) -> bool:
        """Write an event into the state; False when it is nothing new to the bot."""
        if not isinstance(event, TrackEvent):
            return True
        play = event._play
        if isinstance(event, TrackStartEvent):
            if play is not None:
                play.accepted = True
            if event.track is not None and (play is None or play is self._plays.latest):
                self.current = event.track
            return play is None or not play.is_restore
        if isinstance(event, TrackEndEvent):
            is_latest = play is None or play is self._plays.latest
            if play is not None:
                play.ended = True
            if is_latest and event.reason in (EndReason.STOPPED, EndReason.CLEANUP):
                self.current = None
        return True

    async def _voice_server_update(self, data: Mapping[str, Any]) -> None:
        """Take a VOICE_SERVER_UPDATE; a null endpoint means that Discord will name another server soon."""
        self._cancel_voice_timer()
        endpoint = plain_endpoint(data.get("endpoint"))
        self._voice_state["token"] = data.get("token")
        if endpoint is None:
            self._voice_state.pop("endpoint", None)
            return
        self._voice_state["endpoint"] = endpoint
        await self._dispatch_voice_update()

    async def _voice_state_update(self, data: Mapping[str, Any]) -> None:
        """Take the bot's own VOICE_STATE_UPDATE."""
        raw_channel = data.get("channel_id")
        old, new = self.channel_id, int(raw_channel) if raw_channel else None
        self.channel_id = new
        if new is None:
            self._cancel_voice_timer()
            self._voice_state.clear()
            if old is not None:
                self._voice_left(old)
            return
        state = self._voice_state
        self._self_flags = bool(data.get("self_mute")), bool(data.get("self_deaf"))
        moved = old is not None and old != new
        new_session = data.get("session_id") != state.get("sessionId")
        state["sessionId"] = data.get("session_id")
        state["channelId"] = str(new)
        if moved and old is not None:
            self._publish(PlayerMovedEvent(self, old, new))
        if new_session:
            await self._dispatch_voice_update()
        elif moved:
            # Discord follows a move with a VOICE_SERVER_UPDATE; should it not, the server is the same.
            self._cancel_voice_timer()
            loop = asyncio.get_running_loop()
            self._voice_timer = loop.call_later(MOVE_FALLBACK_S, self._send_voice_later)

    def _voice_left(self, channel_id: int) -> None:
        """The bot is in no channel any more: kicked, channel deleted, or by its own wish."""
        self._publish(PlayerDisconnectedEvent(self, "left", channel_id))

    def _send_voice_later(self) -> None:
        self._voice_timer = None
        self.client.tasks.spawn(self._dispatch_voice_update(), f"voice-{self.guild_id}")

    def _cancel_voice_timer(self) -> None:
        if self._voice_timer is not None:
            self._voice_timer.cancel()
            self._voice_timer = None

    @property
    def _voice_complete(self) -> bool:
        return all(self._voice_state.get(key) for key in VOICE_KEYS)

    async def _dispatch_voice_update(self) -> None:
        """Send the voice state if it is complete. Errors become a `PlayerErrorEvent`; it is sent again on ready."""
        if not self._voice_complete:
            return
        self._voice_pending = True
        async with self._command_lock:
            if not self._voice_complete or not self._voice_pending or self._destroyed:
                return  # a later update was sent by the call that held the lock, or the bot has left
            self._voice_pending = False
            try:
                await self._send_voice()
                self._tell_voice_waiters(None)
            except LavalinkError as error:
                self._voice_pending = True
                self._tell_voice_waiters(error)
                log.warning("The voice state of guild %d did not reach %s: %s", self.guild_id, self.node.name, error)
                self._publish(PlayerErrorEvent(self, error))

    def _tell_voice_waiters(self, error: LavalinkError | None) -> None:
        """The voice state has reached the node, or could not."""
        for waiter in self._voice_waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)

    async def _send_voice(self) -> None:
        await self.node.update_player(guild_id=self._internal_id, voice_state=self._voice_now())

    def _voice_now(self) -> dict[str, Any]:
        return {key: self._voice_state[key] for key in VOICE_KEYS}

    def _publish(self, event: Event) -> None:
        self.client.dispatcher.publish(event)

    def _release(self) -> None:
        """The player left the client: no timer and no state of its own goes on."""
        self._destroyed = True
        self._cancel_voice_timer()
        self._voice_state.clear()
        with contextlib.suppress(Exception):
            self.cleanup()


def _plays_token(answer: Mapping[str, Any] | None, token: str) -> bool:
    """Whether a player object shows the play with this token."""
    track: Mapping[str, Any] = (answer or {}).get("track") or {}
    _, mine = plain_user_data(track.get("userData"))
    return mine.get("play") == token
