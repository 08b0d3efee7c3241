"""From packets to blocks with an exact position: decoder, resampler and the clock that counts samples."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from voxlink.audio import libav
from voxlink.audio.block import FRAME_SAMPLES, RATE_HZ, Block
from voxlink.audio.resampler import Resampler
from voxlink.errors import DecodeFailed

_GAP = Fraction(1, 10)
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
        self._given = 0
        self._expected = Fraction(0)
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
        length = Fraction(frame.samples, frame.sample_rate)
        begin = self._begin_of(frame, length)
        blocks: list[TimedBlock] = []
        if self._origin is None:
            self._origin = self._expected = begin
        elif begin - self._expected > _GAP:
            blocks = self._timed(self._resampler.flush())
            self._origin, self._given, self._expected = begin, 0, begin
        self._expected += length
        return blocks + self._timed(self._resampler.push(frame))

    def _begin_of(self, frame: libav.Frame, length: Fraction) -> Fraction:
        if self._begin is not None:
            begin, self._begin = self._begin, None
            return begin + Fraction(FRAME_SAMPLES, RATE_HZ) - length  # the decoder drops Opus' pre-skip
        end = self._source.end_of(frame)
        return self._expected if end is None else end - length

    def _timed(self, blocks: list[Block]) -> list[TimedBlock]:
        timed: list[TimedBlock] = []
        for block in blocks:
            begin = self.end
            self._given += len(block)
            if self._target is not None and begin < self._target:
                early = round((self._target - begin) * RATE_HZ)
                if early >= len(block):
                    continue
                block, begin = block[early:], begin + Fraction(early, RATE_HZ)
            self._target = None
            timed.append(TimedBlock(float(begin * 1000), block))
        return timed
