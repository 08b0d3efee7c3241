"""What a listener heard keeps its place in time."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from voxlink.audio import OpusEncoder
from voxlink.errors import NotHeardInTime
from voxlink.testing.heard import Heard, HeardFrame


def frame(position: int, opus: bytes = b"x", *, is_silence: bool = False) -> HeardFrame:
    return HeardFrame(opus, 0.02 * position, position, 960 * position, position, is_silence, position)


async def test_waits_for_frames_and_forgets_the_wait() -> None:
    heard = Heard()
    waiting = asyncio.create_task(heard.wait_frames(2, 5))
    await asyncio.sleep(0)
    heard.add(frame(0))
    heard.add(frame(1))
    await waiting
    await heard.wait_frames(2, 0)
    with pytest.raises(NotHeardInTime):
        await heard.wait_frames(3, 0.001)


def test_counts_holes_until_they_are_filled() -> None:
    heard = Heard()
    assert heard.advance(0, 0.0, is_silence=False) == 0
    assert heard.advance(2, 0.06, is_silence=False) == 3
    assert heard.missing == 2
    assert heard.fill(-2, 0.07) == 1
    assert heard.missing == 1
    assert heard.packets == 3


def test_music_is_what_is_not_silence() -> None:
    heard = Heard()
    heard.add(frame(0))
    heard.add(frame(1, b"\xf8\xff\xfe", is_silence=True))
    assert [each.position for each in heard.music_frames] == [0]


def test_a_pause_is_no_gap_in_the_pacing() -> None:
    heard = Heard()
    for arrived_at, is_silence in [(0.0, False), (0.02, True), (9.0, False), (9.02, False)]:
        heard.advance(0, arrived_at, is_silence=is_silence)
    assert heard.pacing().max_gap_ms == pytest.approx(20)


def test_nothing_heard_is_no_sound() -> None:
    assert Heard().pcm().shape == (0, 2)


def test_sound_keeps_its_place_behind_a_hole() -> None:
    encoder, heard = OpusEncoder(), Heard()
    tone = np.sin(np.arange(960 * 20) * (440 * 2 * np.pi / 48_000), dtype=np.float32)
    packets = [
        encoder.encode(np.repeat(tone[at : at + 960, None] * np.float32(0.5), 2, axis=1))
        for at in range(0, 960 * 20, 960)
    ]
    heard.add(frame(0, b"\xf8\xff\xfe", is_silence=True))
    for number, packet in enumerate(packets, start=1):
        if number not in {8, 9}:
            heard.add(frame(number, packet))
    heard.add(frame(21, b"\xf8\xff\xfe", is_silence=True))
    sound = heard.pcm()
    assert sound.shape == (20 * 960, 2)
    assert np.abs(sound[7 * 960 : 9 * 960]).max() == 0
    loudness = np.sqrt((sound[12 * 960 :] ** 2).mean())
    assert loudness == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
