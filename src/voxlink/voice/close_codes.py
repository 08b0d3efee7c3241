"""What to do about each way in which a voice socket can end (Discord's page on opcodes and status codes)."""

from __future__ import annotations

from enum import Enum

TRANSPORT_LOST = 1006
"""No close frame at all: TCP or TLS error, a missing heartbeat acknowledgement."""
NORMAL = 1000


class Reaction(Enum):
    """The correct answer to a close code."""

    RESUME = "resume"
    """Take the session up with opcode 7, audio goes on meanwhile; if that fails, as FRESH."""
    RESUME_ONCE = "resume once"
    """As RESUME, but one attempt only."""
    FRESH = "fresh"
    """Identify anew with the same login, and ask the owner for a new one; limited."""
    NEW_TOKEN = "new token"  # noqa: S105 (a reaction, no secret)
    """As FRESH, but only with a login that the owner brings: this one is refused."""
    WAIT = "wait"
    """Do nothing by ourselves: we were moved or kicked. A new login within a few seconds, or the end."""
    OTHER_MODE = "other mode"
    """Identify anew and choose another encryption mode, once."""
    STOP = "stop"
    """Trying again cannot help."""


REACTIONS: dict[int, Reaction] = {
    4001: Reaction.FRESH,
    4002: Reaction.FRESH,
    4003: Reaction.FRESH,
    4004: Reaction.NEW_TOKEN,
    4005: Reaction.FRESH,
    4006: Reaction.FRESH,
    4009: Reaction.RESUME_ONCE,
    4011: Reaction.FRESH,
    4012: Reaction.STOP,
    4013: Reaction.RESUME,
    4014: Reaction.WAIT,
    4015: Reaction.RESUME,
    4016: Reaction.OTHER_MODE,
    4017: Reaction.STOP,
    4020: Reaction.FRESH,
    4021: Reaction.STOP,
    4022: Reaction.WAIT,
}

EXPLANATIONS: dict[int, str] = {
    4001: "unknown opcode",
    4002: "a message that the server could not read",
    4003: "not authenticated",
    4004: "authentication failed: the token or session id is stale or wrong",
    4005: "already authenticated",
    4006: "the session is no longer valid",
    4009: "the session timed out",
    4011: "the voice server was not found",
    4012: "unknown protocol",
    4013: "the media engine crashed",
    4014: "disconnected from the channel: kicked, moved, or the channel is gone",
    4015: "the voice server crashed",
    4016: "unknown encryption mode",
    4017: "the call needs end-to-end encryption (DAVE), which is switched off here",
    4020: "bad request",
    4021: "rate limited",
    4022: "the call was terminated",
}


def reaction_to(code: int) -> Reaction:
    """Return what to do about a close that was not ours. Below 4000: transport; unknown: FRESH."""
    if code < 4000:
        return Reaction.RESUME
    return REACTIONS.get(code, Reaction.FRESH)


def explain(code: int, reason: str) -> str:
    """Return the server's reason, or what the code means."""
    return reason or EXPLANATIONS.get(code, "")
