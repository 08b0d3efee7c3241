"""Numbers that wrap around: differences and order of RTP sequence numbers, timestamps and gateway counters."""

from __future__ import annotations

U16 = 1 << 16
U32 = 1 << 32


def distance_u16(newer: int, older: int) -> int:
    """Return how far `newer` lies after `older`, in -32768..32767 (RFC 3550, appendix A.1: modulo arithmetic)."""
    return (newer - older + 0x8000) % U16 - 0x8000


def distance_u32(newer: int, older: int) -> int:
    """Return how far `newer` lies after `older`, in -2**31..2**31-1."""
    return (newer - older + 0x8000_0000) % U32 - 0x8000_0000
