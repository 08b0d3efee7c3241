"""Opus packets say how long they are."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.media import make_media, opus_packets, plucks
from voxlink.audio.packet import may_pass, packet_samples

HEAD = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"


@pytest.mark.parametrize("application", ["voip", "audio", "lowdelay"])
@pytest.mark.parametrize("duration_ms", ["2.5", "5", "10", "20", "40", "60"])
def test_lengths_agree_with_libopus(duration_ms: str, application: str) -> None:
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format, context.bit_rate = 48_000, "stereo", "flt", 32_000
    context.options = {"frame_duration": duration_ms, "application": application}
    context.open()
    samples = round(float(duration_ms) * 48)
    for number in range(4):
        frame = av.AudioFrame.from_ndarray(np.full((1, 2 * samples), 0.1, np.float32), "flt", "stereo")
        frame.sample_rate, frame.pts = 48_000, number * samples
        for packet in context.encode(frame):
            assert packet_samples(bytes(packet)) == samples


def test_discords_silence_is_one_frame() -> None:
    assert packet_samples(b"\xf8\xff\xfe") == 960


@given(st.binary(max_size=40))
@example(b"\x03")
@example(b"\x1b\x3f")
def test_any_bytes_have_a_length_within_120_ms(data: bytes) -> None:
    assert 0 <= packet_samples(data) <= 5760


@pytest.mark.parametrize(
    ("head", "passes"),
    [
        (HEAD, True),
        (HEAD[:9] + b"\x01" + HEAD[10:], True),
        (HEAD[:9] + b"\x06" + HEAD[10:], False),
        (HEAD[:16] + b"\x00\x01\x00", False),
        (HEAD[:18] + b"\x01", False),
        (HEAD[:18], False),
        (b"", False),
    ],
    ids=["stereo", "mono", "surround", "gain", "mapping family", "short", "none"],
)
def test_only_what_any_decoder_plays_alike_may_pass(head: bytes, passes: bool) -> None:
    assert may_pass(head) is passes


def test_the_files_of_the_tests_hold_20_ms_packets(tmp_path) -> None:
    path = make_media(tmp_path / "a.opus", plucks(1), "ogg-opus")
    assert {packet_samples(packet) for packet in opus_packets(path)} == {960}
