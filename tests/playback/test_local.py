"""A real song through the real engine, its transmitter process and a voice server."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest

from playback.stage import CHANNEL, PATIENCE_S, USER, Files, in_front_of, make_engine, on_stage
from support.media import make_media, opus_packets, plucks
from voxlink.audio import DELAY_SAMPLES, Block, OpusDecoder
from voxlink.errors import EngineClosed
from voxlink.playback import EngineConfig, LocalEngine
from voxlink.playback.player import LocalPlayer
from voxlink.protocol import EndReason, LoadedEmpty, LoadedTrack, TrackEnd
from voxlink.testing import VoiceServer

SECONDS = 3.0


@pytest.fixture(scope="module")
def music() -> Block:
    return plucks(SECONDS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, music: Block) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("music")
    return {kind: make_media(folder / f"piece.{kind}", music, kind) for kind in ("wav", "ogg-opus")}


async def test_an_opus_file_is_heard_byte_for_byte(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(monkeypatch) as stage:
        await stage.play(files["ogg-opus"])
        end = await stage.said(TrackEnd)
        assert end.reason is EndReason.FINISHED
        await stage.quiet()
        assert [frame.opus for frame in stage.heard.music_frames] == opus_packets(files["ogg-opus"])
        assert stage.heard.faults == []
        assert stage.names() == ["TrackStart", "TrackEnd"]
        player = stage.player
        assert isinstance(player, LocalPlayer)
        assert player._stream.counts.underruns == 0
        assert stage.heard.missing <= player._stream.counts.skipped
        last = player._counter._last
        assert player._counter._sent + (0 if last is None else last.sent) == len(stage.heard.music_frames)
        assert abs(end.track.info.position - SECONDS * 1000) <= 40


async def test_a_song_is_heard_whole(files: dict[str, Path], music: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(monkeypatch) as stage:
        await stage.play(files["wav"])
        await stage.said(TrackEnd)
        await stage.quiet()
        decoder = OpusDecoder()
        sound = np.concatenate([decoder.decode(frame.opus) for frame in stage.heard.music_frames])[DELAY_SAMPLES:]
        assert abs(len(sound) - len(music)) <= 40 * 48
        count = min(len(sound), len(music))
        assert np.corrcoef(sound[:count].ravel(), music[:count].ravel())[0, 1] > 0.98


async def test_after_closing_nothing_is_left(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    library = Files()
    async with on_stage(monkeypatch, library=library) as stage:
        await stage.play(files["wav"])
        await stage.music(5)
        await stage.engine.close()
        names = [thread.name for thread in threading.enumerate()]
        assert not [name for name in names if name.startswith("voxlink-render")]
        assert [task for task in asyncio.all_tasks() if "rendition" in task.get_name()] == []
        end = await stage.said(TrackEnd)
        assert end.reason is EndReason.STOPPED
        with pytest.raises(EngineClosed):
            await stage.change(paused=True)
        with pytest.raises(EngineClosed):
            await stage.engine.create_player(guild_id=1, user_id=1, on_message=stage.hear_message)


async def test_an_engine_can_be_closed_twice_and_without_being_started() -> None:
    engine = LocalEngine(library=Files())
    await engine.close()
    await engine.start()
    await engine.close()
    await engine.close()


async def test_files_and_web_addresses_are_found_only_where_they_are_allowed(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for allowed in (True, False):
        async with LocalEngine(EngineConfig(local_files=allowed, http=False)) as engine:
            loaded = await engine.load(str(files["wav"]))
            assert isinstance(loaded, LoadedTrack if allowed else LoadedEmpty)
            assert isinstance(await engine.load("http://127.0.0.1:9/song.mp3"), LoadedEmpty)


async def test_a_file_is_found_and_heard(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(monkeypatch) as stage:
        await stage.change(identifier=str(files["ogg-opus"]))
        await stage.said(TrackEnd)
        packets = opus_packets(files["ogg-opus"])
        assert await stage.music(len(packets)) == packets


async def test_in_an_encrypted_call_every_frame_of_every_join_can_be_opened(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with VoiceServer(dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        async with (
            make_engine("local", None) as engine,
            in_front_of(engine, server, joined=False) as stage,
        ):
            somebody = server.seat(stage.guild, 77, CHANNEL)
            heard = somebody.listener(USER)
            await stage.join()
            await stage.play(files["wav"])
            for volume in (50, 120, 100):
                await heard.wait_frames(len(heard.frames) + 15, PATIENCE_S)
                await stage.change(volume=volume)
            await stage.change(position=2500)
            await stage.said(TrackEnd)
            await stage.quiet()
            assert len(heard.music_frames) > 50
            assert isinstance(stage.player, LocalPlayer)
            assert heard.missing <= stage.player._stream.counts.skipped
            assert somebody.undecodable.get(USER, 0) <= 2  # the first key is on its way when the song begins
            assert somebody.errors == []


def test_every_setting_has_a_default_that_is_safe_on_a_laptop() -> None:
    config = EngineConfig()
    assert not config.local_files
    assert (config.frame_queue_ms, config.player_update_interval_s, config.track_stuck_threshold_ms) == (
        1000,
        5.0,
        10_000,
    )


@pytest.mark.parametrize(
    "wrong",
    [{"frame_queue_ms": 5000}, {"opus_complexity": 11}, {"track_stuck_threshold_ms": 99}, {"no_such_setting": 1}],
)
def test_a_wrong_setting_is_refused_when_it_is_read(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, EngineConfig)
