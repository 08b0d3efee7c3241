"""What the others say, as PCM."""

from __future__ import annotations

import random

import numpy as np
import pytest

from support.media import plucks
from voxlink.audio import DELAY_SAMPLES, FRAME_SAMPLES, Block, OpusEncoder, block_from_pcm
from voxlink.playback.hearing import FADE, MAX_SPEAKERS, Hearing, SpeakerSound
from voxlink.voice import HeardOpus, Lost


@pytest.fixture(scope="module")
def music() -> Block:
    return plucks(1.0)


@pytest.fixture(scope="module")
def packets(music: Block) -> list[bytes]:
    encoder = OpusEncoder()
    return [encoder.encode(music[at : at + FRAME_SAMPLES]) for at in range(0, len(music), FRAME_SAMPLES)]


def heard(packets: list[bytes], lost: set[int]) -> Block:
    hearing = Hearing()
    frames = [
        hearing.pcm(Lost(1, n * 960) if n in lost else HeardOpus(1, packet, n * 960))
        for n, packet in enumerate(packets)
    ]
    assert [n for n, frame in enumerate(frames) if frame.is_concealed] == sorted(lost)
    return np.concatenate([block_from_pcm(frame.pcm) for frame in frames])


def test_what_arrives_is_heard_as_it_was_said(packets: list[bytes], music: Block) -> None:
    sound = heard(packets, set())
    assert len(sound) == len(music)
    said = music[:-DELAY_SAMPLES]
    assert np.corrcoef(sound[DELAY_SAMPLES:].ravel(), said.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("seed", range(20))
def test_losses_keep_the_length_and_do_not_click(packets: list[bytes], seed: int) -> None:
    choose = random.Random(seed)
    whole, sound = heard(packets, set()), heard(packets, set(choose.sample(range(1, 49), choose.randint(1, 12))))
    assert len(sound) == len(whole)
    assert np.abs(np.diff(sound, axis=0)).max() <= 2 * np.abs(np.diff(whole, axis=0)).max()
    assert np.abs(sound).max() <= 2.5 * np.abs(whole).max()


def test_a_long_loss_fades_to_silence(packets: list[bytes]) -> None:
    sound = heard(packets, set(range(20, 30)))
    quiet = sound[(20 + len(FADE)) * FRAME_SAMPLES : 30 * FRAME_SAMPLES]
    assert not quiet.any()
    assert sound[20 * FRAME_SAMPLES : 21 * FRAME_SAMPLES].any()


def test_after_a_loss_the_sound_is_the_speakers_again(packets: list[bytes]) -> None:
    whole, sound = heard(packets, set()), heard(packets, {20, 21})
    later = slice(27 * FRAME_SAMPLES, None)
    assert np.corrcoef(whole[later].ravel(), sound[later].ravel())[0, 1] > 0.99


def test_each_speaker_has_a_decoder(packets: list[bytes]) -> None:
    alone, hearing = heard(packets, set()), Hearing()
    frames: list[bytes] = []
    for n, packet in enumerate(packets):
        frames.append(hearing.pcm(HeardOpus(1, packet, n)).pcm)
        hearing.pcm(HeardOpus(2, packets[-1 - n], n))
    assert np.array_equal(np.concatenate([block_from_pcm(frame) for frame in frames]), alone)


def test_what_is_no_opus_counts_as_lost(packets: list[bytes]) -> None:
    hearing = Hearing()
    hearing.pcm(HeardOpus(1, packets[10], 0))
    frame = hearing.pcm(HeardOpus(1, b"", 960))
    assert frame.is_concealed
    assert len(frame.pcm) == 3840


def test_a_call_of_any_size_keeps_a_bounded_number_of_decoders(packets: list[bytes]) -> None:
    hearing = Hearing()
    for user_id in range(MAX_SPEAKERS + 50):
        hearing.pcm(Lost(user_id, 0))
    assert len(hearing._speakers) == MAX_SPEAKERS


def test_a_loss_before_anything_was_heard_is_silence() -> None:
    assert not SpeakerSound().lost().any()
