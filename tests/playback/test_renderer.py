"""Frames of a track: untouched packets, volume, and joins that cannot be heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.media import make_media, opus_packets, plucks
from voxlink.audio import DELAY_SAMPLES, FRAME_SAMPLES, Block, OpusDecoder, OpusEncoder, open_media, volume_gain
from voxlink.errors import MediaError
from voxlink.playback.renderer import BRIDGE_FRAMES, Batch, History, Renderer

SECONDS = 4.0


@pytest.fixture(scope="module")
def music() -> Block:
    return plucks(SECONDS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, music: Block) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("music")
    return {kind: make_media(folder / f"piece.{kind}", music, kind) for kind in ("wav", "ogg-opus", "flac")}


class Open(Protocol):
    """Open a file for rendering; it is closed with the test."""

    def __call__(
        self, path: Path, *, start_ms: float = 0, end_ms: float | None = None, volume: int = 100
    ) -> Renderer: ...


@pytest.fixture
def renderer() -> Iterator[Open]:
    with ExitStack() as opened:

        def make(path: Path, *, start_ms: float = 0, end_ms: float | None = None, volume: int = 100) -> Renderer:
            made = Renderer(open_media(path), start_ms=start_ms, end_ms=end_ms, volume=volume, make_encoder=OpusEncoder)
            opened.callback(made.close)
            return made

        yield make


def packets(batch: Batch) -> list[bytes]:
    return [frame.packet for frame in batch.frames]


def history(sent: Sequence[bytes], at: int) -> History:
    return History(before=sent[max(at - 8, 0) : at], instead=sent[at : at + 2])


def heard(opus: Sequence[bytes]) -> Block:
    """What one listener's decoder makes of it all, without the encoder's delay."""
    decoder = OpusDecoder()
    return np.concatenate([decoder.decode(packet) for packet in opus])[DELAY_SAMPLES:]


def worst_error_db(sound: Block, ideal: Block, first: int, frames: int = 5) -> float:
    """The greatest error in level of any 10 ms, over some frames from `first` on, against the ideal."""
    window = FRAME_SAMPLES // 2
    begin, end = first * FRAME_SAMPLES, (first + frames) * FRAME_SAMPLES
    worst = 0.0
    for at in range(begin, end, window):
        a = float(np.sqrt(np.mean(sound[at : at + window] ** 2))) + 1e-4
        b = float(np.sqrt(np.mean(ideal[at : at + window] ** 2))) + 1e-4
        worst = max(worst, abs(20 * np.log10(a / b)))
    return worst


def faded(old: Block, new: Block, frame: int) -> Block:
    """`old` before the frame, `new` after it, a line between them in it."""
    begin, end = frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES
    ramp = np.clip((np.arange(len(old)) - begin) / (end - begin), 0, 1)[:, None]
    return (old * (1 - ramp) + new * ramp).astype(np.float32)


def test_packets_of_an_opus_file_pass_through_untouched(renderer: Open, files: dict[str, Path]) -> None:
    batch = renderer(files["ogg-opus"]).render(10_000)
    assert batch.ended
    assert packets(batch) == opus_packets(files["ogg-opus"])


def test_frames_have_consecutive_indexes_and_positions(renderer: Open, files: dict[str, Path]) -> None:
    for kind in ("wav", "ogg-opus"):
        batch = renderer(files[kind], start_ms=1000).render(50)
        first = batch.frames[0].source_index
        assert [frame.source_index for frame in batch.frames] == list(range(first, first + 50))
        steps = np.diff([frame.position_ms for frame in batch.frames])
        assert np.allclose(steps, 20, atol=0.01)
        assert abs(batch.frames[0].position_ms - 1000) < 20


def test_decoded_sound_is_heard_as_it_is(renderer: Open, files: dict[str, Path], music: Block) -> None:
    sound = heard(packets(renderer(files["wav"]).render(10_000)))
    count = min(len(sound), len(music))
    assert abs(len(sound) + DELAY_SAMPLES - len(music)) <= FRAME_SAMPLES
    assert np.corrcoef(sound[:count].ravel(), music[:count].ravel())[0, 1] > 0.98


@pytest.mark.parametrize("kind", ["wav", "ogg-opus"])
def test_the_volume_acts_on_what_is_heard(renderer: Open, files: dict[str, Path], music: Block, kind: str) -> None:
    sound = heard(packets(renderer(files[kind], volume=50).render(100)))
    level = np.sqrt(np.mean(sound**2) / np.mean(music[: len(sound)] ** 2))
    assert abs(level / volume_gain(50) - 1) < 0.05


@pytest.mark.parametrize("kind", ["wav", "ogg-opus"])
@pytest.mark.parametrize(("before", "after"), [(100, 100), (100, 40), (40, 100), (100, 10), (10, 130)])
def test_a_change_of_volume_is_joined_without_a_burst(
    renderer: Open, files: dict[str, Path], music: Block, kind: str, before: int, after: int
) -> None:
    at, count = 60, 60
    making = renderer(files[kind], volume=before)
    old = packets(making.render(100))
    making.set_volume(after)
    batch = making.join(at, history(old, at), count)
    assert [frame.source_index for frame in batch.frames] == list(range(at, at + count))
    ideal = faded(music * volume_gain(before), music * volume_gain(after), at)
    sound = heard(old[:at] + packets(batch))
    assert worst_error_db(sound, ideal, at + 1) < 4
    assert worst_error_db(sound, ideal, at + 10, 20) < 3


def test_packets_pass_through_again_after_the_bridge(renderer: Open, files: dict[str, Path]) -> None:
    original = opus_packets(files["ogg-opus"])
    making = renderer(files["ogg-opus"], volume=50)
    old = packets(making.render(60))
    making.set_volume(100)
    new = packets(making.join(30, history(old, 30), 40))
    assert new[BRIDGE_FRAMES:] == original[30 + BRIDGE_FRAMES : 70]
    assert all(a != b for a, b in zip(new[:BRIDGE_FRAMES], original[30:], strict=False))
    assert not making.encodes


@pytest.mark.parametrize("kind", ["wav", "ogg-opus", "flac"])
def test_a_seek_is_joined_to_what_was_heard_before(
    renderer: Open, files: dict[str, Path], music: Block, kind: str
) -> None:
    at, target_ms = 50, 2500
    making = renderer(files[kind])
    old = packets(making.render(80))
    making.seek(target_ms)
    batch = making.join(making.next_index, history(old, at), 50)
    assert abs(batch.frames[0].position_ms - target_ms) < 20
    # A packet's position is that of its sound, which Opus delays; a decoded frame's is that before encoding.
    shift = round(batch.frames[0].position_ms * 48) + (DELAY_SAMPLES if kind == "ogg-opus" else 0)
    there = np.zeros_like(music)
    there[at * FRAME_SAMPLES : (at + 50) * FRAME_SAMPLES] = music[shift : shift + 50 * FRAME_SAMPLES]
    sound = heard(old[:at] + packets(batch))
    assert worst_error_db(sound, faded(music, there, at), at + 1, 30) < 4


def test_a_fade_in_after_silence_begins_silent(renderer: Open, files: dict[str, Path], music: Block) -> None:
    making = renderer(files["wav"])
    making.render(60)
    batch = making.join(30, History(after_silence=True), 20)
    silent = [b"\xf8\xff\xfe"] * 5
    sound = heard([*silent, *packets(batch)])[5 * FRAME_SAMPLES :]
    assert np.abs(sound[:48]).max() < 0.05
    ideal = music[31 * FRAME_SAMPLES :]
    assert worst_error_db(sound[FRAME_SAMPLES:], ideal, 0, 10) < 3


@pytest.mark.parametrize("end_ms", [1000.0, 1010.0, 1.5, 19.99])
def test_decoded_sound_ends_at_its_end_to_the_sample(renderer: Open, files: dict[str, Path], end_ms: float) -> None:
    making = renderer(files["flac"], end_ms=end_ms)
    tape = making.open()
    frames = making.render(10_000).frames
    assert len(frames) == -(-end_ms // 20)
    last = tape.samples(len(frames) - 1)
    kept = round((end_ms - 20 * (len(frames) - 1)) * 48)
    assert not last[kept:].any()
    assert kept == 0 or last[:kept].any()


def test_an_end_beyond_the_sound_changes_nothing(renderer: Open, files: dict[str, Path]) -> None:
    assert len(renderer(files["ogg-opus"], end_ms=1e9).render(10_000).frames) == len(opus_packets(files["ogg-opus"]))


def test_a_file_that_breaks_off_gives_its_sound_and_then_its_error(
    renderer: Open, files: dict[str, Path], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.flac"
    whole = files["flac"].read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    making = renderer(cut)
    batch = making.render(10_000)
    assert batch.ended
    assert isinstance(batch.error, MediaError)
    assert 50 < len(batch.frames) < 150
    again = making.join(len(batch.frames) - 5, history(packets(batch), len(batch.frames) - 5), 10)
    assert len(again.frames) == 5
    assert again.ended


def test_a_start_beyond_the_end_gives_nothing(renderer: Open, files: dict[str, Path]) -> None:
    batch = renderer(files["wav"], start_ms=60_000).render(5)
    assert (batch.frames, batch.ended, batch.error) == ([], True, None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["wav", "ogg-opus"]),
    steps=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 12), st.sampled_from([0, 30, 100, 200]))),
)
def test_whatever_is_joined_no_frame_is_lost_or_doubled(
    renderer: Open, files: dict[str, Path], kind: str, steps: list[tuple[int, int, int]]
) -> None:
    making = renderer(files[kind])
    sent: list[bytes] = []
    indexes: list[int] = []
    for count, back, volume in steps:
        batch = making.render(count)
        sent += packets(batch)
        indexes += [frame.source_index for frame in batch.frames]
        at = max(len(sent) - back, 0)
        making.set_volume(volume)
        joined = making.join(at, history(sent, at), 5)
        del sent[at:], indexes[at:]
        sent += packets(joined)
        indexes += [frame.source_index for frame in joined.frames]
        making.forget(max(len(sent) - 20, 0))
    assert indexes == list(range(len(indexes)))
