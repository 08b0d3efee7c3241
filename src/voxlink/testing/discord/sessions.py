"""A bot's session at the main gateway: sequence numbers, what it may see, and what is replayed on resume. Pure."""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field

import msgspec

from voxlink.testing.discord.refusals import GatewayClose
from voxlink.testing.discord.state import Account, Json

__all__ = ["IdentifyBody", "Intent", "Opcode", "ResumeBody", "Session", "check_identify"]

REPLAY_LIMIT = 1000
"""How many events a lost session can still be given when it resumes."""


class Opcode(enum.IntEnum):
    """The main gateway's opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Intent(enum.IntFlag):
    """The intents that decide about events of the simulation."""

    GUILDS = 1 << 0
    GUILD_VOICE_STATES = 1 << 7
    GUILD_MESSAGES = 1 << 9
    MESSAGE_CONTENT = 1 << 15


KNOWN_INTENTS = (1 << 26) - 1
NEEDED: dict[str, Intent] = {
    "GUILD_CREATE": Intent.GUILDS,
    "VOICE_STATE_UPDATE": Intent.GUILD_VOICE_STATES,
    "MESSAGE_CREATE": Intent.GUILD_MESSAGES,
    "MESSAGE_UPDATE": Intent.GUILD_MESSAGES,
    "MESSAGE_DELETE": Intent.GUILD_MESSAGES,
}
"""Which intent an event needs; events that are not here always arrive."""


class IdentifyBody(msgspec.Struct):
    """The data of op 2, as far as it is used."""

    token: str = msgspec.field(name="token")
    intents: int = 0
    shard: tuple[int, int] = (0, 1)
    compress: bool = False
    properties: Json = msgspec.field(default_factory=dict[str, object])

    def __repr__(self) -> str:
        return f"<IdentifyBody intents={self.intents} shard={self.shard}>"


class ResumeBody(msgspec.Struct):
    """The data of op 6."""

    token: str
    session_id: str
    seq: int

    def __repr__(self) -> str:
        return f"<ResumeBody session_id={self.session_id} seq={self.seq}>"


def check_identify(body: IdentifyBody, account: Account | None) -> GatewayClose | None:
    """The close code with which Discord answers a bad identify; None for a good one."""
    if account is None:
        return GatewayClose.AUTHENTICATION_FAILED
    if not 0 <= body.shard[0] < body.shard[1]:
        return GatewayClose.INVALID_SHARD
    if not 0 <= body.intents <= KNOWN_INTENTS:
        return GatewayClose.INVALID_INTENTS
    return None


@dataclass(slots=True)
class Session:
    """One identified shard of a bot. Numbers what it is sent and keeps it for a resume."""

    id: str
    account: Account
    shard: tuple[int, int]
    intents: int
    sequence: int = 0
    is_resumable: bool = True
    _sent: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=REPLAY_LIMIT))

    def is_for(self, guild_id: int) -> bool:
        """Whether this shard has the guild."""
        return (guild_id >> 22) % self.shard[1] == self.shard[0]

    def sees(self, name: str) -> bool:
        """Whether the session's intents let an event through."""
        return name not in NEEDED or bool(self.intents & NEEDED[name])

    def number(self, name: str, data: Json) -> Json:
        """The frame of an event, numbered and kept for a resume."""
        self.sequence += 1
        frame: Json = {"op": int(Opcode.DISPATCH), "t": name, "s": self.sequence, "d": data}
        self._sent.append(frame)
        return frame

    def missed_since(self, sequence: int) -> list[Json] | None:
        """The frames after `sequence`; None when it lies in the future or too far back."""
        if sequence > self.sequence or sequence < self.sequence - len(self._sent):
            return None
        return list(self._sent)[len(self._sent) - (self.sequence - sequence) :]
