"""The Opus encoder and decoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.media import plucks
from voxlink.audio import DELAY_SAMPLES, FRAME_SAMPLES, OpusDecoder, OpusEncoder, packet_samples, silence
from voxlink.errors import BadValue, DecodeFailed

THREADS = Path("/proc/self/task")


def frames_of(sound: np.ndarray) -> list[np.ndarray]:
    return [sound[at : at + FRAME_SAMPLES] for at in range(0, len(sound) - FRAME_SAMPLES + 1, FRAME_SAMPLES)]


def test_music_comes_back_later_by_the_delay_and_hardly_changed() -> None:
    sound = plucks(4)
    encoder, decoder = OpusEncoder(), OpusDecoder()
    packets = [encoder.encode(frame) for frame in frames_of(sound)]
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    assert len(heard) == len(packets) * FRAME_SAMPLES
    for side in (0, 1):
        match = np.corrcoef(heard[DELAY_SAMPLES:, side], sound[: len(heard) - DELAY_SAMPLES, side])[0, 1]
        assert match > 0.99


def test_every_packet_is_one_20_ms_frame_of_celt_in_stereo() -> None:
    encoder = OpusEncoder(128_000)
    packets = [encoder.encode(frame) for frame in frames_of(plucks(2))]
    assert {packet_samples(packet) for packet in packets} == {FRAME_SAMPLES}
    assert {packet[0] for packet in packets} == {0xFC}
    assert 100_000 < 400 * np.mean([len(packet) for packet in packets]) < 200_000


@pytest.mark.parametrize("bitrate_bps", [6_000, 64_000, 510_000])
def test_the_bit_rate_is_kept_within_what_opus_allows(bitrate_bps: int) -> None:
    encoder = OpusEncoder(bitrate_bps)
    sizes = [len(encoder.encode(frame)) for frame in frames_of(plucks(1))]
    assert max(sizes) <= 1276  # a frame of 1275 bytes and its first byte
    assert np.mean(sizes) * 400 < bitrate_bps * 1.35


def test_a_primed_encoder_joins_a_running_one() -> None:
    """The first packet of a fresh encoder fits the listener's decoder, with priming, far better than without."""
    frames = frames_of(plucks(3))
    at = 70

    def heard_error(priming: int) -> float:
        decoder, old, fresh, running = OpusDecoder(), OpusEncoder(), OpusEncoder(), OpusEncoder()
        for frame in frames[:at]:
            decoder.decode(old.encode(frame))
        fresh.prime(frames[at - priming : at])
        reference = OpusDecoder()
        for frame in frames[:at]:
            reference.decode(running.encode(frame))
        got = decoder.decode(fresh.encode(frames[at]))
        wanted = reference.decode(running.encode(frames[at]))
        return float(np.abs(got - wanted).max())

    assert heard_error(4) < heard_error(0) / 2


def test_a_frame_of_another_shape_is_refused() -> None:
    with pytest.raises(BadValue, match="960"):
        OpusEncoder().encode(silence(480))


@pytest.mark.parametrize(("bitrate_bps", "complexity"), [(5_999, 10), (510_001, 10), (96_000, -1), (96_000, 11)])
def test_settings_out_of_range_are_refused(bitrate_bps: int, complexity: int) -> None:
    with pytest.raises(BadValue):
        OpusEncoder(bitrate_bps, complexity=complexity)


def test_a_mono_packet_sounds_on_both_sides() -> None:
    heard = OpusDecoder().decode(b"\xf8\xff\xfe")
    assert heard.shape == (FRAME_SAMPLES, 2)
    np.testing.assert_array_equal(heard[:, 0], heard[:, 1])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=80), max_size=4))
def test_garbage_is_decoded_or_refused_by_name_and_the_next_packet_plays(garbage: list[bytes]) -> None:
    decoder = OpusDecoder()
    good = OpusEncoder().encode(plucks(0.02))
    for data in [*garbage, good]:
        try:
            heard = decoder.decode(data)
        except DecodeFailed:
            assert data is not good
        else:
            assert heard.shape == (packet_samples(data), 2)


@pytest.mark.skipif(not THREADS.exists(), reason="threads are counted in /proc")
def test_encoders_and_decoders_start_no_threads() -> None:
    kept = [(OpusEncoder(), OpusDecoder()) for _ in range(5)]
    before = len(list(THREADS.iterdir()))
    for encoder, decoder in kept:
        decoder.decode(encoder.encode(silence(FRAME_SAMPLES)))
    assert len(list(THREADS.iterdir())) <= before
