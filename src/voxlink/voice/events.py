"""What a voice connection tells its owner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VoiceConnected:
    """A session is up: from now on queued frames are sent. Follows every fresh connect, the first one included."""

    endpoint: str
    ssrc: int
    mode: str
    """The transport encryption that both sides chose."""
    dave_version: int
    """The end-to-end encryption version that the call began with; 0 is none."""


@dataclass(frozen=True, slots=True)
class VoiceResumed:
    """A lost socket was resumed. Audio went on all the time; key, ssrc and DAVE group are as before."""


@dataclass(frozen=True, slots=True)
class VoiceReconnecting:
    """The socket was lost and another attempt follows by itself after `delay_s` seconds."""

    code: int
    """The close code; 1006 if there was none."""
    reason: str
    resuming: bool
    """True: audio goes on meanwhile. False: frames wait until the fresh session is up."""
    delay_s: float


@dataclass(frozen=True, slots=True)
class VoiceServerNeeded:
    """The login is used up: leave and join through the main gateway, then call `move` with what Discord answers.

    The connection keeps waiting for a few seconds and then ends with `VoiceDisconnected`.
    """

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class VoiceDisconnected:
    """The connection is over; nothing follows. Also the last event after `close()`."""

    code: int
    """The close code of the voice server, 1000 for our own close, 1006 if the server could not be reached."""
    reason: str
    by_remote: bool


@dataclass(frozen=True, slots=True)
class DaveChanged:
    """End-to-end encryption changed: another version, another epoch of the group, or no key for the moment."""

    version: int
    """The protocol version in force; 0 means that the call is not end-to-end encrypted."""
    epoch: int | None
    """The group's epoch; None while we have no key, and then only silence leaves (if the version is above 0)."""
    privacy_code: str | None
    """Thirty digits that all members see alike."""


@dataclass(frozen=True, slots=True)
class SpeakingStarted:
    """A user begins to be heard; only told while somebody listens."""

    user_id: int


@dataclass(frozen=True, slots=True)
class SpeakingStopped:
    """A user fell silent, or left."""

    user_id: int


VoiceEvent = (
    VoiceConnected
    | VoiceResumed
    | VoiceReconnecting
    | VoiceServerNeeded
    | VoiceDisconnected
    | DaveChanged
    | SpeakingStarted
    | SpeakingStopped
)
