"""Blocks of sound: their one format, gain, fades, and cutting them into the 20 ms frames that Opus takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
CHANNELS = 2
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
"""Samples of each channel in one frame: 960."""

Block: TypeAlias = npt.NDArray[np.float32]
"""Sound as float32 of shape (n, 2) at 48 kHz, left and right, full scale at -1 and 1."""

_TOP_OF_TANGENT = 150
"""Player volumes up to here follow a tangent, louder ones a line (server.md 5.6)."""


def silence(samples: int) -> Block:
    """Return a block of `samples` zeros."""
    return np.zeros((samples, CHANNELS), dtype=np.float32)


def volume_gain(volume: int) -> float:
    """Return the factor that a player volume of 0 to 1000 stands for.

    Lavalink's curve (server.md 5.6): 50 is 0.417, 150 is 2.46, 1000 is 16.4. At 100 Lavalink's is 1.0096; here it is
    exactly 1, so that the usual volume leaves every sample, and every Opus packet, as it is.
    """
    if volume == 100:
        return 1.0
    if volume <= _TOP_OF_TANGENT:
        return math.tan(max(volume, 0) * 0.0079)
    return 2.4621 * volume / _TOP_OF_TANGENT


def clip(block: Block) -> Block:
    """Return the block with every sample brought into -1..1."""
    return block.clip(-1, 1)


def amplify(block: Block, gain: float) -> Block:
    """Return the block times `gain`, clipped; a gain of exactly 1 returns the block itself, untouched."""
    if gain == 1.0:
        return block
    return clip(block * np.float32(gain))


def crossfade(old: Block, new: Block) -> Block:
    """Return a block that begins as `old` and ends as `new`, linearly; both have the same shape.

    One frame of this at a join keeps the sound from clicking (filters.md 6).
    """
    ramp = (np.arange(len(new)) + 0.5) / max(len(new), 1)
    return (old + (new - old) * ramp[:, np.newaxis]).astype(np.float32)


class FrameCutter:
    """Cuts blocks of any length into frames of exactly 960 samples; where the blocks are cut cannot be heard."""

    def __init__(self) -> None:
        self._rest: list[Block] = []
        self._held = 0

    @property
    def held(self) -> int:
        """How many samples wait for the rest of their frame: 0 to 959."""
        return self._held

    def push(self, block: Block) -> Iterator[Block]:
        """Take a block and yield the frames that it completes; the frames may be views into it.

        The block is taken at once, whether or not the frames are asked for.
        """
        self._rest.append(block)
        self._held += len(block)
        if self._held < FRAME_SAMPLES:
            return iter(())
        whole = self._rest[0] if len(self._rest) == 1 else np.concatenate(self._rest)
        end = len(whole) - len(whole) % FRAME_SAMPLES
        self._rest = [whole[end:]] if end < len(whole) else []
        self._held = len(whole) - end
        return (whole[at : at + FRAME_SAMPLES] for at in range(0, end, FRAME_SAMPLES))

    def flush(self) -> Block | None:
        """Return the last frame, its tail padded with silence, or None if nothing waits; empties the cutter."""
        if not self._held:
            return None
        frame = np.concatenate([*self._rest, silence(FRAME_SAMPLES - self._held)])
        self.reset()
        return frame

    def reset(self) -> None:
        """Forget what waits, for example because the source jumped."""
        self._rest = []
        self._held = 0
