"""The door to PyAV (with `resampler` and `libopus`): containers and decoders. Every failure is an error of ours."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import BinaryIO, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.error import EOFError as NothingMore
from av.error import FFmpegError
from av.stream import Disposition

from voxlink.audio.block import RATE_HZ
from voxlink.errors import DecodeFailed, MediaDamaged, MediaError, NoAudioTrack, SeekFailed

Packet: TypeAlias = "av.Packet[AudioStream]"
"""One compressed packet. `bytes(packet)` is its data; packets of size 0 mark the end."""

Frame: TypeAlias = av.AudioFrame
"""Some decoded sound in whatever rate and layout its file has."""

_FORMATS = {
    "wav": "wav",
    "matroska/webm": "matroska",
    "mp4": "mov",
    "flac": "flac",
    "ogg": "ogg",
    "mp3": "mp3",
    "adts": "aac",
    "mpegts-adts": "mpegts",
}
"""FFmpeg's demuxer for each container. It is always named: FFmpeg must never choose one that opens other files."""

_FAILURES = (FFmpegError, ValueError, OSError, RuntimeError, ArithmeticError, MemoryError, TypeError, LookupError)
"""What PyAV raises; what a file object raises in `read` comes out as itself and is among them."""

_BROKEN_IN_A_ROW = 50
"""So many packets that cannot be read or decoded, one after another, and the file is given up."""


_OPUS_STEP_SAMPLES = 120
"""Every Opus packet lasts a multiple of 2.5 ms (RFC 6716 section 2.1.4)."""

_LAST_PAGE = 10
"""Seconds before the end of an Ogg file that are never sought: FFmpeg gives the packets of the last page the time of
the target instead of their own."""


def _reason(error: BaseException) -> str:
    """What went wrong, in words for a cause."""
    if isinstance(error, FFmpegError):
        return error.strerror or type(error).__name__
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


@contextmanager
def named(error: type[MediaError]) -> Generator[None]:
    """Turn whatever PyAV raises inside into `error`; errors of ours pass."""
    try:
        yield
    except MediaError:
        raise
    except _FAILURES as failure:
        raise error(_reason(failure)) from failure


class Input:
    """One open container and the sound track in it that is played. Blocking; used by one thread at a time."""

    def __init__(self, file: BinaryIO, container: str, *, fast_seek: bool = False) -> None:
        """Open `file` as the container with this probe name.

        `fast_seek` lets mp3 seek by estimate instead of reading everything before the target. Raises MediaDamaged
        or NoAudioTrack; the file stays open and belongs to the caller.
        """
        # WAV: a small probe, or FFmpeg decodes megabytes in search of DTS hidden in PCM (filters.md 3.1).
        options = {"probesize": "32768", "analyzeduration": "0"} if container == "wav" else {}
        if fast_seek:
            options["fflags"] = "fastseek"
        with named(MediaDamaged):
            self._container = av.open(file, "r", format=_FORMATS[container], options=options, metadata_errors="replace")
        try:
            self._open_stream()
        except MediaError:
            self.close()
            raise

    def _open_stream(self) -> None:
        stream = next((stream for stream in self._container.streams.audio if _is_decodable(stream)), None)
        if stream is None:
            raise NoAudioTrack
        with named(NoAudioTrack):
            stream.codec_context.thread_count = 1
            stream.codec_context.open()
        self._stream = stream
        self._demuxed: Iterator[Packet] | None = None
        self.time_base = stream.time_base or Fraction(1, RATE_HZ)
        self.start = (stream.start_time or 0) * self.time_base
        """When the first sample is presented, in seconds of the container's clock."""
        self._samples_per_tick = (self.time_base * RATE_HZ).as_integer_ratio()
        self._tick_s, self._start_s = float(self.time_base), float(self.start)
        self._preskip = self._opus_preskip() if self._container.format.name.startswith("matroska") else None

    def _opus_preskip(self) -> int | None:
        if self.codec != "opus" or len(self.extradata) < 12:
            return None
        return int.from_bytes(self.extradata[10:12], "little")

    @property
    def codec(self) -> str:
        """FFmpeg's name of the codec: `opus`, `vorbis`, `mp3`, `aac` …"""
        return self._stream.codec_context.codec.canonical_name

    @property
    def extradata(self) -> bytes:
        """The codec's header, for Opus the OpusHead; empty if there is none."""
        return self._stream.codec_context.extradata or b""

    @property
    def has_video(self) -> bool:
        """Whether moving pictures come with the sound; a cover is none."""
        return any(not one.disposition & Disposition.attached_pic for one in self._container.streams.video)

    def sample_of(self, packet: Packet) -> int | None:
        """Which sample of 48 kHz an Opus packet begins with, counted from the first one heard; None if unknown."""
        if packet.pts is None:
            return None
        ticks = packet.pts - (self._stream.start_time or 0)
        return self._on_grid(ticks * self._samples_per_tick[0] // self._samples_per_tick[1])

    def end_of(self, frame: Frame) -> Fraction | None:
        """When a decoded frame ends, in seconds after the first sample; None if the container does not say."""
        if frame.pts is None or frame.time_base is None:
            return None
        end = frame.pts * frame.time_base - self.start + Fraction(frame.samples, frame.sample_rate)
        return end if self._preskip is None else Fraction(self._on_grid(round(end * RATE_HZ)), RATE_HZ)

    def rough_time_of(self, frame: Frame, otherwise: float) -> float:
        """When a frame begins, in seconds and quickly; `otherwise` if the container does not say."""
        return otherwise if frame.pts is None else frame.pts * self._tick_s - self._start_s

    def _on_grid(self, sample: int) -> int:
        """Undo the rounding of Matroska, which keeps whole milliseconds: Opus packets last multiples of 2.5 ms."""
        if self._preskip is None:
            return sample
        steps = (sample + self._preskip + _OPUS_STEP_SAMPLES // 2) // _OPUS_STEP_SAMPLES
        return steps * _OPUS_STEP_SAMPLES - self._preskip

    @property
    def length_ms(self) -> int | None:
        """How long the sound lasts as far as the container says or its size suggests."""
        if self._stream.duration:
            return int(self._stream.duration * self.time_base * 1000)
        duration = self._container.duration
        return duration // 1000 if duration is not None and duration > 0 else None

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the container and of the track, names in lower case; the container's win."""
        tags = {name.lower(): text for name, text in self._stream.metadata.items()}
        tags.update((name.lower(), text) for name, text in self._container.metadata.items())
        return tags

    def read(self) -> Packet | None:
        """Return the next packet of the track, None at the end of the file.

        Damaged places are passed over. Raises DecodeFailed when nothing but damage comes, or when the file object
        raised.
        """
        failure: Exception = NothingMore(0, "")
        for _ in range(_BROKEN_IN_A_ROW):
            if self._demuxed is None:
                self._demuxed = self._container.demux(self._stream)
            try:
                packet = next(self._demuxed, None)
            except _FAILURES as error:
                self._demuxed = None  # a generator that raised is dead
                failure = error
                if not isinstance(error, FFmpegError):
                    break
            else:
                return None if packet is None or not packet.size else packet
        raise DecodeFailed(_reason(failure)) from failure

    def decode(self, packet: Packet | None) -> list[Frame]:
        """Return the sound of a packet (None drains the decoder). Raises DecodeFailed; the next one may do better."""
        with named(DecodeFailed):
            return decode(self._stream.codec_context, packet)

    def seek(self, seconds: Fraction) -> bool:
        """Go to a packet at or before `seconds` after the first sample. Raises SeekFailed if the file object raised.

        False means that the file cannot seek there: open it anew and read on from its beginning.
        """
        self._demuxed = None
        if self._container.format.name == "ogg" and self.length_ms is not None:
            seconds = min(seconds, Fraction(self.length_ms, 1000) - _LAST_PAGE)
        if seconds <= 0:
            return False
        try:
            with named(SeekFailed):
                self._container.seek(int((seconds + self.start) * av.time_base))
        except SeekFailed as failure:
            if isinstance(failure.__cause__, FFmpegError):
                return False
            raise
        return True

    def close(self) -> None:
        """Let go of the container; the file itself stays open."""
        self._container.close()


def decode(context: AudioCodecContext, packet: Packet | None) -> list[Frame]:
    """Return the frames of a packet, those still held for None; raises what PyAV raises."""
    return context.decode(packet)  # pyright: ignore[reportUnknownMemberType] (the stub names a generic without its type)


def _is_decodable(stream: AudioStream) -> bool:
    context = cast("AudioCodecContext | None", stream.codec_context)
    return context is not None and context.codec.is_decoder


def samples_of(frame: Frame) -> npt.NDArray[np.float32]:
    """Return a frame's float samples in the shape that PyAV gives them."""
    return cast("npt.NDArray[np.float32]", frame.to_ndarray())
