"""Packets as Discord's server dresses them for a receiver: header extensions, padding, receiver reports."""

from __future__ import annotations

import random
import struct

from voxlink.testing.rtp_packet import OPUS_PAYLOAD_TYPE, RtpHeader

__all__ = ["REPORT_CLEAR_BYTES", "Dress", "receiver_report"]

ONE_BYTE_PROFILE = b"\xbe\xde"
AUDIO_LEVEL_ID, SPEAKER_FLAGS_ID = 1, 9
VOICE_FLAG = 0x02
RECEIVER_REPORT = 201
REPORT_CLEAR_BYTES = 8
_BLOCK = struct.Struct("!IIIIII")


class Dress:
    """Draws, from a seed, what each forwarded packet wears: an extension, padding, both or nothing (voice.md 1.5)."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def wear(self, header: RtpHeader, ssrc: int, payload: bytes) -> tuple[bytes, bytes]:
        """Return the clear header and the plain text to encrypt behind it."""
        is_extended = self._chance.random() < 0.8
        is_padded = self._chance.random() < 0.3
        clear = bytes([0x80 | 0x10 * is_extended | 0x20 * is_padded, OPUS_PAYLOAD_TYPE])
        clear += struct.pack("!HII", header.sequence, header.timestamp, ssrc)
        plain = payload
        if is_padded:
            size = self._chance.randint(1, 12)
            plain += bytes(size - 1) + bytes([size])
        if is_extended:
            body = self._extension()
            clear += ONE_BYTE_PROFILE + (len(body) // 4).to_bytes(2, "big")
            plain = body + plain
        return clear, plain

    def padding_only(self, header: RtpHeader, ssrc: int) -> tuple[bytes, bytes]:
        """Return a packet that holds nothing but padding, such as come around silence."""
        clear = bytes([0xA0, OPUS_PAYLOAD_TYPE]) + struct.pack("!HII", header.sequence, header.timestamp, ssrc)
        size = self._chance.randint(1, 200)
        return clear, bytes(size - 1) + bytes([size])

    def _extension(self) -> bytes:
        """One to three words of one-byte elements (RFC 8285, section 4.2)."""
        level = self._chance.randint(0, 127)
        body = bytes([AUDIO_LEVEL_ID << 4, 0x80 | level])
        if self._chance.random() < 0.5:
            body += bytes([SPEAKER_FLAGS_ID << 4, VOICE_FLAG])
        words = max(-(-len(body) // 4), self._chance.randint(1, 3))
        return body.ljust(4 * words, b"\0")


def receiver_report(
    reporter_ssrc: int, ssrc: int, *, fraction_lost: float, lost: int, highest_sequence: int, jitter: int
) -> tuple[bytes, bytes]:
    """Return clear header and plain rest of a receiver report about one sender (RFC 3550, section 6.4.2)."""
    words_after_first = (REPORT_CLEAR_BYTES + _BLOCK.size) // 4 - 1
    clear = bytes([0x81, RECEIVER_REPORT]) + struct.pack("!HI", words_after_first, reporter_ssrc)
    share = min(255, int(256 * fraction_lost)) << 24
    return clear, _BLOCK.pack(ssrc, share | (lost & 0xFF_FFFF), highest_sequence & 0xFFFF_FFFF, jitter, 0, 0)
