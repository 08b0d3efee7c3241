"""What a change of a player asks for, checked before anything is touched. Pure; server.md 1.7, "Validation"."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import UNSET, UnsetType

from voxlink.errors import FilterUnavailable, InvalidChange
from voxlink.protocol import UpdatePlayer


class WantedTrack(NamedTuple):
    """The new track of a change: its encoded text, or an identifier to load; neither means stop."""

    encoded: str | None = None
    identifier: str | None = None


def check_change(change: UpdatePlayer) -> None:
    """Refuse a change that contradicts itself, before a player is even made for it.

    Raises `InvalidChange` or `FilterUnavailable`, in the order in which Lavalink looks.
    """
    track, legacy = change.track, (change.encoded_track, change.identifier)
    if track is not UNSET:
        if any(field is not UNSET for field in legacy):
            raise InvalidChange("Cannot specify both track and encodedTrack/identifier")
        legacy = (track.encoded, track.identifier)
    if all(field is not UNSET for field in legacy):
        raise InvalidChange("Cannot specify both encodedTrack and identifier")
    _check_voice(change)
    if isinstance(change.end_time, int) and change.end_time <= 0:
        raise InvalidChange("End time must be greater than 0")
    if change.filters is not UNSET:
        names = change.filters.audible()
        if names:
            raise FilterUnavailable(names)


def _check_voice(change: UpdatePlayer) -> None:
    voice = change.voice
    if voice is UNSET:
        return
    if not all(text and text.strip() for text in (voice.token, voice.endpoint, voice.session_id, voice.channel_id)):
        raise InvalidChange("token, endpoint, sessionId and channelId must be provided in voice state")
    if not (voice.channel_id or "").isdecimal():
        raise InvalidChange(f"channelId must be a Discord id, not {voice.channel_id!r}")


def wanted_track(change: UpdatePlayer) -> WantedTrack | None:
    """The track that a checked change asks to play or stop; None if it leaves the track alone."""
    encoded: str | UnsetType | None = change.encoded_track
    identifier: str | UnsetType = change.identifier
    if change.track is not UNSET:
        encoded, identifier = change.track.encoded, change.track.identifier
    if identifier is not UNSET:
        return WantedTrack(identifier=identifier)
    return None if encoded is UNSET else WantedTrack(encoded=encoded)
