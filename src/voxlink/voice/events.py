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


VoiceEvent = VoiceConnected | VoiceResumed | VoiceReconnecting | VoiceServerNeeded | VoiceDisconnected
