"""Brings decoded sound of any rate and layout to 48 kHz stereo, with one FFmpeg filter graph and no extra threads."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
import av.filter
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore

from voxlink.audio.block import CHANNELS, RATE_HZ, Block
from voxlink.audio.libav import Frame, named, samples_of
from voxlink.errors import DecodeFailed


class Resampler:
    """Brings frames of any rate, sample format and layout to blocks of 48 kHz stereo.

    Mono goes to both sides at full level; more channels are mixed down so that they cannot clip; channels without
    a known place give their first two. A change of format in mid-stream is followed.
    """

    def __init__(self) -> None:
        self._graph: av.filter.Graph | None = None
        self._shape: tuple[str, str, int] | None = None

    def push(self, frame: Frame) -> list[Block]:
        """Take a frame and return what is ready. Raises DecodeFailed."""
        ready: list[Block] = []
        with named(DecodeFailed):
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            if shape != self._shape:
                ready = self.flush()
                self._graph = _graph(*shape, channels=frame.layout.nb_channels)
                self._shape = shape
            assert self._graph is not None
            frame.pts = None
            self._graph.push(frame)
            return ready + self._pull()

    def flush(self) -> list[Block]:
        """Return the last samples that the filter holds; the resampler starts afresh."""
        if self._graph is None:
            return []
        with named(DecodeFailed):
            self._graph.push(None)
            ready = self._pull()
        self.reset()
        return ready

    def reset(self) -> None:
        """Forget what the filter holds."""
        self._graph = self._shape = None

    def _pull(self) -> list[Block]:
        assert self._graph is not None
        ready: list[Block] = []
        while True:
            try:
                frame = cast("Frame", self._graph.pull())
            except (NothingYet, NothingMore):
                return ready
            ready.append(samples_of(frame).reshape(-1, CHANNELS))


def _graph(sample_format: str, layout: str, rate: int, *, channels: int) -> av.filter.Graph:
    # A graph of our own, because PyAV's AudioResampler starts a pool of idle threads for each (filters.md 3.3).
    graph = av.filter.Graph()
    graph.threads = 1
    chain = [
        graph.add_abuffer(sample_rate=rate, format=sample_format, layout=layout, time_base=Fraction(1, rate)),
    ]
    if channels == 1:
        chain.append(graph.add("pan", "stereo|c0=c0|c1=c0"))  # FFmpeg's own mono to stereo loses 3 dB
    elif layout.endswith("channels"):
        chain.append(graph.add("pan", "stereo|c0=c0|c1=c1"))
    chain.append(graph.add("aresample", f"{RATE_HZ}:rematrix_maxval=1.0"))
    chain.append(graph.add("aformat", "sample_fmts=flt:channel_layouts=stereo"))
    chain.append(graph.add("abuffersink"))
    graph.link_nodes(*chain).configure()
    return graph
