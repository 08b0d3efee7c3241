"""RTCP as the voice server sends it: receiver reports about what arrived of our sound (RFC 3550, section 6.4)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from voxlink.errors import InvalidPacket
from voxlink.voice.rtp import RATE_HZ

HEADER_BYTES = 8
"""Flags, type, length and sender's ssrc are clear and authenticated; the rest is encrypted."""
SENDER_REPORT = 200
RECEIVER_REPORT = 201
SENDER_INFO_BYTES = 20
_BLOCK = struct.Struct("!IIIIII")


class ReceptionReport(NamedTuple):
    """How our sound arrives at the voice server."""

    ssrc: int
    fraction_lost: float
    """Share of packets lost since the report before, 0 to 1."""
    packets_lost: int
    """Packets lost in all; duplicates can make it negative."""
    highest_sequence: int
    """The highest sequence number received, with the count of wraps above 16 bits."""
    jitter_ms: float


def parse_reports(header: bytes, body: bytes) -> list[ReceptionReport]:
    """Read the report blocks of a packet: its clear 8 bytes and its decrypted rest. Other RTCP types have none.

    Raises `InvalidPacket` if the packet announces more blocks than it holds.
    """
    if len(header) != HEADER_BYTES or header[0] >> 6 != 2:
        raise InvalidPacket("RTCP", "no header of version 2")
    if header[1] not in (SENDER_REPORT, RECEIVER_REPORT):
        return []
    start = SENDER_INFO_BYTES if header[1] == SENDER_REPORT else 0
    count = header[0] & 0x1F
    if len(body) < start + count * _BLOCK.size:
        raise InvalidPacket("RTCP", f"{count} reports do not fit into {len(body)} bytes")
    return [_report(body, start + index * _BLOCK.size) for index in range(count)]


def _report(body: bytes, at: int) -> ReceptionReport:
    ssrc, lost, highest, jitter, _, _ = _BLOCK.unpack_from(body, at)
    total = lost & 0xFF_FFFF
    if total >= 1 << 23:  # 24 bits, signed
        total -= 1 << 24
    return ReceptionReport(ssrc, (lost >> 24) / 256, total, highest, jitter * 1000 / RATE_HZ)
