"""Sound of the bot's own iterators as tracks that a player can play and queue like any other. Pure bookkeeping.

A client names what it plays by a track's text; an engine is handed the iterator itself and names it in its own way.
This keeps both names of each: one for the client's queue and events, the other for the engine's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from voxlink.protocol import (
    PlayerEvent,
    PlayerUpdate,
    Track,
    TrackEnd,
    TrackException,
    TrackStart,
    TrackStuck,
    encode_wire_track,
)

if TYPE_CHECKING:
    from voxlink.playback.feed import SoundFormat
    from voxlink.playback.pulling import Pieces

__all__ = ["Offer", "Offers"]

MessageT = TypeVar("MessageT", bound=PlayerUpdate | PlayerEvent)

SOURCE_NAME = "stream"
"""What the engine calls the source of such a track."""


@dataclass(slots=True, frozen=True)
class Offer:
    """An iterator that waits to be played, and the track that stands for it."""

    track: Track
    pieces: Pieces
    sound: SoundFormat


class Offers:
    """The iterators that were offered, and which of them each guild's player plays."""

    def __init__(self) -> None:
        self._waiting: dict[str, Offer] = {}
        self._coming: dict[str, Track] = {}
        self._playing: dict[str, Track] = {}

    def add(self, pieces: Pieces, *, sound: SoundFormat, title: str, author: str) -> Track:
        """Offer an iterator; its track can be played once, and is unlike any other track."""
        from voxlink.playback.feed import stream_track

        info = msgspec.structs.replace(stream_track(title=title, author=author).info, identifier=secrets.token_hex(8))
        track = Track(encode_wire_track(Track("", info)), info)
        self._waiting[track.encoded] = Offer(track, pieces, sound)
        return track

    def take(self, guild_id: int, encoded: str | None, user_data: object) -> Offer | None:
        """The offer that a guild's player is about to play; None if the text names no offer."""
        offer = self._waiting.pop(encoded, None) if encoded else None
        if offer is not None:
            named = msgspec.structs.replace(offer.track, user_data=user_data)
            self._coming[str(guild_id)] = named
        return offer

    def is_playing(self, guild_id: int, encoded: str | None) -> bool:
        """Whether the text names the offer that the guild's player plays or is about to."""
        current = self._coming.get(str(guild_id)) or self._playing.get(str(guild_id))
        return current is not None and current.encoded == encoded

    def translated(self, message: MessageT) -> MessageT:
        """A message of the engine with the offered track in place of the engine's own name for it."""
        if not isinstance(message, TrackStart | TrackEnd | TrackException | TrackStuck):
            return message
        if message.track.info.source_name != SOURCE_NAME:
            return message
        guild_id = message.guild_id
        if isinstance(message, TrackStart) and guild_id in self._coming:
            self._playing[guild_id] = self._coming.pop(guild_id)
        offered = self._playing.get(guild_id)
        return message if offered is None else msgspec.structs.replace(message, track=offered)
