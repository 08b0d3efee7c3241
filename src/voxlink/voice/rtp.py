"""RTP packets as Discord uses them: the 12-byte header that we send, and every header that we may receive."""

from __future__ import annotations

import struct
from typing import NamedTuple

from voxlink.errors import InvalidPacket

RATE_HZ = 48_000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
SILENCE_FRAME = b"\xf8\xff\xfe"
"""One Opus frame of silence; five of them end a spurt of speech, and DAVE leaves exactly these bytes alone."""
SILENCE_FRAMES = 5

VERSION_2 = 0x80
PADDING = 0x20
EXTENSION = 0x10
CSRC_COUNT = 0x0F
OPUS_PAYLOAD_TYPE = 120
RTCP_TYPES = range(200, 207)

HEADER = struct.Struct("!BBHII")
"""RFC 3550, section 5.1: flags, payload type, sequence, timestamp, ssrc."""
_EXTENSION_HEADER = struct.Struct("!HH")


class RtpHeader(NamedTuple):
    """The clear head of one audio packet.

    `size` is the number of clear bytes (fixed header, CSRCs, and the 4-byte preamble of a header extension), which is
    also what the transport encryption authenticates; `extension_size` the number of extension bytes that open the
    plaintext.
    """

    sequence: int
    timestamp: int
    ssrc: int
    size: int = HEADER.size
    extension_size: int = 0
    padded: bool = False

    def pack(self) -> bytes:
        """Return the 12 bytes that we send: no CSRC, no extension, no padding."""
        return HEADER.pack(VERSION_2, OPUS_PAYLOAD_TYPE, self.sequence, self.timestamp, self.ssrc)


def is_rtcp(datagram: bytes) -> bool:
    """Say whether a datagram is RTCP: version 2 and a raw second byte of 200..206."""
    return len(datagram) >= 8 and datagram[0] >> 6 == 2 and datagram[1] in RTCP_TYPES


def parse_header(datagram: bytes) -> RtpHeader | None:
    """Read the head of a datagram; None for RTP that is not Opus audio (video, probes), which the caller drops.

    Raises `InvalidPacket` for anything that is no RTP of version 2.
    """
    if len(datagram) < HEADER.size:
        raise InvalidPacket("RTP", f"{len(datagram)} bytes are less than a header")
    flags, kind, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    if flags >> 6 != 2:
        raise InvalidPacket("RTP", f"version {flags >> 6} instead of 2")
    if kind & 0x7F != OPUS_PAYLOAD_TYPE:
        return None
    size = HEADER.size + 4 * (flags & CSRC_COUNT)
    extension_size = 0
    if flags & EXTENSION:
        if len(datagram) < size + _EXTENSION_HEADER.size:
            raise InvalidPacket("RTP", "cut off in its header extension")
        _, words = _EXTENSION_HEADER.unpack_from(datagram, size)
        size += _EXTENSION_HEADER.size
        extension_size = 4 * words
    if len(datagram) < size:
        raise InvalidPacket("RTP", "cut off in its CSRC list")
    return RtpHeader(sequence, timestamp, ssrc, size, extension_size, bool(flags & PADDING))


def payload_of(header: RtpHeader, plaintext: bytes) -> bytes:
    """Strip extension body and padding from a decrypted packet, in this order; what is left is for DAVE, then Opus.

    A padding count of zero or beyond the packet is ignored. An empty result is a pure padding packet.
    Raises `InvalidPacket` if the extension is longer than the packet.
    """
    if header.extension_size > len(plaintext):
        raise InvalidPacket("RTP", f"extension of {header.extension_size} bytes in {len(plaintext)}")
    end = len(plaintext)
    if header.padded and plaintext:
        padding = plaintext[-1]
        if 0 < padding <= end - header.extension_size:
            end -= padding
    return plaintext[header.extension_size : end]
