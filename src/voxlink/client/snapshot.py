"""A player on paper: everything that is needed to set it up again, as one small JSON value."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from voxlink.client.autoplay import AutoplayMode
from voxlink.client.deferred import DeferredAudioTrack
from voxlink.client.filters.wire import filters_from_json, filters_to_json, speed_of
from voxlink.client.plays import Play, new_token
from voxlink.client.voice import VOICE_KEYS
from voxlink.errors import InvalidTrack, RemoteError
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.client.moving_player import MovingPlayer

__all__ = ["PlayerSnapshot", "SavedTrack", "apply_snapshot", "decode_snapshot", "take_snapshot"]

log = logging.getLogger("voxlink.client.store")

VERSION = 1


class SavedTrack(msgspec.Struct, omit_defaults=True):
    """A track with what the bot attached to it. `kind` names the class of a deferred one."""

    data: dict[str, Any]
    encoded: str | None = None
    requester: Any = 0
    extra: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    user_data: dict[str, Any] | None = None
    kind: str | None = None


class PlayerSnapshot(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A player's state. `saved_at` is the wall clock in seconds; positions in ms. `is_running` says that time counts;
    where it does not, it has not since `stopped_at`.

    `repr` hides the voice state, which holds a token.
    """

    version: int = VERSION
    guild_id: int
    node: str
    saved_at: float
    channel_id: int | None = None
    voice: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    current: SavedTrack | None = None
    play_token: str | None = None
    position_ms: int = 0
    media_lead_ms: int = 0
    is_running: bool = False
    stopped_at: float = 0.0
    end_time_ms: int | None = None
    play_extra: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    play_user_data: dict[str, Any] | None = None
    has_ended: bool = False
    paused: bool = False
    volume: int = 100
    loop: int = 0
    shuffle: bool = False
    filters: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    filter_layers: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict[str, dict[str, Any]])
    queue: list[SavedTrack] = msgspec.field(default_factory=list[SavedTrack])
    history: list[SavedTrack] = msgspec.field(default_factory=list[SavedTrack])
    autoplay_mode: str | None = None
    stored: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])

    def __repr__(self) -> str:
        title = None if self.current is None else (self.current.data.get("info") or self.current.data).get("title")
        return f"<PlayerSnapshot guild={self.guild_id} node={self.node} track={title!r} queue={len(self.queue)}>"

    def encode(self) -> bytes:
        """The snapshot as JSON."""
        return msgspec.json.encode(self)


_decoder = msgspec.json.Decoder(PlayerSnapshot)


def decode_snapshot(data: bytes) -> PlayerSnapshot:
    """Read a stored snapshot. Raises `RemoteError` for anything that is none, and for a newer version."""
    try:
        snapshot = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RemoteError(f"a stored player cannot be read: {error}") from None
    if snapshot.version > VERSION:
        raise RemoteError(f"a stored player has version {snapshot.version}; this release reads up to {VERSION}")
    return snapshot


def take_snapshot(player: MovingPlayer, wall_s: float) -> PlayerSnapshot:
    """The player as it is now."""
    play = player._plays.latest_accepted
    mine = play if play is not None and play.track is player.current else None
    return PlayerSnapshot(
        guild_id=player.guild_id,
        node=player.node.name,
        saved_at=wall_s,
        channel_id=player.channel_id,
        voice={key: player._voice_state[key] for key in VOICE_KEYS if player._voice_state.get(key)},
        current=None if player.current is None else _save(player.current),
        play_token=mine.token if mine else None,
        position_ms=player.position_now() if player.current is not None else 0,
        media_lead_ms=0 if player.current is None else player._media_now() - player.position_now(),
        is_running=player._clock.is_running,
        stopped_at=wall_s - max(0.0, player.client.now() - player._clock.anchored_at),
        end_time_ms=mine.end_time_ms if mine else None,
        play_extra=_plain(mine.extra) if mine else {},
        play_user_data=dict(mine.user_data) if mine and mine.user_data else None,
        has_ended=mine.ended if mine else False,
        paused=player.paused,
        volume=player.volume,
        loop=player.loop,
        shuffle=player.shuffle,
        filters=filters_to_json(player.filters.values()),
        filter_layers={name: filters_to_json(layer.values()) for name, layer in player._layers.items()},
        queue=[_save(track) for track in _still_to_come(player)],
        history=[_save(track) for track in player._kept_queue.history],
        autoplay_mode=mode.value if isinstance(mode := getattr(player, "autoplay", None), AutoplayMode) else None,
        stored=_plain({key: value for key, value in player._user_data.items() if isinstance(key, str)}),
    )


def _still_to_come(player: MovingPlayer) -> list[AudioTrack]:
    """The queue without the track that has started while the answer to its request is still on its way.

    A queue class of the bot's own is the bot's to save.
    """
    tracks: list[AudioTrack] = list(player._kept_queue)
    if player._next is not None and player._next is player.current:
        at = next((index for index, track in enumerate(tracks) if track is player.current), None)
        if at is not None:
            del tracks[at]
    return tracks


def apply_snapshot(player: MovingPlayer, snapshot: PlayerSnapshot, until_s: float, *, plays_on: bool) -> None:
    """Write a snapshot into a new player. The track has played until `until_s` (wall clock); with `plays_on` it still
    does.
    """
    player.channel_id = snapshot.channel_id
    player._voice_state = dict(snapshot.voice)
    player.paused = snapshot.paused
    player.volume = snapshot.volume
    player.loop = snapshot.loop
    player.shuffle = snapshot.shuffle
    player.filters = filters_from_json(snapshot.filters)
    if snapshot.filter_layers:
        player._layers = {name: filters_from_json(layer) for name, layer in snapshot.filter_layers.items()}
    with contextlib.suppress(ValueError):  # None, or a mode of a later release
        mode: Any = AutoplayMode(snapshot.autoplay_mode)
        setattr(player, "autoplay", mode)  # noqa: B010 - a `DefaultPlayer` has it
    player._user_data.update(snapshot.stored)
    player._kept_queue[:] = list(_load_all(snapshot.queue))
    player._kept_queue.history.extend(_load_all(snapshot.history))
    current = None if snapshot.current is None else next(iter(_load_all([snapshot.current])), None)
    player.current = current
    if current is None or snapshot.current is None:
        return
    play = Play(
        current,
        snapshot.play_token or new_token(),
        snapshot.current.encoded,
        snapshot.end_time_ms,
        snapshot.play_extra,
        snapshot.play_user_data,
        ended=snapshot.has_ended,
    )
    player._plays.add(play)
    player._advance_due = snapshot.has_ended
    passed_ms = max(0.0, until_s - snapshot.saved_at) * 1000 if snapshot.is_running else 0.0
    now, clock = player.client.now(), player._clock
    speed = speed_of(filters_to_json(player._effective_filters()))
    lead_ms = snapshot.media_lead_ms + passed_ms * (speed - 1.0) if plays_on else 0.0
    clock.set(snapshot.position_ms + passed_ms, now, running=plays_on and snapshot.is_running)
    clock.change_speed(speed, now, lead_ms=lead_ms)


def _plain(values: dict[Any, Any]) -> dict[str, Any]:
    """The entries that JSON can carry unchanged."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        try:
            if msgspec.json.decode(msgspec.json.encode(value)) == value:
                kept[key] = value
        except (TypeError, ValueError, msgspec.MsgspecError):
            continue
    return kept


def _save(track: AudioTrack) -> SavedTrack:
    extra = {key: value for key, value in track.extra.items() if key != "requester" and isinstance(key, str)}
    requester = _plain({"requester": track.requester}).get("requester", 0)
    kind = f"{type(track).__module__}:{type(track).__qualname__}" if isinstance(track, DeferredAudioTrack) else None
    return SavedTrack(dict(track.raw), track.track, requester, _plain(extra), track.user_data, kind)


def _load_all(saved: list[SavedTrack]) -> Iterator[AudioTrack]:
    for item in saved:
        kind = AudioTrack if item.kind is None else _deferred_class(item.kind)
        if kind is None:
            log.warning("A stored track needs the class %s, which is not there; it is left out", item.kind)
            continue
        try:
            track = kind(item.data, item.requester, **item.extra)
        except (InvalidTrack, TypeError) as error:
            log.warning("A stored track cannot be read and is left out: %s", error)
            continue
        track.track = item.encoded
        track.user_data = item.user_data
        yield track


def _deferred_class(name: str) -> type[AudioTrack] | None:
    """The subclass of `DeferredAudioTrack` with this name, among those that the bot has defined."""
    pending: list[type[DeferredAudioTrack]] = list(DeferredAudioTrack.__subclasses__())
    while pending:
        kind = pending.pop()
        if f"{kind.__module__}:{kind.__qualname__}" == name:
            return kind
        pending += kind.__subclasses__()
    return None
