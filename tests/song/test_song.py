"""One song from end to end: file, node, client, voice server, ear; for each format that must be heard whole."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from support.media import KINDS, make_media, opus_packets
from voxlink.audio import Block, OpusDecoder, open_media
from voxlink.client import TrackEndEvent
from voxlink.protocol import EndReason
from voxlink.testing import Heard, HeardFrame, Stage, align, bundled_piece

FRAME_MS = 20
SONG_DEADLINE_S = 120.0


class Performance(NamedTuple):
    """What came of one file."""

    path: Path
    reason: EndReason
    heard: Heard


def opened(frames: list[HeardFrame]) -> Block:
    """The sound of the frames that arrived, end to end: one that is missing would shift all that follows."""
    decoder = OpusDecoder()
    return np.concatenate([decoder.decode(frame.opus) for frame in frames])


def decoded(path: Path) -> Block:
    with open_media(path) as media:
        return np.concatenate([block.samples for block in media.blocks()])


async def play_all(files: dict[str, Path]) -> dict[str, Performance]:
    """Play each file in a guild of its own, all at once, on one node."""

    async def play(guild_id: int, path: Path) -> Performance:
        seat = await stage.join(guild_id, channel_id=guild_id * 10)
        found = await stage.client.get_tracks(str(path))
        ended = asyncio.ensure_future(
            stage.client.wait_for(
                TrackEndEvent, check=lambda event: event.player is seat.player, timeout=SONG_DEADLINE_S
            )
        )
        await seat.player.play(found.tracks[0])
        reason = (await ended).reason
        await seat.heard.wait_frames(found.tracks[0].duration // FRAME_MS, timeout_s=5.0)
        return Performance(path, reason, seat.heard)

    async with Stage() as stage:
        songs = (play(guild_id, path) for guild_id, path in enumerate(files.values(), start=1))
        return dict(zip(files, await asyncio.gather(*songs), strict=True))


@pytest.fixture(scope="module")
def piece() -> Block:
    return decoded(bundled_piece())


@pytest.fixture(scope="module")
def performances(piece: Block, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Performance]:
    folder = tmp_path_factory.mktemp("song")
    files = {kind: make_media(folder / f"{kind}.{KINDS[kind].extension}", piece, kind) for kind in KINDS}
    return asyncio.run(play_all(files))


@pytest.mark.parametrize("kind", KINDS)
def test_the_song_is_heard_whole(kind: str, performances: dict[str, Performance], piece: Block) -> None:
    performance = performances[kind]
    assert performance.reason == EndReason.FINISHED
    assert performance.heard.faults == []

    music = performance.heard.music_frames
    assert abs(len(music) * FRAME_MS - len(piece) / 48) <= 40

    result = align(opened(music), piece)
    least = 0.98 if KINDS[kind].is_lossless else 0.95
    assert abs(result.length_difference_ms) <= 40
    assert min(result.correlation) >= least
    assert min(result.worst_second) >= 0.9


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].is_opus])
def test_opus_arrives_as_the_bytes_that_are_in_the_file(kind: str, performances: dict[str, Performance]) -> None:
    performance = performances[kind]
    assert [frame.opus for frame in performance.heard.music_frames] == opus_packets(performance.path)


def test_the_piece_is_worth_the_test(piece: Block) -> None:
    """20 s or more, other sound left and right, and sudden onsets."""
    assert len(piece) >= 20 * 48_000
    assert np.corrcoef(piece[:, 0], piece[:, 1])[0, 1] < 0.9
    loudness = np.sqrt((piece[: len(piece) // 480 * 480].reshape(-1, 480, 2) ** 2).mean(axis=(1, 2)))
    assert np.max(loudness[1:] - loudness[:-1]) > 0.1
