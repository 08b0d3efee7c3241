"""A piece of music through this room: file, blocks, frames, Opus packets, and back to sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from support.media import KINDS, make_media, opus_packets
from voxlink.audio import DELAY_SAMPLES, Block, FrameCutter, Media, OpusDecoder, OpusEncoder, clip, open_media
from voxlink.testing import align, bundled_piece


@pytest.fixture(scope="module")
def piece() -> Block:
    with open_media(bundled_piece()) as media:
        return np.concatenate([block.samples for block in media.blocks()])


def sent(media: Media) -> list[bytes]:
    """The packets that a player would send."""
    if media.is_passthrough:
        return [packet.data for packet in media.packets()]
    encoder, cutter = OpusEncoder(128_000), FrameCutter()
    packets = [encoder.encode(clip(frame)) for block in media.blocks() for frame in cutter.push(block.samples)]
    tail = cutter.flush()
    return packets if tail is None else [*packets, encoder.encode(clip(tail))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_listener_hears_the_piece(kind: str, piece: Block, tmp_path: Path) -> None:
    path = make_media(tmp_path / f"piece.{KINDS[kind].extension}", piece, kind)
    with open_media(path) as media:
        packets = sent(media)
    decoder = OpusDecoder()
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    comparison = align(heard, piece)
    assert comparison.offset_samples == pytest.approx(DELAY_SAMPLES, abs=24)
    assert abs(comparison.length_difference_ms) <= 40
    assert min(comparison.correlation) >= (0.98 if KINDS[kind].is_lossless else 0.95)
    assert min(comparison.worst_second) >= 0.9
    if KINDS[kind].is_opus:
        assert packets == opus_packets(path)
