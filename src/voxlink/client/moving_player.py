"""A player that lives on: moved to another node, restored after a lost session, taken over after a resume."""
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voxlink.client.deferred import DeferredAudioTrack
from voxlink.client.events import Event, NodeChangedEvent, TrackEvent
from voxlink.client.filters.wire import filters_from_json, filters_to_json, speed_of
from voxlink.client.messages import track_from_message
from voxlink.client.player_filters import PlayerFilters
from voxlink.client.plays import Play, new_token, plain_user_data
from voxlink.errors import LavalinkError

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = ["MovingPlayer"]


LEFT_GRACE_S = 10.0
"""How long a player without a voice channel stays on its node."""


class MovingPlayer(PlayerFilters):
    """The part of `DefaultPlayer` that changes nodes."""

    __slots__ = ("_is_off_node", "_left_timer")

    def __init__(self, guild_id: int, node: Node) -> None:
        super().__init__(guild_id, node)
        self._is_off_node = False
        self._left_timer: asyncio.TimerHandle | None = None

    def _voice_left(self, channel_id: int) -> None:
        """Without a channel the node's player is of no use: it goes after a while. Queue and track stay here.

        When the bot joins again, everything is set up anew and the track goes on.
        """
        super()._voice_left(channel_id)
        self._clock.pause(self.client.now())
        self._changed()
        if self._left_timer is None:
            self._left_timer = asyncio.get_running_loop().call_later(LEFT_GRACE_S, self._leave_node_soon)

    def _leave_node_soon(self) -> None:
        self._left_timer = None
        if self.channel_id is None and not self._destroyed:
            self.client.spawn_if_running(self._leave_node(), f"left-{self.guild_id}")

    async def _leave_node(self) -> None:
        async with self._command_lock:
            if self.channel_id is not None or self._destroyed:
                return
            self._is_off_node = True
            with contextlib.suppress(LavalinkError):
                await self.node.destroy_player(self._internal_id)

    async def _send_voice(self) -> None:
        if not self._is_off_node:
            await super()._send_voice()
            return
        await self._restore_on(self.node)

    def _take_event(self, event: Event, node: Node) -> None:
        if self._is_off_node and isinstance(event, TrackEvent):
            return  # the node tells that it let go of a track that goes on later
        super()._take_event(event, node)

    def _release(self) -> None:
        if self._left_timer is not None:
            self._left_timer.cancel()
            self._left_timer = None
        super()._release()

    async def change_node(self, node: Node) -> None:
        """Move to `node`: everything in one request there, then the old node is told, if it can be reached.

        Raises the errors of `Node.request`; then the player stays where it was. Publishes a `NodeChangedEvent`.
        """
        async with self._command_lock:
            old = self.node
            if node is old:
                return
            self._moving_to = node
            try:
                await self._restore_on(node)
            finally:
                self._moving_to = None
            self.node = node
            if old.is_ready or old.is_draining:
                # The old node's player would go on playing into the same call; it may also be gone already.
                with contextlib.suppress(LavalinkError):
                    await old.destroy_player(self._internal_id)
        self._changed()
        self._publish(NodeChangedEvent(self, old, node))

    async def restore(self) -> bool:
        """Set up the player anew on its own node, which lost it; False when there is nothing to set up.

        Raises the errors of `Node.request`.
        """
        async with self._command_lock:
            return await self._restore_on(self.node)

    async def _restore_on(self, node: Node) -> bool:
        """One PATCH with all that the node must know. The lock is held."""
        node.assigned += 1  # before the first wait: others choose their node meanwhile
        fields, play = await self._restore_fields(node)
        if not fields or self._destroyed or (self._is_off_node and not self._voice_complete):
            return False
        if play is not None:
            self._plays.add(play)
        try:
            answer = await node.update_player(guild_id=self._internal_id, **fields)
        except BaseException:
            if play is not None:
                self._plays.forget(play)
                self._advance_due = self._has_ended()
            raise
        if play is not None:
            play.accepted = True
        self._sent_filters = filters_to_json(fields["filters"]) if "filters" in fields else None
        self._clock.change_speed(speed_of(self._sent_filters or {}), self.client.now())
        self._voice_pending = False
        self._is_off_node = False
        self._needs_setup = False
        now = self.client.now()
        node.report_age.learn(answer, now)
        if play is not None:
            self._clock.set(fields.get("position", 0), now, running=not self.paused)
        self._internal_pause = False
        self._changed()
        return True

    def _has_ended(self) -> bool:
        """Whether the track's end was told, and nothing was asked for since."""
        latest = self._plays.latest
        return latest is not None and latest.ended and latest.track is self.current

    async def _restore_fields(self, node: Node) -> tuple[dict[str, Any], Play | None]:
        fields: dict[str, Any] = {}
        play: Play | None = None
        if self._voice_complete:
            fields["voice_state"] = self._voice_now()
        latest = self._plays.latest
        if self.current is not None and not (latest is not None and latest.ended):
            play = await self._play_again(latest)
        if play is not None:
            seekable = play.track.is_seekable and not play.track.is_stream
            fields |= {
                **play.extra,
                "encoded_track": play.encoded,
                "user_data": play.wire_user_data(),
                "position": self.position_now() if seekable else 0,
                "paused": self.paused,
            }
            if play.end_time_ms is not None:
                fields["end_time"] = play.end_time_ms
        elif self.paused:
            fields["paused"] = True
        if self.volume != 100:
            fields["volume"] = self.volume
        if filters := self._effective_filters():
            fields["filters"] = self._sendable(filters, node)
        return fields, play

    async def _play_again(self, latest: Play | None) -> Play | None:
        """A new play of the current track, with all that the last one was given; None if it finds nothing to play."""
        track = self.current
        assert track is not None
        same = latest if latest is not None and latest.track is track else None
        encoded = same.encoded if same is not None and same.encoded else track.track
        if encoded is None and isinstance(track, DeferredAudioTrack):
            encoded = await self._encoded(track)
        if encoded is None:
            return None
        return Play(
            track,
            new_token(),
            encoded,
            same.end_time_ms if same else None,
            dict(same.extra) if same else {},
            same.user_data if same else track.user_data,
            is_restore=True,
            accepted=False,
        )

    def position_now(self) -> int:
        """The position by the clock, in ms, whether or not the bot is in a channel."""
        duration = None if self.current is None or self.current.is_stream else self.current.duration
        return self._clock.at(self.client.now(), duration)

    def _adopt(self, raw: Mapping[str, Any]) -> None:
        """Take over what a resumed node says of this player; nothing is sent and the sound goes on."""
        now = self.client.now()
        state: Mapping[str, Any] = raw.get("state") or {}
        self.node.report_age.learn(raw, now)
        self.volume = int(raw.get("volume", self.volume))
        self.paused = bool(raw.get("paused", self.paused))
        if not self.filters and not self._layers:
            self.filters = filters_from_json(raw.get("filters") or {})
            self._clock.change_speed(speed_of(raw.get("filters") or {}), now)
        voice: Mapping[str, Any] = raw.get("voice") or {}
        if voice.get("sessionId") and not self._voice_state:
            self._voice_state = {key: voice.get(key) for key in ("token", "endpoint", "sessionId", "channelId")}
            if voice.get("channelId"):
                self.channel_id = int(voice["channelId"])
        raw_track: Mapping[str, Any] | None = raw.get("track")
        if raw_track:
            self._adopt_track(raw_track)
            info: Mapping[str, Any] = raw_track.get("info") or {}
            position = int(state.get("position") or info.get("position") or 0)
            self._clock.report(position, now, running=not self.paused)
        self._internal_pause = False
        self._changed()

    def _adopt_track(self, raw_track: Mapping[str, Any]) -> None:
        track, play = track_from_message(self, raw_track)
        if track is None:
            return
        if play is None:
            track, play = self._claim(track, raw_track)
        if play is None:
            user_data, mine = plain_user_data(raw_track.get("userData"))
            play = Play(track, str(mine.get("play") or new_token()), track.track, user_data=user_data)
            self._plays.add(play)
        if not play.ended:  # its end was told while the node's list was on its way
            self.current = play.track
            self._advance_due = False
