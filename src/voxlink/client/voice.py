"""Discord's two voice messages, from any library: read tolerantly, and kept for a player that is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["VOICE_KEYS", "VoiceInbox", "plain_endpoint"]

VOICE_KEYS = ("token", "endpoint", "sessionId", "channelId")
"""What a node needs to connect (server.md 1.7: all four, `channelId` since 4.2)."""
KEEP_S = 30.0
"""How long messages wait for a player to be created."""
STATE = "VOICE_STATE_UPDATE"
SERVER = "VOICE_SERVER_UPDATE"


def plain_endpoint(endpoint: Any) -> str | None:
    """The endpoint as a node wants it: `host[:port]`. Libraries that add a scheme (hikari) are understood."""
    if not endpoint:
        return None
    text = str(endpoint)
    for scheme in ("wss://", "ws://", "https://", "http://"):
        text = text.removeprefix(scheme)
    return text.rstrip("/") or None


@dataclass(slots=True)
class _Kept:
    until: float
    messages: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


class VoiceInbox:
    """Holds the last state and the last server of guilds that have no player, for `KEEP_S`. Time is an argument."""

    def __init__(self, user_id: int) -> None:
        self._user_id = user_id
        self._kept: dict[int, _Kept] = {}

    def read(self, payload: Mapping[str, Any] | None) -> tuple[int, str, Mapping[str, Any]] | None:
        """Guild id, kind and data of a payload that matters to us; None for everything else, whatever it is."""
        if not payload:
            return None
        kind: Any = payload.get("t")
        data: Any = payload.get("d")
        if kind not in (STATE, SERVER) or not data:
            return None
        try:
            guild_id = int(data["guild_id"])
            if kind == STATE and int(data["user_id"]) != self._user_id:
                return None
        except (KeyError, TypeError, ValueError):
            return None  # a state outside a guild has no guild id
        return guild_id, kind, data

    def keep(self, guild_id: int, kind: str, data: Mapping[str, Any], now: float) -> None:
        """Keep a message for a player to come."""
        self._drop_old(now)
        kept = self._kept.setdefault(guild_id, _Kept(now + KEEP_S))
        kept.until = now + KEEP_S
        if kind == STATE and not data.get("channel_id"):
            kept.messages.clear()
        kept.messages[kind] = data

    def take(self, guild_id: int, now: float) -> list[tuple[str, Mapping[str, Any]]]:
        """What was kept for a guild, the state first."""
        self._drop_old(now)
        kept = self._kept.pop(guild_id, None)
        if kept is None:
            return []
        return [(kind, kept.messages[kind]) for kind in (STATE, SERVER) if kind in kept.messages]

    def _drop_old(self, now: float) -> None:
        for guild_id in [guild for guild, kept in self._kept.items() if kept.until <= now]:
            del self._kept[guild_id]
