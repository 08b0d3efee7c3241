"""Every rate and layout becomes 48 kHz stereo."""

from __future__ import annotations

import av
import numpy as np
import pytest

from voxlink.audio.resampler import Resampler


def frame_of(sound: np.ndarray, layout: str, rate_hz: int, sample_format: str = "flt") -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound).reshape(1, -1), sample_format, layout)
    frame.sample_rate = rate_hz
    return frame


def through(frames: list[av.AudioFrame]) -> np.ndarray:
    resampler = Resampler()
    blocks = [block for frame in frames for block in resampler.push(frame)] + resampler.flush()
    return np.concatenate(blocks)


def tone(rate_hz: int, channels: int, seconds: float = 0.5) -> np.ndarray:
    times = np.arange(round(rate_hz * seconds)) / rate_hz
    return np.repeat((0.5 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)[:, np.newaxis], channels, axis=1)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000])
def test_the_length_and_the_level_are_kept(rate_hz: int) -> None:
    heard = through([frame_of(tone(rate_hz, 2), "stereo", rate_hz)])
    assert abs(len(heard) - 24_000) <= 2
    wanted = tone(48_000, 2)[: len(heard)]
    np.testing.assert_allclose(heard[500:23_500], wanted[500:23_500], atol=0.01)


def test_stereo_at_48_khz_is_untouched() -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, (5000, 2)).astype(np.float32)
    np.testing.assert_array_equal(through([frame_of(sound, "stereo", 48_000)]), sound)


def test_mono_goes_to_both_sides_at_full_level() -> None:
    sound = tone(48_000, 1)
    heard = through([frame_of(sound, "mono", 48_000)])
    np.testing.assert_array_equal(heard, np.repeat(sound, 2, axis=1))


@pytest.mark.parametrize("layout", ["5.1", "7.1", "quad", "3.0"])
def test_surround_keeps_its_sides_and_cannot_clip(layout: str) -> None:
    channels = av.AudioLayout(layout).nb_channels
    loud = np.ones((4800, channels), dtype=np.float32)
    heard = through([frame_of(loud, layout, 48_000)])
    assert np.abs(heard).max() <= 1.0001
    left_only = np.zeros((4800, channels), dtype=np.float32)
    left_only[:, 0] = 0.5
    sides = np.abs(through([frame_of(left_only, layout, 48_000)])).max(axis=0)
    assert sides[0] > 0.1
    assert sides[1] == 0


def test_channels_without_a_place_give_their_first_two() -> None:
    sound = np.random.default_rng(2).uniform(-1, 1, (4800, 5)).astype(np.float32)
    heard = through([frame_of(sound, "5 channels", 48_000)])
    np.testing.assert_array_equal(heard, sound[:, :2])


def test_a_change_of_format_in_mid_stream_is_followed() -> None:
    frames = [
        frame_of(tone(44_100, 2, 0.1), "stereo", 44_100),
        frame_of(tone(22_050, 1, 0.1), "mono", 22_050),
        frame_of((tone(48_000, 2, 0.1) * 32_767).astype(np.int16), "stereo", 48_000, "s16"),
    ]
    assert abs(len(through(frames)) - 3 * 4800) <= 3


def test_a_reset_resampler_holds_nothing() -> None:
    resampler = Resampler()
    resampler.push(frame_of(tone(44_100, 2), "stereo", 44_100))
    resampler.reset()
    assert resampler.flush() == []
