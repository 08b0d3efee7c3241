"""The Opus encoder and decoder for 20 ms frames: libopus, as PyAV brings it."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from fractions import Fraction
from typing import Final, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from voxlink.audio.block import CHANNELS, FRAME_SAMPLES, RATE_HZ, Block
from voxlink.audio.libav import Frame, Packet, decode, named, samples_of
from voxlink.audio.packet import packet_samples
from voxlink.errors import BadValue, DecodeFailed

DELAY_SAMPLES: Final = 312
"""How much later the encoder's sound comes out of a decoder: 6.5 ms."""

PRIMING_FRAMES: Final = 4
"""Frames after which a fresh encoder or decoder follows one that has run all along: 80 ms (RFC 7845 section 4.6)."""

MIN_BITRATE_BPS: Final = 6_000
MAX_BITRATE_BPS: Final = 510_000


class OpusEncoder:
    """Makes one 20 ms Opus packet of each frame: music, stereo, no in-band error correction.

    What comes out of a decoder is 312 samples later than what went in. The bit rate cannot change: take a new
    encoder and prime it with what was sent. `complexity` is libopus' own, 0 (quick) to 10 (best).
    """

    def __init__(self, bitrate_bps: int = 128_000, *, complexity: int = 10) -> None:
        """Raises BadValue for a bit rate outside 6,000..510,000 bit/s or a complexity outside 0..10."""
        if not MIN_BITRATE_BPS <= bitrate_bps <= MAX_BITRATE_BPS:
            raise BadValue(f"Opus takes {MIN_BITRATE_BPS} to {MAX_BITRATE_BPS} bit/s, not {bitrate_bps}")
        if not 0 <= complexity <= 10:
            raise BadValue(f"Opus has complexities 0 to 10, not {complexity}")
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = RATE_HZ
        context.layout = "stereo"
        context.format = "flt"
        context.time_base = Fraction(1, RATE_HZ)
        context.bit_rate = bitrate_bps
        context.options = {
            "application": "audio",
            "compression_level": str(complexity),
            "vbr": "on",
            "frame_duration": "20",
            "fec": "0",
        }
        context.open()
        self._context = context
        self._samples_in = 0

    def encode(self, frame: Block) -> bytes:
        """Return the packet of one frame of exactly 960 samples; samples beyond full scale are the caller's to clip."""
        if frame.shape != (FRAME_SAMPLES, CHANNELS):
            raise BadValue(f"a frame has the shape ({FRAME_SAMPLES}, {CHANNELS}), not {frame.shape}")
        packed = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(frame, dtype=np.float32).reshape(1, -1), format="flt", layout="stereo"
        )
        packed.sample_rate = RATE_HZ
        packed.time_base = Fraction(1, RATE_HZ)
        packed.pts = self._samples_in
        if self._samples_in:
            packet = _encode(self._context, packed)
        else:
            with _one_cpu():
                packet = _encode(self._context, packed)
        self._samples_in += FRAME_SAMPLES
        return packet

    def prime(self, frames: Iterable[Block]) -> None:
        """Give a fresh encoder the history of a listener's decoder: the last 4 frames sent to it (filters.md 6)."""
        for frame in frames:
            self.encode(frame)


def _encode(context: AudioCodecContext, frame: Frame) -> bytes:
    return bytes(context.encode(frame)[0])  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


@contextmanager
def _one_cpu() -> Generator[None]:
    """Show FFmpeg one processor, so that an encoder's first frame does not start a pool of idle threads.

    The thread count is read from the calling thread's affinity (filters.md 3.3); where there is none to set, the
    threads are started and idle.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


class OpusDecoder:
    """Turns Opus packets into sound, one after another; nothing is trimmed, mono comes out on both sides."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "r")
        context.sample_rate = RATE_HZ
        context.layout = "stereo"
        context.options = {"request_sample_fmt": "flt"}
        context.open()
        self._context = context

    def decode(self, packet: bytes) -> Block:
        """Return the sound of one packet, as many samples as `packet_samples` says.

        Raises DecodeFailed for what is no Opus packet; the decoder can go on with the next one.
        """
        if not packet_samples(packet):
            raise DecodeFailed("not an Opus packet")
        with named(DecodeFailed):
            frames = decode(self._context, cast("Packet", av.Packet(packet)))
            parts = [samples_of(frame).reshape(-1, CHANNELS) for frame in frames]
        if not parts:
            raise DecodeFailed("not an Opus packet")
        return np.concatenate(parts)
