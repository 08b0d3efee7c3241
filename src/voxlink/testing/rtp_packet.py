"""What stands in clear in front of an RTP packet, and what the transport encryption wraps (voice.md 1.5)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from voxlink.testing.transport_cipher import NONCE_BYTES, TAG_BYTES

__all__ = [
    "FRAME_SAMPLES",
    "OPUS_PAYLOAD_TYPE",
    "SILENCE_FRAME",
    "RtpHeader",
    "is_rtcp",
    "parse_rtp_header",
    "strip_extension_and_padding",
]

FRAME_SAMPLES = 960
OPUS_PAYLOAD_TYPE = 120
SILENCE_FRAME = b"\xf8\xff\xfe"
_FIXED = struct.Struct("!BBHII")
_EXTENSION_FLAG = 0x10
_PADDING_FLAG = 0x20
SMALLEST_PACKET = _FIXED.size + TAG_BYTES + NONCE_BYTES


class RtpHeader(NamedTuple):
    """RFC 3550, section 5.1, as far as Discord uses it."""

    size: int
    """Bytes in clear, the extension's preamble included: the additional data of the encryption."""
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    extension_bytes: int
    """Length of the extension's body, which is the start of the plain text."""
    is_padded: bool


def is_rtcp(data: bytes) -> bool:
    """Tell RTCP from RTP by the raw second byte."""
    return len(data) >= 2 and 200 <= data[1] <= 206


def parse_rtp_header(data: bytes) -> RtpHeader | str:
    """Read the clear header of an encrypted packet; a packet that has none gives the reason in words."""
    if len(data) < SMALLEST_PACKET:
        return f"packet of {len(data)} bytes is too short"
    flags, kind, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if flags >> 6 != 2:
        return f"RTP version {flags >> 6}"
    size = _FIXED.size + 4 * (flags & 0x0F)
    extension_bytes = 0
    if flags & _EXTENSION_FLAG:
        size += 4
        extension_bytes = 4 * int.from_bytes(data[size - 2 : size], "big")
    if len(data) < size + TAG_BYTES + NONCE_BYTES:
        return f"header of {size} bytes in a packet of {len(data)}"
    return RtpHeader(size, kind & 0x7F, sequence, timestamp, ssrc, extension_bytes, bool(flags & _PADDING_FLAG))


def strip_extension_and_padding(header: RtpHeader, plain: bytes) -> bytes:
    """Return the Opus (or DAVE) payload inside a decrypted packet; empty when it was padding only."""
    body = plain[header.extension_bytes :]
    if header.is_padded and body and 0 < body[-1] <= len(body):
        return body[: -body[-1]]
    return body
