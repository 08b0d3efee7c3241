"""Sound as bots hand it over: interleaved 16-bit little-endian PCM, 48 kHz stereo, and back."""

from __future__ import annotations

import numpy as np

from voxlink.audio.block import CHANNELS, FRAME_SAMPLES, Block, clip

SAMPLE_BYTES = 2 * CHANNELS
"""Bytes of one sample of both channels."""
PCM_FRAME_BYTES = FRAME_SAMPLES * SAMPLE_BYTES
"""Bytes of 20 ms: 3,840."""

_FULL_SCALE = np.float32(32768)


def block_from_pcm(pcm: bytes) -> Block:
    """Return the block of some PCM; a broken sample at its end is left out."""
    whole = len(pcm) - len(pcm) % SAMPLE_BYTES
    samples = np.frombuffer(pcm[:whole], dtype="<i2").astype(np.float32) / _FULL_SCALE
    return samples.reshape(-1, CHANNELS)


def pcm_from_block(block: Block) -> bytes:
    """Return a block as PCM, rounded and clipped."""
    return np.clip(np.rint(clip(block) * _FULL_SCALE), -32768, 32767).astype("<i2").tobytes()
