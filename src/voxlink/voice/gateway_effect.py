"""What the gateway machine and the DAVE machine ask of the shell: values, carried out in order by `connection`."""

from __future__ import annotations

from dataclasses import dataclass, field

from voxlink.voice.events import VoiceEvent
from voxlink.voice.gateway_message import DaveMessage, RosterMessage


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """Close any websocket of before and open one to this endpoint; answer `opened` or `lost`."""

    endpoint: str


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Close the websocket; what it still says does not count."""

    code: int = 1000


@dataclass(frozen=True, slots=True)
class SendText:
    """Send a text frame on the websocket. It may hold a token: never log it."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SendBinary:
    """Send a binary frame on the websocket."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenMedia:
    """Open a UDP socket to the voice server, in place of any of before; answer `media_opened` or `lost`."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class SendDatagram:
    """Send bytes on the UDP socket."""

    data: bytes


@dataclass(frozen=True, slots=True)
class StartSession:
    """Transport key and numbers are agreed: frames may leave on the UDP socket."""

    ssrc: int
    mode: str
    key: bytes = field(repr=False)
    dave_version: int


@dataclass(frozen=True, slots=True)
class StopSession:
    """The session is dead: detach the stream, close the UDP socket."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message for the other machines: who is in the call, DAVE."""

    message: RosterMessage | DaveMessage


@dataclass(frozen=True, slots=True)
class EncryptAgain:
    """The end-to-end key changed: what lies further ahead in the queue than this is to be encrypted anew."""

    ahead_ms: int


@dataclass(frozen=True, slots=True)
class Emit:
    """Tell the owner."""

    event: VoiceEvent


LinkEffect = OpenSocket | CloseSocket | SendText | SendBinary | OpenMedia | SendDatagram
Effect = LinkEffect | StartSession | StopSession | Deliver | EncryptAgain | Emit
