"""The judge of one sender: opens its packets and says what a listener got and what was wrong. No socket, no clock."""

from __future__ import annotations

from voxlink._util.wrapping import distance_u16, distance_u32
from voxlink.testing.downlink import REPORT_CLEAR_BYTES, receiver_report
from voxlink.testing.heard import Heard, HeardFrame
from voxlink.testing.link_trouble import LinkTrouble
from voxlink.testing.rtp_packet import (
    FRAME_SAMPLES,
    OPUS_PAYLOAD_TYPE,
    SILENCE_FRAME,
    SMALLEST_PACKET,
    RtpHeader,
    parse_rtp_header,
    strip_extension_and_padding,
)
from voxlink.testing.transport_cipher import NONCE_BYTES, TransportCipher

__all__ = ["Uplink"]

SILENCE_PACKET_BYTES = SMALLEST_PACKET + len(SILENCE_FRAME)
SERVER_SSRC = 1
SAMPLES_PER_MS = 48
PACKETS_WITHOUT_SPEAKING = 50
"""Speaking travels over TCP and may be a moment behind the first packets."""


class Uplink:
    """One media session: one SSRC, one key. Every packet's header and nonce are checked, 1 in `open_every` is opened.

    What is found goes into `heard`. A nonce may be used once only under one key (RFC 5116, section 3.1), the sequence
    goes up by one, the timestamp by one frame within speech and never backwards.
    """

    def __init__(self, ssrc: int, cipher: TransportCipher, heard: Heard, *, open_every: int = 1) -> None:
        self.ssrc = ssrc
        self.has_spoken = False
        """Whether op 5 was received: no audio may come before it."""
        self._cipher = cipher
        self._heard = heard
        self._open_every = open_every
        self._nonces: set[bytes] = set()
        self._packets = 0
        self._highest: RtpHeader | None = None
        self._highest_is_silence = False
        self._recent: dict[int, int] = {}

    def receive(self, packet: bytes, arrived_at: float) -> tuple[RtpHeader, bytes] | None:
        """Judge one RTP packet; return header and payload when it was opened and is not mere padding."""
        header = parse_rtp_header(packet)
        if isinstance(header, str):
            self._heard.fault(header)
            return None
        if header.payload_type != OPUS_PAYLOAD_TYPE:
            self._heard.fault(f"payload type {header.payload_type}, not {OPUS_PAYLOAD_TYPE}")
            return None
        nonce = packet[-NONCE_BYTES:]
        if nonce in self._nonces:
            self._heard.fault(f"nonce {nonce.hex()} used twice with one key")
            return None
        self._packets += 1
        payload = None
        if self._packets % self._open_every == 0:
            sealed = packet[header.size : -NONCE_BYTES]
            plain = self._cipher.open(nonce, sealed, packet[: header.size])
            if plain is None:
                self._heard.fault(f"packet {header.sequence} does not open with the session's key")
                return None
            payload = strip_extension_and_padding(header, plain)
        # A nonce counts as used only by who holds the key, as far as we looked.
        self._nonces.add(nonce)
        self._place(header, payload, nonce, arrived_at, is_silence=len(packet) == SILENCE_PACKET_BYTES)
        return (header, payload) if payload else None

    def receive_report(self, packet: bytes) -> None:
        """Judge one RTCP packet: it shares key and nonces with the audio."""
        nonce = packet[-NONCE_BYTES:]
        if nonce in self._nonces:
            self._heard.fault(f"nonce {nonce.hex()} used twice with one key")
            return
        clear = packet[:REPORT_CLEAR_BYTES]
        if self._cipher.open(nonce, packet[REPORT_CLEAR_BYTES:-NONCE_BYTES], clear) is None:
            self._heard.fault("RTCP packet does not open with the session's key")
            return
        self._nonces.add(nonce)
        self._heard.reports += 1

    def report(self, trouble: LinkTrouble | None) -> tuple[bytes, bytes]:
        """Make a receiver report about this sender; what `trouble` lost counts as lost on the way to us."""
        lost = self._heard.missing + (trouble.lost if trouble else 0)
        expected = self._heard.packets + self._heard.missing
        return receiver_report(
            SERVER_SSRC,
            self.ssrc,
            fraction_lost=lost / expected if expected else 0.0,
            lost=lost,
            highest_sequence=self._highest.sequence if self._highest else 0,
            jitter=round(self._heard.pacing().jitter_ms * SAMPLES_PER_MS),
        )

    def _place(
        self, header: RtpHeader, payload: bytes | None, nonce: bytes, arrived_at: float, *, is_silence: bool
    ) -> None:
        """Find the packet's place in the stream and note it there."""
        if payload is not None:
            is_silence = payload == SILENCE_FRAME
        if not self.has_spoken and self._packets == PACKETS_WITHOUT_SPEAKING:
            self._heard.fault("audio without Speaking (op 5)")
        highest = self._highest
        step = 1 if highest is None else distance_u16(header.sequence, highest.sequence)
        if step <= 0:
            self._place_late(header, payload, nonce, arrived_at, step, is_silence=is_silence)
            return
        hole = 0 if highest is None else self._judge_step(highest, header, step)
        self._highest, self._highest_is_silence = header, is_silence
        position = self._heard.advance(hole, arrived_at, is_silence=is_silence)
        if payload:
            self._heard.add(_frame(header, payload, nonce, arrived_at, position, is_silence=is_silence))

    def _judge_step(self, highest: RtpHeader, header: RtpHeader, step: int) -> int:
        """Check the timestamp of a packet ahead of all others; return how many frames are missing before it."""
        samples = distance_u32(header.timestamp, highest.timestamp)
        if samples <= 0:
            self._heard.fault(f"packet {header.sequence}: timestamp went by {samples} samples")
            return 0
        if step == 1 and samples != FRAME_SAMPLES and not self._highest_is_silence:
            self._heard.fault(f"packet {header.sequence}: timestamp went by {samples} samples in mid-speech")
        # A sender that was started again leaves out sequence numbers that were never frames: the timestamp tells.
        return min(step - 1, max(0, round(samples / FRAME_SAMPLES) - 1))

    def _place_late(
        self, header: RtpHeader, payload: bytes | None, nonce: bytes, arrived_at: float, step: int, *, is_silence: bool
    ) -> None:
        if step == 0:
            self._heard.fault(f"sequence {header.sequence} sent twice")
            return
        self._heard.fault(f"packet {header.sequence} arrived {-step} behind")
        position = self._heard.fill(step, arrived_at)
        if payload:
            self._heard.add(_frame(header, payload, nonce, arrived_at, position, is_silence=is_silence))


def _frame(
    header: RtpHeader, payload: bytes, nonce: bytes, arrived_at: float, position: int, *, is_silence: bool
) -> HeardFrame:
    return HeardFrame(
        payload, arrived_at, header.sequence, header.timestamp, int.from_bytes(nonce, "big"), is_silence, position
    )
