"""Failures in Lavalink's words."""

from __future__ import annotations

from voxlink.errors import LoadFailed, UnknownFormat, VoxlinkError
from voxlink.playback.failure import BROKE_WHEN_PLAYING, exception_details
from voxlink.protocol import Severity


def test_a_source_speaks_for_itself() -> None:
    details = exception_details(LoadFailed("That URL is not playable.", "common", "Status code 500"))
    assert (details.message, details.severity) == ("That URL is not playable.", Severity.COMMON)
    assert details.cause == "LoadFailed: That URL is not playable. (Status code 500)"


def test_media_errors_keep_their_sentence() -> None:
    details = exception_details(UnknownFormat())
    assert (details.message, details.severity) == ("Unknown file format.", Severity.COMMON)
    assert details.cause == "UnknownFormat: Unknown file format."


def test_anything_else_is_a_fault_with_lavalinks_sentence() -> None:
    details = exception_details(VoxlinkError("odd"))
    assert (details.message, details.severity, details.cause) == (
        BROKE_WHEN_PLAYING,
        Severity.FAULT,
        "VoxlinkError: odd",
    )
