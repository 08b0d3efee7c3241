"""A source cut into frames that can be read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.media import make_media, opus_packets, plucks
from voxlink.audio import DELAY_SAMPLES, FRAME_SAMPLES, Block, Media, open_media
from voxlink.errors import DecodeFailed
from voxlink.playback.tape import CONVERGE_FRAMES, BlockTape, PacketSound, PacketTape, open_tape, tape_from

SECONDS = 2.0


@pytest.fixture(scope="module")
def music() -> Block:
    return plucks(SECONDS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, music: Block) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("music")
    return {kind: make_media(folder / f"piece.{kind}", music, kind) for kind in ("flac", "ogg-opus")}


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def all_positions(tape: BlockTape | PacketTape) -> list[float]:
    positions: list[float] = []
    while (position_ms := tape.position_ms(len(positions))) is not None:
        positions.append(position_ms)
    return positions


def test_decoded_frames_hold_every_sample_once(files: dict[str, Path], music: Block, opened: ExitStack) -> None:
    tape = open_tape(opened.enter_context(open_media(files["flac"])), end_ms=None)
    assert isinstance(tape, BlockTape)
    positions = all_positions(tape)
    assert np.allclose(positions, np.arange(len(positions)) * 20, atol=0.05)
    sound = np.concatenate([tape.samples(index) for index in range(len(positions))])
    assert 0 <= len(sound) - len(music) < FRAME_SAMPLES
    assert np.corrcoef(sound[: len(music)].ravel(), music.ravel())[0, 1] > 0.99


def test_packets_are_the_files_and_their_sound_lies_where_an_encoder_would_put_it(
    files: dict[str, Path], music: Block, opened: ExitStack
) -> None:
    tape = open_tape(opened.enter_context(open_media(files["ogg-opus"])), end_ms=None)
    assert isinstance(tape, PacketTape)
    count = len(all_positions(tape))
    assert [tape.packet(index) for index in range(count)] == opus_packets(files["ogg-opus"])
    sound = np.concatenate([tape.samples(index) for index in range(count - 1)])
    assert np.corrcoef(sound.ravel(), music[: len(sound)].ravel())[0, 1] > 0.97


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(indexes=st.lists(st.integers(0, 90), min_size=1, max_size=20))
def test_sound_does_not_depend_on_the_order_in_which_it_is_asked_for(
    files: dict[str, Path], indexes: list[int]
) -> None:
    with open_media(files["ogg-opus"]) as media, open_media(files["ogg-opus"]) as other:
        tape, straight = open_tape(media, end_ms=None), open_tape(other, end_ms=None)
        tape.position_ms(95)
        expected = {index: straight.samples(index) for index in range(95) if straight.position_ms(index) is not None}
        for index in indexes:
            difference = float(np.abs(tape.samples(index) - expected[index]).max())
            assert difference < 0.02


def test_what_was_forgotten_frees_memory_and_what_follows_stays(files: dict[str, Path], opened: ExitStack) -> None:
    for kind in files:
        tape = open_tape(opened.enter_context(open_media(files[kind])), end_ms=None)
        assert tape.position_ms(80) is not None
        tape.forget(70)
        assert tape.position_ms(70) is not None
        assert tape.samples(71).shape == (FRAME_SAMPLES, 2)
        assert tape.position_ms(70 - CONVERGE_FRAMES - 1) is None


def test_a_tape_from_a_place_begins_with_the_frame_that_sounds_there(files: dict[str, Path], opened: ExitStack) -> None:
    for kind, index_there in (("flac", 0), ("ogg-opus", CONVERGE_FRAMES)):
        tape, index = tape_from(opened.enter_context(open_media(files[kind])), 1010, end_ms=None)
        position_ms = tape.position_ms(index)
        assert position_ms is not None
        assert position_ms <= 1010.1 < position_ms + 20.2
        assert abs(index - index_there) <= 1


class Uneven:
    """A media whose packets stop being 20 ms long after three, as `Media.is_passthrough` documents it."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self.is_passthrough = True

    def packets(self) -> Iterator[object]:
        for packet, _ in zip(self._media.packets(), range(3), strict=False):
            yield packet
        self.is_passthrough = False

    def blocks(self) -> Iterator[object]:
        yield from self._media.blocks()


def test_when_packets_may_no_longer_pass_the_rest_is_decoded(
    files: dict[str, Path], music: Block, opened: ExitStack
) -> None:
    media = Uneven(opened.enter_context(open_media(files["ogg-opus"])))
    tape = PacketTape(media, end_ms=None)  # type: ignore[arg-type]
    positions = all_positions(tape)
    assert len(positions) >= 99
    assert [tape.packet(index) is not None for index in range(5)] == [True, True, True, False, False]
    assert all(0 < step < 45 for step in np.diff(positions))
    sound = np.concatenate([tape.samples(index) for index in range(10, 60)])
    begin = round(positions[10] * 48)
    assert np.corrcoef(sound.ravel(), music[begin : begin + len(sound)].ravel())[0, 1] > 0.9


def test_garbage_among_packets_is_an_error_of_ours() -> None:
    with pytest.raises(DecodeFailed):
        list(PacketSound().push(b""))


def test_the_sound_of_packets_comes_one_frame_late_and_is_flushed(files: dict[str, Path]) -> None:
    sound = PacketSound()
    packets = opus_packets(files["ogg-opus"])[:3]
    assert [len(list(sound.push(packet))) for packet in packets] == [0, 1, 1]
    rest = sound.flush()
    assert rest is not None
    assert not rest[-DELAY_SAMPLES:].any()
    assert PacketSound().flush() is None
