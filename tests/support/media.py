"""Media files for tests: any sound in each of the seven formats that Voxlink must play, made with PyAV alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, cast

import av
import numpy as np
from av.audio.stream import AudioStream

from voxlink.audio import RATE_HZ, Block


class Kind(NamedTuple):
    """One of the seven formats: file name extension, FFmpeg's muxer and encoder, sample rate, and what is lost."""

    extension: str
    muxer: str
    codec: str
    rate_hz: int
    bitrate_bps: int | None
    container: str
    is_opus: bool = False
    is_lossless: bool = False


KINDS = {
    "mp3": Kind("mp3", "mp3", "libmp3lame", 44_100, 192_000, "mp3"),
    "aac": Kind("m4a", "mp4", "aac", 44_100, 192_000, "mp4"),
    "flac": Kind("flac", "flac", "flac", 44_100, None, "flac", is_lossless=True),
    "wav": Kind("wav", "wav", "pcm_s16le", 44_100, None, "wav", is_lossless=True),
    "vorbis": Kind("ogg", "ogg", "vorbis", 44_100, 256_000, "ogg"),
    "ogg-opus": Kind("opus", "ogg", "libopus", 48_000, 128_000, "ogg", is_opus=True),
    "webm-opus": Kind("webm", "webm", "libopus", 48_000, 128_000, "matroska/webm", is_opus=True),
}
"""The formats of the song's test; Opus is made of 20 ms packets."""


def make_media(
    path: Path, sound: Block, kind: str, *, tags: dict[str, str] | None = None, options: dict[str, str] | None = None
) -> Path:
    """Write `sound` (48 kHz) to `path` as one of KINDS and return the path."""
    _, muxer, codec, rate_hz, bitrate_bps, *_ = KINDS[kind]
    with av.open(str(path), "w", format=muxer) as container:
        container.metadata.update(tags or {})
        stream = cast("AudioStream", container.add_stream(codec, rate=rate_hz, layout="stereo"))
        stream.options = {**({"strict": "experimental"} if codec == "vorbis" else {}), **(options or {})}
        if bitrate_bps is not None:
            stream.bit_rate = bitrate_bps
        context = stream.codec_context
        resampler = av.AudioResampler(
            format=context.format.name, layout="stereo", rate=rate_hz, frame_size=context.frame_size or 4096
        )
        for frame in [*resampler.resample(_frame(sound)), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _frame(sound: Block) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound).reshape(1, -1), format="flt", layout="stereo")
    frame.sample_rate = RATE_HZ
    frame.pts = 0
    frame.time_base = Fraction(1, RATE_HZ)
    return frame


def opus_packets(path: Path) -> list[bytes]:
    """Return the packets of an Opus file as a demuxer of its own reads them."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def plucks(seconds: float, *, seed: int = 1) -> Block:
    """A tune of plucked notes, other notes left and right: tonal, stereo, with transients, never silent."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    sound = np.zeros((count, 2), dtype=np.float64)
    times = np.arange(count) / RATE_HZ
    for number in range(int(seconds * 4)):
        start = number * RATE_HZ // 4
        tail = times[: min(count - start, 2 * RATE_HZ)]
        pitch_hz = 110 * 2 ** (rng.integers(0, 30) / 12)
        note = np.exp(-tail * 5) * sum(np.sin(2 * np.pi * pitch_hz * k * tail) / k for k in (1, 2, 3))
        sound[start : start + len(tail), number % 2] += 0.2 * note
        sound[start : start + len(tail), 1 - number % 2] += 0.08 * note * np.exp(-tail * 3)
    return sound.astype(np.float32)
