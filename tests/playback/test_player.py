"""Commands to a player, where it matters that the sound is made in this process."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from playback.stage import PATIENCE_S, Files, Stage, on_stage
from support.media import make_media, opus_packets, plucks
from voxlink.audio import Block, OpusDecoder
from voxlink.protocol import (
    EndReason,
    TrackEnd,
)

SECONDS = 2.0
FRAMES = 100
HEARD_WITHIN_S = 1.0
"""Ten times the 100 ms in which a command is heard (design.md)."""


@pytest.fixture(scope="module")
def music() -> Block:
    return plucks(SECONDS)


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory, music: Block) -> Path:
    return make_media(tmp_path_factory.mktemp("music") / "piece.wav", music, "wav")


@pytest.fixture(scope="module")
def opus(tmp_path_factory: pytest.TempPathFactory, music: Block) -> Path:
    return make_media(tmp_path_factory.mktemp("music") / "piece.opus", music, "ogg-opus")


def levels(stage: Stage) -> list[float]:
    """The loudness of each music frame as one listener's decoder gives it."""
    decoder = OpusDecoder()
    return [float(np.sqrt(np.mean(decoder.decode(frame.opus) ** 2))) for frame in stage.heard.music_frames]


async def test_the_old_track_is_heard_until_the_new_one_has_sound(
    wav: Path, opus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Files()
    async with on_stage(monkeypatch, library=library) as stage:
        await stage.play(wav)
        await stage.music(20)
        library.may_open.clear()
        await stage.play(opus)
        assert stage.names() == ["TrackStart", "TrackEnd", "TrackStart"]
        assert (await stage.said(TrackEnd)).reason is EndReason.REPLACED
        await stage.music(len(stage.heard.music_frames) + 10)
        assert stage.player.snapshot().state.position == 0
        library.may_open.set()
        await stage.until(lambda message: isinstance(message, TrackEnd) and message.reason is EndReason.FINISHED)
        await stage.quiet()
        packets = opus_packets(opus)
        assert [frame.opus for frame in stage.heard.music_frames][-len(packets) + 4 :] == packets[4:]
        assert not any(frame.is_silence for frame in stage.heard.frames[:-5])


async def test_a_killed_transmitter_does_not_end_the_song(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(monkeypatch) as stage:
        await stage.play(opus)
        await stage.music(30)
        pid = stage.engine._transmitter.stats().pid  # type: ignore[attr-defined]
        os.kill(pid, signal.SIGKILL)
        killed_at = time.monotonic()
        count = len(stage.heard.music_frames)
        await stage.music(count + 10)
        assert stage.heard.music_frames[count + 9].arrived_at - killed_at < PATIENCE_S
        await stage.said(TrackEnd)
        await stage.quiet()
        assert stage.names() == ["TrackStart", "TrackEnd"]
        assert stage.heard.music_frames[-1].opus == opus_packets(opus)[-1]
        assert stage.heard.faults == []


async def test_a_player_can_be_destroyed_while_it_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(monkeypatch, joined=False) as stage:
        joining = asyncio.create_task(stage.join())
        await asyncio.sleep(0)
        await stage.player.destroy()
        with pytest.raises(Exception, match="destroyed"):
            await joining
