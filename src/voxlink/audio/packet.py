"""What an Opus packet says of itself, and which files' packets may be sent untouched."""

from __future__ import annotations

_MAX_SAMPLES = 5760
"""A packet holds at most 120 ms (RFC 6716 section 3.2, requirement 5)."""


def packet_samples(packet: bytes) -> int:
    """Return how many samples of 48 kHz a packet holds, 0 if it is no Opus packet (RFC 6716 section 3.1)."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        one = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        one = (480, 960)[config & 1]
    else:
        one = (120, 240, 480, 960)[config & 3]
    counted = packet[1] & 0x3F if len(packet) > 1 else 0
    samples = one * (1, 2, 2, counted)[code]
    return samples if samples <= _MAX_SAMPLES else 0


def may_pass(head: bytes) -> bool:
    """Whether packets of a track with this OpusHead can be sent as they are (RFC 7845 section 5.1).

    They can with one or two channels of mapping family 0 and no output gain: a listener knows nothing of the head.
    """
    return len(head) >= 19 and head[:8] == b"OpusHead" and head[9] in (1, 2) and head[16:19] == b"\0\0\0"
