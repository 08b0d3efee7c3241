"""What Discord's main gateway gives a bot so that it can join one voice channel."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class VoiceLogin:
    """Everything that a voice connection needs; from VOICE_STATE_UPDATE and VOICE_SERVER_UPDATE.

    `endpoint` is used as it came, port included ("host" or "host:port", no scheme). The token is a secret and is
    never part of the repr.
    """

    guild_id: int
    user_id: int
    channel_id: int
    session_id: str
    token: str = field(repr=False)
    endpoint: str
