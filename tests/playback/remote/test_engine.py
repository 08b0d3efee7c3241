"""What only the engine across a pipe has to promise: its process may die."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from playback.stage import PATIENCE_S, Stage, on_stage
from support.media import make_media, opus_packets, plucks
from voxlink.audio import pcm_from_block
from voxlink.errors import EngineClosed
from voxlink.playback import RemoteEngine
from voxlink.protocol import EndReason, LoadedEmpty, PlayerUpdate, TrackEnd, TrackStart

SECONDS = 3.0


@pytest.fixture(scope="module")
def opus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_media(tmp_path_factory.mktemp("music") / "piece.opus", plucks(SECONDS), "ogg-opus")


def kill(stage: Stage) -> None:
    assert isinstance(stage.engine, RemoteEngine)
    assert stage.engine.pid is not None
    os.kill(stage.engine.pid, signal.SIGKILL)


async def test_a_killed_process_is_replaced_and_the_song_goes_on(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packets = opus_packets(opus)
    async with on_stage(monkeypatch, engine="remote") as stage:
        await stage.play(opus, volume=100, end_time=2500)
        await stage.music(40)
        kill(stage)
        end = await stage.said(TrackEnd)
        await stage.quiet()
        assert end.reason is EndReason.FINISHED
        assert stage.names() == ["TrackStart", "TrackEnd"]
        heard = [frame.opus for frame in stage.heard.music_frames]
        # Position is known to a tenth of a second, and the packets under way die with the process.
        assert len([packet for packet in packets[:125] if packet not in heard]) <= 15
        assert heard[-1] in packets[123:127]
        assert isinstance(stage.engine, RemoteEngine)
        assert stage.engine.restarts == 1


async def test_while_the_process_is_gone_the_player_stands_and_commands_wait(
    opus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(monkeypatch, engine="remote") as stage:
        await stage.play(opus)
        await stage.music(20)
        kill(stage)
        await stage.until_disconnected()
        track = stage.player.snapshot().track
        assert track is not None
        await stage.change(paused=True, volume=30)
        player = stage.player.snapshot()
        assert (player.paused, player.volume, player.state.connected) == (True, 30, True)
        assert player.track is not None
        assert abs(player.track.info.position - track.info.position) < 300
        assert len([message for message in stage.messages if isinstance(message, TrackStart)]) == 1
        assert isinstance(await stage.engine.load("no such thing"), LoadedEmpty)


async def test_a_programs_sound_goes_on_in_the_next_process(monkeypatch: pytest.MonkeyPatch) -> None:
    pcm = pcm_from_block(plucks(2.0))
    async with on_stage(monkeypatch, engine="remote") as stage:
        await stage.player.play_pieces([pcm[at : at + 3840] for at in range(0, len(pcm), 3840)], sound="pcm")
        await stage.music(40)
        kill(stage)
        assert (await stage.said(TrackEnd)).reason is EndReason.FINISHED
        await stage.quiet()
        assert 90 <= len(stage.heard.music_frames) <= 110


async def test_a_process_that_is_gone_keeps_nothing_from_closing(opus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(monkeypatch, engine="remote") as stage:
        await stage.play(opus)
        await stage.music(5)
        kill(stage)
        async with asyncio.timeout(PATIENCE_S):
            await stage.engine.close()
        assert (await stage.said(TrackEnd)).reason is EndReason.STOPPED
        assert isinstance(stage.messages[-1], PlayerUpdate)
        with pytest.raises(EngineClosed):
            await stage.change(paused=True)
        with pytest.raises(EngineClosed):
            await stage.engine.load("x")


async def test_an_engine_that_was_not_started_says_so_and_can_be_closed() -> None:
    engine = RemoteEngine()
    with pytest.raises(EngineClosed):
        await engine.load("x")
    with pytest.raises(EngineClosed):
        await engine.create_player(guild_id=1, user_id=2, on_message=lambda message: None)
    await engine.close()
