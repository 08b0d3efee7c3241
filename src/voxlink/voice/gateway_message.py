"""The messages of voice gateway version 8: values, and how they look on the wire (opcodes 0-32, text and binary)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Raw, Struct

from voxlink.errors import InvalidVoiceMessage
from voxlink.voice.login import VoiceLogin

GATEWAY_VERSION = 8
MAX_MESSAGE_BYTES = 4 << 20

Snowflake = Annotated[int, Meta(ge=0)]
U16 = Annotated[int, Meta(ge=0, lt=1 << 16)]
U32 = Annotated[int, Meta(ge=0, lt=1 << 32)]


class Opcode(IntEnum):
    """What a message is about."""

    IDENTIFY = 0
    SELECT_PROTOCOL = 1
    READY = 2
    HEARTBEAT = 3
    SESSION_DESCRIPTION = 4
    SPEAKING = 5
    HEARTBEAT_ACK = 6
    RESUME = 7
    HELLO = 8
    RESUMED = 9
    CLIENTS_CONNECT = 11
    VIDEO = 12
    CLIENT_DISCONNECT = 13
    MEDIA_SINK_WANTS = 15
    DAVE_PREPARE_TRANSITION = 21
    DAVE_EXECUTE_TRANSITION = 22
    DAVE_TRANSITION_READY = 23
    DAVE_PREPARE_EPOCH = 24
    MLS_EXTERNAL_SENDER = 25
    MLS_KEY_PACKAGE = 26
    MLS_PROPOSALS = 27
    MLS_COMMIT_WELCOME = 28
    MLS_ANNOUNCE_COMMIT = 29
    MLS_WELCOME = 30
    MLS_INVALID_COMMIT_WELCOME = 31


class Hello(Struct, frozen=True):
    """Opcode 8: how often the server wants a heartbeat, at most."""

    heartbeat_interval: Annotated[float, Meta(gt=0)]


class Ready(Struct, frozen=True):
    """Opcode 2: where to send media, and as whom."""

    ssrc: U32
    ip: str
    port: Annotated[int, Meta(gt=0, lt=1 << 16)]
    modes: list[str]


class SessionDescription(Struct, frozen=True):
    """Opcode 4: the transport key, and the version of end-to-end encryption."""

    mode: str
    secret_key: Annotated[list[Annotated[int, Meta(ge=0, le=255)]], Meta(min_length=32, max_length=32)]
    dave_protocol_version: U16 = 0

    @property
    def key(self) -> bytes:
        """The key's 32 bytes."""
        return bytes(self.secret_key)

    def __repr__(self) -> str:
        return f"SessionDescription(mode={self.mode!r}, dave_protocol_version={self.dave_protocol_version}, key=***)"


class HeartbeatAck(Struct, frozen=True):
    """Opcode 6: the server's answer to a heartbeat with the nonce `t`."""

    t: int = 0


class HeartbeatRequest(Struct, frozen=True):
    """Opcode 3 from the server: it wants a heartbeat now."""


class Resumed(Struct, frozen=True):
    """Opcode 9: the session goes on; missed messages follow."""


class Speaking(Struct, frozen=True):
    """Opcode 5: which user sends with which ssrc."""

    ssrc: U32
    user_id: Snowflake
    speaking: int = 0


class ClientsConnect(Struct, frozen=True):
    """Opcode 11: users that are in the call."""

    user_ids: list[Snowflake]


class Video(Struct, frozen=True):
    """Opcode 12: a second source for a user's audio ssrc."""

    user_id: Snowflake
    audio_ssrc: U32 = 0


class ClientDisconnect(Struct, frozen=True):
    """Opcode 13: a user left the call."""

    user_id: Snowflake


class PrepareTransition(Struct, frozen=True):
    """Opcode 21: a change of the DAVE protocol version is announced."""

    transition_id: U16
    protocol_version: U16 = 0


class ExecuteTransition(Struct, frozen=True):
    """Opcode 22: the announced change happens now."""

    transition_id: U16


class PrepareEpoch(Struct, frozen=True):
    """Opcode 24: epoch 1 means a new group."""

    epoch: int
    protocol_version: U16 = 1
    transition_id: U16 = 0


class ExternalSender(NamedTuple):
    """Opcode 25: the credential with which the server signs its proposals."""

    data: bytes


class Proposals(NamedTuple):
    """Opcode 27: adds and removes to commit, or to forget (`revoke`)."""

    revoke: bool
    data: bytes


class AnnounceCommit(NamedTuple):
    """Opcode 29: the commit that won."""

    transition_id: int
    commit: bytes


class Welcome(NamedTuple):
    """Opcode 30: the way into a group."""

    transition_id: int
    welcome: bytes


class Unknown(NamedTuple):
    """An opcode that does not concern us; it is ignored."""

    opcode: int


DaveMessage = (
    PrepareTransition | ExecuteTransition | PrepareEpoch | ExternalSender | Proposals | AnnounceCommit | Welcome
)
RosterMessage = Speaking | ClientsConnect | Video | ClientDisconnect
ServerMessage = (
    Hello
    | Ready
    | SessionDescription
    | HeartbeatAck
    | HeartbeatRequest
    | Resumed
    | RosterMessage
    | DaveMessage
    | Unknown
)


class Numbered(NamedTuple):
    """A message and its sequence number; None where the server gave none (0 is a number)."""

    message: ServerMessage
    seq: int | None


class _Envelope(Struct):
    op: int
    d: Raw = Raw(b"null")
    seq: Annotated[int, Meta(ge=0)] | None = None


_envelopes = msgspec.json.Decoder(_Envelope)
_TEXT: dict[int, msgspec.json.Decoder[Any]] = {
    int(opcode): msgspec.json.Decoder(kind, strict=False)  # snowflakes are strings, and so may be numbers
    for opcode, kind in {
        Opcode.HELLO: Hello,
        Opcode.READY: Ready,
        Opcode.SESSION_DESCRIPTION: SessionDescription,
        Opcode.SPEAKING: Speaking,
        Opcode.CLIENTS_CONNECT: ClientsConnect,
        Opcode.VIDEO: Video,
        Opcode.CLIENT_DISCONNECT: ClientDisconnect,
        Opcode.DAVE_PREPARE_TRANSITION: PrepareTransition,
        Opcode.DAVE_EXECUTE_TRANSITION: ExecuteTransition,
        Opcode.DAVE_PREPARE_EPOCH: PrepareEpoch,
    }.items()
}
_BARE: dict[int, Callable[[], ServerMessage]] = {
    int(Opcode.HEARTBEAT_ACK): HeartbeatAck,
    int(Opcode.HEARTBEAT): HeartbeatRequest,
    int(Opcode.RESUMED): Resumed,
}
"""Messages whose payload is of no use."""
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises for text that is no message: also for brackets nested a thousand deep."""
_BINARY_HEAD = struct.Struct("!HB")
_TRANSITION = struct.Struct("!H")


def parse_text(text: str | bytes) -> Numbered:
    """Read a text frame. Raises `InvalidVoiceMessage`; unknown opcodes are no error."""
    try:
        envelope = _envelopes.decode(text)
    except _UNREADABLE as error:
        raise InvalidVoiceMessage(None, str(error)) from None
    bare = _BARE.get(envelope.op)
    if bare is not None:
        return Numbered(bare(), envelope.seq)
    decoder = _TEXT.get(envelope.op)
    if decoder is None:
        return Numbered(Unknown(envelope.op), envelope.seq)
    try:
        return Numbered(decoder.decode(envelope.d), envelope.seq)
    except _UNREADABLE as error:
        raise InvalidVoiceMessage(envelope.op, str(error)) from None


def parse_binary(data: bytes) -> Numbered:
    """Read a binary frame: 2 bytes of sequence number, 1 of opcode, then the body. Raises `InvalidVoiceMessage`."""
    if len(data) < _BINARY_HEAD.size:
        raise InvalidVoiceMessage(None, f"{len(data)} bytes are less than sequence number and opcode")
    seq, opcode = _BINARY_HEAD.unpack_from(data)
    return Numbered(_parse_body(opcode, data[_BINARY_HEAD.size :]), seq)


def _parse_body(opcode: int, body: bytes) -> ServerMessage:
    match opcode:
        case Opcode.MLS_EXTERNAL_SENDER:
            return ExternalSender(body)
        case Opcode.MLS_PROPOSALS:
            if not body or body[0] > 1:
                raise InvalidVoiceMessage(opcode, "neither append (0) nor revoke (1)")
            return Proposals(body[0] == 1, body[1:])
        case Opcode.MLS_ANNOUNCE_COMMIT | Opcode.MLS_WELCOME:
            if len(body) < _TRANSITION.size:
                raise InvalidVoiceMessage(opcode, "no transition id")
            (transition_id,) = _TRANSITION.unpack_from(body)
            kind = AnnounceCommit if opcode == Opcode.MLS_ANNOUNCE_COMMIT else Welcome
            return kind(transition_id, body[_TRANSITION.size :])
        case _:
            return Unknown(opcode)


def pack_text(opcode: Opcode, payload: object) -> str:
    """Return the text frame of a client message."""
    return msgspec.json.encode({"op": int(opcode), "d": payload}).decode()


def pack_binary(opcode: Opcode, body: bytes) -> bytes:
    """Return the binary frame of a client message: the opcode byte and the body, no sequence number."""
    return bytes((opcode,)) + body


def identify(login: VoiceLogin, *, max_dave_version: int) -> str:
    """Opcode 0: who we are, and how much DAVE we can do."""
    return pack_text(
        Opcode.IDENTIFY,
        {
            "server_id": str(login.guild_id),
            "user_id": str(login.user_id),
            "session_id": login.session_id,
            "token": login.token,
            "max_dave_protocol_version": max_dave_version,
        },
    )


def resume(login: VoiceLogin, seq_ack: int) -> str:
    """Opcode 7: take up a session after the last message that we saw."""
    return pack_text(
        Opcode.RESUME,
        {
            "server_id": str(login.guild_id),
            "session_id": login.session_id,
            "token": login.token,
            "seq_ack": seq_ack,
        },
    )


def select_protocol(address: str, port: int, mode: str) -> str:
    """Opcode 1: our external address and the transport encryption that we chose."""
    return pack_text(
        Opcode.SELECT_PROTOCOL, {"protocol": "udp", "data": {"address": address, "port": port, "mode": mode}}
    )


def heartbeat(nonce: int, seq_ack: int) -> str:
    """Opcode 3; `nonce` stays an integer below 2**53."""
    return pack_text(Opcode.HEARTBEAT, {"t": nonce, "seq_ack": seq_ack})


def speaking(ssrc: int) -> str:
    """Opcode 5: we send with this ssrc, microphone bit. Must precede the first packet."""
    return pack_text(Opcode.SPEAKING, {"speaking": 1, "delay": 0, "ssrc": ssrc})


def media_sink_wants(*, anything: bool) -> str:
    """Opcode 15: ask for all media, or for none."""
    return pack_text(Opcode.MEDIA_SINK_WANTS, {"any": 100 if anything else 0})


def transition_ready(transition_id: int) -> str:
    """Opcode 23: we are prepared for a transition."""
    return pack_text(Opcode.DAVE_TRANSITION_READY, {"transition_id": transition_id})


def invalid_commit_welcome(transition_id: int) -> str:
    """Opcode 31: we could not process a commit or welcome; the server is to add us anew."""
    return pack_text(Opcode.MLS_INVALID_COMMIT_WELCOME, {"transition_id": transition_id})
