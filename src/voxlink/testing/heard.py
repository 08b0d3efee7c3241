"""What a listener heard of one member: frames, times, faults, and the sound itself."""

from __future__ import annotations

import asyncio
from array import array
from typing import TYPE_CHECKING, NamedTuple

from voxlink.errors import NotHeardInTime
from voxlink.testing.pacing import Pacing, measure_pacing
from voxlink.testing.rtp_packet import FRAME_SAMPLES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Heard", "HeardFrame"]


class HeardFrame(NamedTuple):
    """One frame as it arrived."""

    opus: bytes
    """The frame's bytes; in an end-to-end encrypted call they are still encrypted."""
    arrived_at: float
    """Seconds on the monotonic clock, by the kernel's time stamp where it gives one."""
    sequence: int
    """RTP sequence number, 16 bits."""
    timestamp: int
    """RTP timestamp, 32 bits, 48,000 a second."""
    nonce: int
    """The transport nonce's four bytes, read as big-endian."""
    is_silence: bool
    """Whether it is Discord's silence frame F8 FF FE."""
    position: int
    """Its place in what was heard, counted in frames from 0; holes are counted too."""


class Heard:
    """Everything one member sent, over all of its sessions, as the server received it."""

    def __init__(self) -> None:
        self.frames: list[HeardFrame] = []
        """Frames in order of arrival, silence frames included. Only opened packets give one."""
        self.faults: list[str] = []
        """What the sender did wrong, in words; empty for a good sender."""
        self.packets = 0
        """How many packets arrived, opened or not."""
        self.missing = 0
        """Frames that were sent and never arrived, by sequence number and timestamp."""
        self.reports = 0
        """RTCP packets that arrived."""
        self._length = 0
        self._arrivals = array("d")
        self._ends_of_speech: set[int] = set()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def music_frames(self) -> list[HeardFrame]:
        """The frames that are not silence frames."""
        return [frame for frame in self.frames if not frame.is_silence]

    async def wait_frames(self, count: int, timeout_s: float) -> None:
        """Wait until `count` frames were heard in all; cancelling is safe.

        Raises:
            NotHeardInTime: `timeout_s` seconds passed before that.

        """
        if len(self.frames) >= count:
            return
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((count, heard))
        try:
            async with asyncio.timeout(timeout_s):
                await heard
        except TimeoutError:
            raise NotHeardInTime(count, len(self.frames), timeout_s) from None
        finally:
            self._waiting = [waiting for waiting in self._waiting if waiting[1] is not heard]

    def pacing(self) -> Pacing:
        """Measure the gaps between all packets that arrived; pauses after the end of speech are left out."""
        return measure_pacing(self._arrivals, self._ends_of_speech)

    def pcm(self) -> npt.NDArray[np.float32]:
        """Decode what was heard: float32, shape (samples, 2), 48 kHz.

        A missing frame is 20 ms of silence, so that everything after it keeps its place. Silence frames before the
        first and after the last sound are left out; pauses between packets take no time. Frames are taken to be 20 ms
        long, as bots send them.

        Raises:
            DecodeFailed: A frame is no Opus, for example because it is end-to-end encrypted.

        """
        import numpy as np

        from voxlink.audio import OpusDecoder

        sound = [frame.position for frame in self.frames if not frame.is_silence]
        if not sound:
            return np.zeros((0, 2), dtype=np.float32)
        first, last = min(sound), max(sound)
        heard = np.zeros(((last - first + 1) * FRAME_SAMPLES, 2), dtype=np.float32)
        decoder = OpusDecoder()
        for frame in sorted(self.frames, key=lambda frame: frame.position):
            if first <= frame.position <= last:
                start = (frame.position - first) * FRAME_SAMPLES
                heard[start : start + FRAME_SAMPLES] = decoder.decode(frame.opus)
        return heard

    def fault(self, words: str) -> None:
        """Note what the sender did wrong."""
        self.faults.append(words)

    def advance(self, hole: int, arrived_at: float, *, is_silence: bool) -> int:
        """Note a packet ahead of all others, `hole` missing frames before it; return its position."""
        self.packets += 1
        self.missing += hole
        position = self._length + hole
        self._length = position + 1
        if is_silence:
            self._ends_of_speech.add(len(self._arrivals))
        self._arrivals.append(arrived_at)
        return position

    def fill(self, step: int, arrived_at: float) -> int:
        """Note a packet that arrived `-step` places behind the newest; return its position."""
        self.packets += 1
        self.missing = max(0, self.missing - 1)
        self._arrivals.append(arrived_at)
        return max(0, self._length - 1 + step)

    def add(self, frame: HeardFrame) -> None:
        """Keep an opened frame and wake who waits for it."""
        self.frames.append(frame)
        if self._waiting:
            for count, heard in self._waiting:
                if len(self.frames) >= count and not heard.done():
                    heard.set_result(None)
