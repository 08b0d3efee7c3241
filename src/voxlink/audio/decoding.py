"""From packets to blocks with an exact position: decoder, resampler and the clock that counts samples."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from voxlink.audio import libav
from voxlink.audio.block import FRAME_SAMPLES, RATE_HZ, Block
from voxlink.audio.resampler import Resampler
from voxlink.errors import DecodeFailed

_GAP_S = 0.1
"""A hole in the file's clock of more seconds than this moves the position; a smaller one is rounding."""

_BROKEN_IN_A_ROW = 50
"""So many packets that cannot be decoded, one after another, and the file is given up."""


class TimedBlock(NamedTuple):
    """Sound and where in the track its first sample is."""

    position_ms: float
    samples: Block


class Decoding:
    """One run through a track: give it packets in order and take blocks. Positions count samples, they do not drift."""

    def __init__(self, source: libav.Input, *, target: Fraction | None = None, begin: Fraction | None = None) -> None:
        """Begin a run. Sound before `target` (seconds) is thrown away, to the sample.

        `begin` is where the first packet begins, if that is known better than by the file's clock (Opus only).
        """
        self._source = source
        self._target = target
        self._begin = begin
        self._resampler = Resampler()
        self._origin: Fraction | None = None
        """Where the run of samples begins that is being counted."""
        self._given = 0
        """How many samples of it have come out, those included that were thrown away."""
        self._early = 0
        """How many of its first samples lie before the target."""
        self._expected_s = 0.0
        self._broken = 0

    @property
    def end(self) -> Fraction:
        """Where in the track the sound ends that has come out so far, in seconds; the target before there is any."""
        if self._origin is None:
            return self._target or Fraction(0)
        return self._origin + Fraction(self._given, RATE_HZ)

    def push(self, packet: libav.Packet) -> list[TimedBlock]:
        """Decode a packet. A damaged one gives nothing; raises DecodeFailed at the 50th in a row."""
        try:
            frames = self._source.decode(packet)
        except DecodeFailed:
            self._broken += 1
            if self._broken >= _BROKEN_IN_A_ROW:
                raise
            return []
        if frames:
            self._broken = 0
        return [block for frame in frames for block in self._take(frame)]

    def finish(self) -> list[TimedBlock]:
        """Return what decoder and resampler still hold. Raises DecodeFailed if the run held nothing but damage."""
        blocks: list[TimedBlock] = []
        try:
            blocks = [block for frame in self._source.decode(None) for block in self._take(frame)]
        except DecodeFailed:
            self._broken += 1
        blocks += self._timed(self._resampler.flush())
        if self._broken and not self._given:
            raise DecodeFailed("no packet could be decoded")
        return blocks

    def _take(self, frame: libav.Frame) -> list[TimedBlock]:
        tail: list[TimedBlock] = []
        if self._origin is None:
            self._count_from(self._begin_of(frame))
        elif self._source.rough_time_of(frame, self._expected_s) - self._expected_s > _GAP_S:
            tail = self._timed(self._resampler.flush())
            self._count_from(self._begin_of(frame))
        self._expected_s += frame.samples / frame.sample_rate
        return tail + self._timed(self._resampler.push(frame))

    def _count_from(self, origin: Fraction) -> None:
        self._origin = origin
        self._origin_ms = float(origin * 1000)
        self._expected_s = float(origin)
        self._given = 0
        self._early = 0 if self._target is None else max(0, round((self._target - origin) * RATE_HZ))

    def _begin_of(self, frame: libav.Frame) -> Fraction:
        length = Fraction(frame.samples, frame.sample_rate)
        if self._begin is not None:
            begin, self._begin = self._begin, None
            return begin + Fraction(FRAME_SAMPLES, RATE_HZ) - length  # the decoder drops Opus' pre-skip
        end = self._source.end_of(frame)
        return Fraction(0) if end is None else end - length

    def _timed(self, blocks: list[Block]) -> list[TimedBlock]:
        timed: list[TimedBlock] = []
        for block in blocks:
            begin = self._given
            self._given += len(block)
            if self._given <= self._early:
                continue
            if begin < self._early:
                block, begin = block[self._early - begin :], self._early
            timed.append(TimedBlock(self._origin_ms + begin * 1000 / RATE_HZ, block))
        return timed
