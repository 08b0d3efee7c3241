"""A player, and the change that a client asks for; absent (`UNSET`) and null are two different things in a change."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from voxlink.protocol.filters import Filters
from voxlink.protocol.track import Track
from voxlink.protocol.value import Int32, Int64, JsonObject, Value

__all__ = ["Player", "PlayerState", "UpdatePlayer", "UpdatePlayerTrack", "VoiceState"]


class PlayerState(Value, frozen=True):
    """How a player is doing: `time` (ms since the epoch), `position` (ms), voice `connected`, `ping` (ms, -1: none)."""

    time: Int64
    position: Int64
    connected: bool
    ping: Int64


class VoiceState(Value, frozen=True):
    """What Discord gave for a voice connection. The token is a secret: `repr` and error texts do not show it."""

    token: Annotated[str, Meta(extra={"secret": True})]
    endpoint: str
    session_id: str
    channel_id: str | None

    def __repr__(self) -> str:
        return f"VoiceState(token='***', endpoint={self.endpoint!r}, session_id='***', channel_id={self.channel_id!r})"


class Player(Value, frozen=True):
    """A player as the node answers it; `guild_id` is a text on the wire."""

    guild_id: str
    track: Track | None
    volume: Int32
    paused: bool
    state: PlayerState
    voice: VoiceState
    filters: Filters


class UpdatePlayerTrack(Value, frozen=True):
    """The new way to name the track of a change. `encoded` null stops the player."""

    encoded: str | UnsetType | None = UNSET
    identifier: str | UnsetType = UNSET
    user_data: JsonObject | UnsetType = UNSET


class UpdatePlayer(Value, frozen=True):
    """The body of `PATCH …/players/{guild}`; what is absent stays as it is (server.md 1.7).

    `position` and `end_time` in ms; `end_time` null clears the end; `encoded_track` null stops the player;
    `filters` replace all filters.
    """

    track: UpdatePlayerTrack | UnsetType = UNSET
    encoded_track: str | UnsetType | None = UNSET
    identifier: str | UnsetType = UNSET
    position: Int64 | UnsetType = UNSET
    end_time: Int64 | UnsetType | None = UNSET
    volume: Int32 | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    filters: Filters | UnsetType = UNSET
    voice: Annotated[VoiceState, Meta(extra={"keys": ["channelId"]})] | UnsetType = UNSET
