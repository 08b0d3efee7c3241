"""PCM of 16 bits, and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voxlink.audio import PCM_FRAME_BYTES, block_from_pcm, pcm_from_block, silence


@given(st.binary(max_size=400))
def test_pcm_becomes_the_same_pcm_again(data: bytes) -> None:
    whole = data[: len(data) // 4 * 4]
    assert pcm_from_block(block_from_pcm(data)) == whole


def test_full_scale_is_clipped_and_not_wrapped() -> None:
    block = np.array([[1.0, -1.0], [5.0, -5.0]], dtype=np.float32)
    assert np.frombuffer(pcm_from_block(block), dtype="<i2").tolist() == [32767, -32768, 32767, -32768]


def test_a_frame_of_silence_is_3840_zeros() -> None:
    assert pcm_from_block(silence(960)) == bytes(PCM_FRAME_BYTES)
