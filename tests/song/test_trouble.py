"""What goes wrong in mid-song is survived, or told."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from support.kills import kill_transmitter
from support.media import make_media, plucks
from voxlink.client import Event, TrackEndEvent, TrackExceptionEvent
from voxlink.protocol import EndReason
from voxlink.testing import Seat, Stage, bundled_piece

PATIENCE_S = 30.0
GOES_ON_WITHIN_MS = 10_000
"""Ten times the goal: sound goes on within a second of a kill. The long form prints what it was."""


async def seat_with_music(stage: Stage) -> Seat:
    seat = await stage.join()
    found = await stage.client.get_tracks(str(bundled_piece()))
    await seat.player.play(found.tracks[0])
    await seat.heard.wait_frames(25, PATIENCE_S)
    return seat


async def test_sound_goes_on_after_the_transmitter_was_killed_and_no_nonce_is_used_twice() -> None:
    async with Stage() as stage:
        seat = await stage.join()
        kills = await kill_transmitter(stage, seat, 3)
    assert max(kill.silence_ms for kill in kills) < GOES_ON_WITHIN_MS
    assert seat.heard.faults == []


@pytest.mark.long
async def test_a_hundred_kills_and_no_nonce_is_used_twice() -> None:
    async with Stage() as stage:
        seat = await stage.join()
        kills = await kill_transmitter(stage, seat, 100)
    silences = sorted(kill.silence_ms for kill in kills)
    print(f"silence after a kill: median {silences[50]:.0f} ms, worst {silences[-1]:.0f} ms, {len(kills)} kills")
    assert seat.heard.faults == []
    assert silences[-1] < 1000


async def test_sound_goes_on_while_the_voice_socket_resumes() -> None:
    async with Stage() as stage:
        seat = await seat_with_music(stage)
        before = len(seat.heard.frames)
        await stage.server.drop(seat.login.guild_id, seat.login.user_id)
        await seat.heard.wait_frames(before + 100, PATIENCE_S)
        frames = seat.heard.frames[before - 1 :]
        gaps = [later.arrived_at - earlier.arrived_at for earlier, later in itertools.pairwise(frames)]
        assert max(gaps) < 2.0
        assert seat.heard.faults == []


async def test_a_file_that_breaks_off_is_told_as_an_exception_and_then_an_end(tmp_path: Path) -> None:
    path = make_media(tmp_path / "song.mp3", plucks(3), "mp3")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    told: asyncio.Queue[Event] = asyncio.Queue()

    async def note(event: Event) -> None:
        told.put_nowait(event)

    async with Stage() as stage:
        seat = await stage.join()
        for kind in (TrackExceptionEvent, TrackEndEvent):
            stage.client.add_event_hook(note, event=kind)
        found = await stage.client.get_tracks(str(path))
        await seat.player.play(found.tracks[0])
        async with asyncio.timeout(PATIENCE_S):
            failed, ended = await told.get(), await told.get()
    assert isinstance(failed, TrackExceptionEvent)
    assert failed.message == "The file is cut off."
    assert isinstance(ended, TrackEndEvent)
    assert ended.reason == EndReason.FINISHED
