"""The account of one song: what was asked for, what the listener heard, and whether that is the whole of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from voxlink.audio import FRAME_MS

TOLERANCE_MS = 40
"""A decoder's padding and a container's rounding may differ by this much from the length a file states."""


WAYS = {True: "passthrough", False: "transcode", None: "not told apart (a live stream)"}


class PlayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `voxlink play` measured; every figure is counted at the voice server, where the listener is."""

    title: str
    """Author and title as the node reported them."""
    asked_ms: int
    """The span that was asked for: the track from the start position on, or `--seconds` of it."""
    heard: int
    """Frames of music that arrived, silence frames left out."""
    holes: int
    """Numbers that no packet came for: frames that were lost, or slots that a late sender skipped."""
    median_gap_ms: float
    p99_gap_ms: float
    max_gap_ms: float
    jitter_ms: float
    """RFC 3550, section 6.4.1."""
    join_to_first_packet_ms: float
    """From the voice server's data reaching the client to the first packet of music."""
    passthrough: bool | None
    """Whether the file's own Opus packets were sent untouched; None if that cannot be told."""
    faults: tuple[str, ...]
    """What the voice server found wrong with packets: headers, nonces, order."""
    failure: str | None = None
    """Why the track ended early, in the node's words."""

    @property
    def heard_ms(self) -> int:
        """How much music the listener heard."""
        return self.heard * FRAME_MS

    @property
    def missing(self) -> int:
        """Frames of the span that were sent and did not arrive; a skipped slot takes no frame away."""
        return min(self.holes, max(0, round(self.asked_ms / FRAME_MS) - self.heard))

    @property
    def skipped(self) -> int:
        """Slots of 20 ms that went by in silence because the sender was more than three frames late."""
        return self.holes - self.missing

    @property
    def is_whole(self) -> bool:
        """Did the listener hear the whole span, with nothing wrong?"""
        return self.heard_ms + TOLERANCE_MS >= self.asked_ms and not self.faults and self.failure is None

    def shortcomings(self) -> Iterator[str]:
        """Say in one line each why the song does not count as heard whole."""
        if self.failure is not None:
            yield f"the track failed: {self.failure} (heard {clock(self.heard_ms)} of {clock(self.asked_ms)})"
        elif self.heard_ms + TOLERANCE_MS < self.asked_ms:
            lost = f", {self.missing} frames did not arrive" if self.missing else ""
            yield f"the listener heard {clock(self.heard_ms)} of {clock(self.asked_ms)}{lost}"
        yield from self.faults

    def rows(self) -> list[tuple[str, str]]:
        """The summary table, as label and value."""
        return [
            ("title", self.title),
            ("asked for", clock(self.asked_ms)),
            ("frames sent", str(self.heard + self.missing)),
            ("frames heard", f"{self.heard} ({clock(self.heard_ms)})"),
            ("frames missing", str(self.missing)),
            ("slots skipped", str(self.skipped)),
            ("pacing: median gap", f"{self.median_gap_ms:.2f} ms"),
            ("pacing: p99 gap", f"{self.p99_gap_ms:.2f} ms"),
            ("pacing: max gap", f"{self.max_gap_ms:.2f} ms"),
            ("jitter (RFC 3550)", f"{self.jitter_ms:.3f} ms"),
            ("join to first packet", f"{self.join_to_first_packet_ms:.0f} ms"),
            ("way", WAYS[self.passthrough]),
        ]


def clock(ms: float) -> str:
    """Milliseconds as people read them: `3:07.2`, or `1:02:03.0` from an hour on."""
    tenths = round(ms / 100)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"
