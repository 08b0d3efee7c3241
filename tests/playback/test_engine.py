"""What every engine promises: commands to a player, as the listener and the client notice them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from playback.stage import CHANNEL, PATIENCE_S, USER, House, Stage, open_house, voice_state
from support.media import make_media, opus_packets, plucks
from voxlink.audio import Block, OpusDecoder, OpusEncoder, block_from_pcm, pcm_from_block, volume_gain
from voxlink.errors import (
    EngineClosed,
    FilterUnavailable,
    InvalidChange,
    InvalidTrack,
    NoMatches,
    VoiceConnectError,
)
from voxlink.playback import EngineConfig
from voxlink.protocol import (
    EndReason,
    Filters,
    LowPassFilter,
    PlayerUpdate,
    TrackEnd,
    TrackException,
    TrackStart,
    TrackStuck,
    UpdatePlayerTrack,
    WebSocketClosed,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

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


@pytest_asyncio.fixture(params=["local", "remote"], scope="module", loop_scope="module")
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """Each promise is kept by both implementations."""
    async with open_house(request.param) as house:
        yield house


async def test_a_pause_is_heard_at_once_and_loses_nothing(house: House, opus: Path) -> None:
    async with house.stage() as stage:
        await stage.play(opus)
        await stage.music(30)
        await stage.change(paused=True)
        paused_at = time.monotonic()
        await stage.quiet()
        assert stage.heard.frames[-1].arrived_at - paused_at < HEARD_WITHIN_S
        position = stage.player.snapshot().state.position
        assert stage.player.snapshot().paused
        await stage.change(paused=False)
        resumed_at = time.monotonic()
        count = len(stage.heard.music_frames)
        await stage.music(count + 1)
        assert stage.heard.music_frames[count].arrived_at - resumed_at < HEARD_WITHIN_S
        assert stage.player.snapshot().state.position - position < 1000
        await stage.said(TrackEnd)
        assert await stage.music(len(opus_packets(opus))) == opus_packets(opus)


async def test_a_pause_of_decoded_sound_loses_no_frame_either(house: House, wav: Path) -> None:
    async with house.stage() as stage:
        await stage.play(wav)
        await stage.music(30)
        await stage.change(paused=True)
        await stage.quiet()
        await stage.change(paused=False)
        await stage.said(TrackEnd)
        await stage.quiet()
        assert len(stage.heard.music_frames) == FRAMES


async def test_a_stop_is_heard_at_once(house: House, wav: Path) -> None:
    async with house.stage() as stage:
        await stage.play(wav)
        await stage.music(20)
        await stage.change(track=UpdatePlayerTrack(encoded=None))
        stopped_at = time.monotonic()
        await stage.quiet()
        assert stage.heard.frames[-1].arrived_at - stopped_at < HEARD_WITHIN_S
        assert (await stage.said(TrackEnd)).reason is EndReason.STOPPED
        assert stage.player.snapshot().track is None


async def test_a_seek_is_heard_at_once_and_position_goes_on_from_there(house: House, opus: Path) -> None:
    packets = opus_packets(opus)
    async with house.stage() as stage:
        await stage.play(opus)
        await stage.music(20)
        await stage.change(position=1500)
        sought_at = time.monotonic()
        updates = [message for message in stage.messages if isinstance(message, PlayerUpdate)]
        assert updates[-1].state.position == 1500
        await stage.said(TrackEnd)
        await stage.quiet()
        heard = [frame.opus for frame in stage.heard.music_frames]
        late = packets.index(heard[-1])
        assert late == len(packets) - 1
        first_after = next(n for n, frame in enumerate(stage.heard.music_frames) if frame.opus in packets[75:])
        assert stage.heard.music_frames[first_after].arrived_at - sought_at < HEARD_WITHIN_S
        assert 25 - len(heard[first_after:]) <= 10
        assert heard[: first_after - 4] == packets[: first_after - 4]


@pytest.mark.parametrize("kind", ["wav", "opus"])
async def test_a_change_of_volume_is_heard_at_once_and_costs_no_frame(
    house: House, wav: Path, opus: Path, kind: str
) -> None:
    async with house.stage() as stage:
        await stage.play(wav if kind == "wav" else opus)
        await stage.music(40)
        await stage.change(volume=10)
        changed_at = time.monotonic()
        await stage.said(TrackEnd)
        await stage.quiet()
        frames = stage.heard.music_frames
        assert len(frames) == (FRAMES if kind == "wav" else len(opus_packets(opus)))
        loud = levels(stage)
        quiet_from = max(n for n, level in enumerate(loud) if level > 0.03) + 1
        assert frames[quiet_from].arrived_at - changed_at < HEARD_WITHIN_S
        assert np.mean(loud[quiet_from + 5 :]) / np.mean(loud[5:40]) < 3 * volume_gain(10)
        assert stage.player.snapshot().volume == 10


async def test_a_volume_slider_costs_no_frame(house: House, wav: Path) -> None:
    async with house.stage() as stage:
        await stage.play(wav)
        for count in range(10, 70, 3):
            await stage.music(count)
            await stage.change(volume=count)
        await stage.said(TrackEnd)
        await stage.quiet()
        assert len(stage.heard.music_frames) == FRAMES


async def test_the_end_time_is_kept_to_the_frame(house: House, wav: Path) -> None:
    async with house.stage() as stage:
        await stage.play(wav, end_time=1000)
        assert (await stage.said(TrackEnd)).reason is EndReason.FINISHED
        await stage.quiet()
        assert len(stage.heard.music_frames) == 50


async def test_an_end_time_that_comes_later_takes_back_what_is_queued_and_null_gives_it_back(
    house: House, opus: Path
) -> None:
    async with house.stage() as stage:
        await stage.play(opus)
        await stage.music(10)
        await stage.change(end_time=1000)
        await stage.change(end_time=None)
        await stage.change(end_time=1500)
        await stage.said(TrackEnd)
        await stage.quiet()
        heard = [frame.opus for frame in stage.heard.music_frames]
        assert abs(len(heard) - 75) <= 1
        assert heard == opus_packets(opus)[: len(heard)]


async def test_start_position_and_volume_are_there_from_the_first_frame(house: House, wav: Path) -> None:
    async with house.stage() as stage:
        await stage.play(wav, position=1500, volume=0)
        assert (await stage.said(TrackStart)).track.info.position == 1500
        await stage.said(TrackEnd)
        await stage.quiet()
        assert stage.heard.music_frames == [] or max(levels(stage)) < 1e-3


async def test_no_replace_leaves_the_track_alone(house: House, wav: Path) -> None:
    async with house.stage(joined=False) as stage:
        await stage.play(wav)
        await stage.change(no_replace=True, track=UpdatePlayerTrack(encoded="garbage"), paused=True, volume=50)
        player = stage.player.snapshot()
        assert (player.paused, player.volume) == (False, 50)
        assert stage.names() == ["TrackStart"]


async def test_a_track_is_found_by_its_identifier(house: House, wav: Path) -> None:
    async with house.stage(joined=False) as stage:
        await stage.change(track=UpdatePlayerTrack(identifier=str(wav), user_data={"by": "me"}))
        track = stage.player.snapshot().track
        assert track is not None
        assert (track.info.identifier, track.user_data) == (str(wav), {"by": "me"})
        with pytest.raises(NoMatches):
            await stage.change(track=UpdatePlayerTrack(identifier="/nowhere"))
        assert stage.player.snapshot().track is not None


async def test_what_is_refused_changes_nothing(house: House) -> None:
    async with house.stage(joined=False) as stage:
        with pytest.raises(FilterUnavailable):
            await stage.change(volume=5, filters=Filters(low_pass=LowPassFilter(smoothing=20)))
        with pytest.raises(InvalidChange):
            await stage.change(volume=5, end_time=0)
        with pytest.raises(InvalidTrack):
            await stage.change(encoded_track="QAAA")
        assert stage.player.snapshot().volume == 100
        assert stage.messages == []


async def test_a_file_that_cannot_be_opened_is_an_exception_and_load_failed(house: House, tmp_path: Path) -> None:
    text = tmp_path / "song.mp3"
    text.write_text("this is no music")
    async with house.stage() as stage:
        await stage.play(text)
        end = await stage.said(TrackEnd)
        assert end.reason is EndReason.LOAD_FAILED
        assert stage.names() == ["TrackStart", "TrackException", "TrackEnd"]
        assert (await stage.said(TrackException)).exception.message == "Unknown file format."


async def test_a_file_that_breaks_off_is_heard_as_far_as_it_goes(house: House, tmp_path: Path, music: Block) -> None:
    whole = make_media(tmp_path / "whole.flac", music, "flac").read_bytes()
    cut = tmp_path / "cut.flac"
    cut.write_bytes(whole[: len(whole) // 2])
    async with house.stage() as stage:
        await stage.play(cut)
        assert (await stage.said(TrackEnd)).reason is EndReason.FINISHED
        assert stage.names() == ["TrackStart", "TrackException", "TrackEnd"]
        await stage.quiet()
        assert 25 < len(stage.heard.music_frames) < 75


async def test_a_lost_voice_socket_is_resumed_and_nobody_is_told(house: House, opus: Path) -> None:
    async with house.stage() as stage:
        await stage.play(opus)
        await stage.music(30)
        await stage.server.drop(stage.guild, USER)
        await stage.said(TrackEnd)
        await stage.quiet()
        assert stage.names() == ["TrackStart", "TrackEnd"]
        assert [frame.opus for frame in stage.heard.music_frames] == opus_packets(opus)


async def test_when_voice_is_lost_for_good_position_stands_and_the_song_goes_on_in_the_next_connection(
    house: House, opus: Path
) -> None:
    async with house.stage() as stage:
        await stage.play(opus)
        await stage.music(30)
        await stage.server.close_session(stage.guild, USER, 4014)
        closed = await stage.said(WebSocketClosed)
        assert (closed.code, closed.by_remote) == (4014, True)
        await stage.until(lambda message: isinstance(message, PlayerUpdate) and not message.state.connected)
        position = stage.player.snapshot().state.position
        await stage.join()
        assert stage.player.snapshot().state.connected
        assert stage.player.snapshot().state.position - position < 1000
        await stage.said(TrackEnd)
        await stage.quiet()
        heard = [frame.opus for frame in stage.heard.music_frames]
        assert [packet for packet in opus_packets(opus) if packet not in heard] == []


async def test_a_changed_voice_server_keeps_the_track_and_the_queue(house: House, opus: Path) -> None:
    async with house.stage() as stage:
        await stage.play(opus)
        await stage.music(30)
        await stage.join()
        closed = await stage.said(WebSocketClosed)
        assert (closed.code, closed.reason, closed.by_remote) == (1000, "", False)
        await stage.said(TrackEnd)
        await stage.quiet()
        heard = [frame.opus for frame in stage.heard.music_frames]
        assert [packet for packet in opus_packets(opus) if packet not in heard] == []
        assert stage.names() == ["TrackStart", "WebSocketClosed", "TrackEnd"]


async def test_the_same_voice_again_does_nothing_while_it_is_open(house: House) -> None:
    async with house.stage(joined=False) as stage:
        voice = voice_state(stage.server.admit(stage.guild, USER, CHANNEL))
        await stage.change(voice=voice)
        said = len(stage.messages)
        await stage.change(voice=voice)
        assert len(stage.messages) == said


async def test_a_voice_server_that_cannot_be_reached_is_a_named_error_in_time(
    house: House, unused_tcp_port: int
) -> None:
    async with house.stage(joined=False, config=EngineConfig(voice_timeout_s=1.0)) as stage:
        login = stage.server.admit(stage.guild, USER, CHANNEL)
        wrong = voice_state(login)
        for endpoint in (f"127.0.0.1:{unused_tcp_port}", "not a host"):
            with pytest.raises(VoiceConnectError):
                await stage.change(
                    voice=type(wrong)(
                        token=wrong.token, endpoint=endpoint, session_id=wrong.session_id, channel_id=wrong.channel_id
                    )
                )
        player = stage.player.snapshot()
        assert (player.state.connected, player.voice.endpoint) == (False, "")
        await stage.change(voice=wrong)
        assert stage.player.snapshot().state.connected


async def test_a_track_that_was_started_before_the_voice_connection_waits_for_it(house: House, opus: Path) -> None:
    async with house.stage(joined=False) as stage:
        await stage.play(opus)
        assert stage.player.snapshot().state.position == 0
        await stage.join()
        await stage.said(TrackEnd)
        assert await stage.music(len(opus_packets(opus))) == opus_packets(opus)


async def test_updates_come_at_the_interval(house: House, opus: Path) -> None:
    async with house.stage(config=EngineConfig(player_update_interval_s=0.2)) as stage:
        await stage.play(opus)
        await stage.said(TrackEnd)
        positions = [message.state.position for message in stage.messages if isinstance(message, PlayerUpdate)]
        assert len(positions) > 5
        assert positions == sorted(positions)
        assert positions[-1] > 1500


async def test_destroying_says_stopped_and_closes_the_voice_connection(house: House, wav: Path) -> None:
    async with house.stage() as stage:
        await stage.play(wav)
        await stage.music(5)
        await stage.player.destroy()
        await stage.player.destroy()
        assert stage.names() == ["TrackStart", "TrackEnd", "WebSocketClosed"]
        assert isinstance(stage.messages[-1], PlayerUpdate)
        assert not stage.messages[-1].state.connected


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_a_programs_packets_are_heard_byte_for_byte(house: House, opus: Path, kind: str) -> None:
    packets = opus_packets(opus)

    async def handed_over() -> AsyncIterator[bytes]:
        for packet in packets:
            yield packet

    async with house.stage() as stage:
        track = await stage.player.play_pieces(
            iter(packets) if kind == "plain" else handed_over(), sound="opus", title="Mine"
        )
        end = await stage.said(TrackEnd)
        assert (end.reason, end.track.info.title) == (EndReason.FINISHED, track.info.title)
        assert await stage.music(len(packets)) == packets


async def test_a_programs_pcm_is_heard_with_volume_and_pause(house: House, music: Block) -> None:
    pcm = pcm_from_block(music)
    async with house.stage() as stage:
        await stage.player.play_pieces([pcm[at : at + 5000] for at in range(0, len(pcm), 5000)], sound="pcm")
        await stage.music(20)
        await stage.change(volume=20, paused=True)
        await stage.quiet()
        await stage.change(paused=False)
        await stage.said(TrackEnd)
        await stage.quiet()
        assert len(stage.heard.music_frames) == FRAMES


async def test_a_program_that_never_hands_over_does_not_keep_anything_from_closing(house: House, opus: Path) -> None:
    never = asyncio.Event()
    has_begun = asyncio.Event()
    is_closed = asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        try:
            has_begun.set()
            await never.wait()
            yield b""
        finally:
            is_closed.set()

    async with house.stage() as stage:
        await stage.player.play_pieces(waiting(), sound="opus")
        await has_begun.wait()
        await stage.play(opus)
        async with asyncio.timeout(PATIENCE_S):
            await is_closed.wait()
        await stage.music(5)
        await stage.player.play_pieces(waiting(), sound="opus")


async def test_a_program_that_fails_ends_its_track_with_an_exception(house: House) -> None:
    def failing() -> Iterator[bytes]:
        raise ValueError("out of tune")
        yield b""

    async with house.stage() as stage:
        await stage.player.play_pieces(failing(), sound="pcm")
        assert (await stage.said(TrackEnd)).reason is EndReason.LOAD_FAILED
        assert "out of tune" in (await stage.said(TrackException)).exception.cause


async def test_the_others_are_heard_as_pcm_also_after_a_new_connection(house: House, music: Block) -> None:
    encoder = OpusEncoder()
    speech = [encoder.encode(music[at : at + 960]) for at in range(0, 48_000, 960)]
    async with house.stage() as stage:
        somebody = house.server.seat(stage.guild, 77, CHANNEL)
        with stage.player.listen() as ears:
            for _ in range(2):
                speaking = asyncio.create_task(somebody.speak(speech * 3))
                heard = []
                async with asyncio.timeout(PATIENCE_S):
                    async for frame in ears:
                        heard.append(frame)
                        if len(heard) == 25:
                            break
                speaking.cancel()
                await asyncio.wait([speaking])
                assert {frame.user_id for frame in heard} == {77}
                assert {len(frame.pcm) for frame in heard} == {3840}
                assert np.abs(np.concatenate([block_from_pcm(frame.pcm) for frame in heard])).max() > 0.05
                await stage.join()
        await stage.player.destroy()
        with pytest.raises(EngineClosed):
            stage.player.listen()


async def test_a_track_without_sound_is_stuck_once(house: House) -> None:
    async def silent() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    config = EngineConfig(track_stuck_threshold_ms=200, player_update_interval_s=0.1)
    async with house.stage(config=config) as stage:
        await stage.player.play_pieces(silent(), sound="opus")
        stuck = await stage.said(TrackStuck)
        assert stuck.threshold_ms == 200
        before = len(stage.messages)
        async with asyncio.timeout(PATIENCE_S):
            while len(stage.messages) < before + 5:
                await stage.next_message()
        assert stage.names() == ["TrackStart", "TrackStuck"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_commanded_in_whatever_order_the_player_stays_sound(
    house: House, wav: Path, opus: Path, seed: int
) -> None:
    choose = random.Random(seed)
    stop = UpdatePlayerTrack(encoded=None)
    async with house.stage() as stage:
        changes: list[Callable[[], Awaitable[None]]] = [
            lambda: stage.play(choose.choice([wav, opus]), position=choose.randrange(0, 1000)),
            lambda: stage.play(opus, end_time=choose.randrange(100, 2500), paused=choose.random() < 0.2),
            lambda: stage.change(track=stop),
            lambda: stage.change(paused=choose.random() < 0.4),
            lambda: stage.change(volume=choose.choice([0, 30, 100, 100, 150])),
            lambda: stage.change(position=choose.randrange(0, 2200)),
            lambda: stage.change(end_time=choose.choice([None, choose.randrange(1, 2500)])),
            lambda: stage.change(position=choose.randrange(0, 2000), volume=choose.randrange(0, 200), paused=False),
            lambda: stage.join() if choose.random() < 0.2 else stage.change(),
        ]
        for _ in range(60):
            await asyncio.gather(*(choose.choice(changes)() for _ in range(choose.choice([1, 1, 1, 3]))))
            if not stage.player.snapshot().paused and stage.player.snapshot().track is not None:
                await stage.heard.wait_frames(len(stage.heard.frames) + choose.randrange(0, 6), PATIENCE_S)
        await stage.change(track=stop, volume=100)
        said = len(stage.messages)
        await stage.play(opus)
        await stage.until(lambda message: isinstance(message, TrackEnd) and message in stage.messages[said:])
        await stage.quiet()
        packets = opus_packets(opus)
        assert [frame.opus for frame in stage.heard.music_frames][-len(packets) :] == packets
        assert stage.heard.faults == []
        story = [message for message in stage.messages if isinstance(message, TrackStart | TrackEnd)]
        assert all(isinstance(message, TrackEnd) == bool(n % 2) for n, message in enumerate(story))
        assert not [message for message in stage.messages if isinstance(message, TrackException | TrackStuck)]
