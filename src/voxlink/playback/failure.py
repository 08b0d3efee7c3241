"""Our errors in Lavalink's words: what a client is told when a track cannot be loaded or played."""

from __future__ import annotations

from voxlink import errors, protocol
from voxlink.errors import LoadFailed, MediaError, VoxlinkError
from voxlink.playback.sources import details_of
from voxlink.protocol import ExceptionDetails, Severity

_WORDS: dict[protocol.Severity, errors.Severity] = {
    Severity.COMMON: "common",
    Severity.SUSPICIOUS: "suspicious",
    Severity.FAULT: "fault",
}

BROKE_WHEN_PLAYING = "Something broke when playing the track."
"""Lavalink's sentence for a failure that has none of its own (server.md 2.1)."""


def exception_details(error: VoxlinkError) -> ExceptionDetails:
    """Describe a failure to the client: our sentence and severity, and what lies below as the cause."""
    if isinstance(error, MediaError | LoadFailed):
        return details_of(error)
    text = f"{type(error).__name__}: {error}"
    return ExceptionDetails(message=BROKE_WHEN_PLAYING, severity=Severity.FAULT, cause=text, cause_stack_trace=text)


def severity_word(severity: protocol.Severity) -> errors.Severity:
    """Say a wire severity in the word that our errors use; an unknown one is a fault."""
    return _WORDS.get(severity, "fault")
