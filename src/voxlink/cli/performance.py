"""One performance: a song played from end to end on a stage, watched while it plays."""

from __future__ import annotations

import asyncio
import time
import wave
from pathlib import Path

import msgspec

from voxlink.audio import FRAME_MS
from voxlink.cli.play_report import PlayReport, clock
from voxlink.cli.progress import progress_bar
from voxlink.cli.untouched import sent_untouched
from voxlink.client import (
    Client,
    Event,
    NodeDisconnectedEvent,
    TrackEndEvent,
    TrackExceptionEvent,
    TrackStuckEvent,
)
from voxlink.errors import EnvironmentFault, NotHeardInTime, UsageError
from voxlink.protocol import AudioTrack, LoadType
from voxlink.testing import Seat, Stage, bundled_piece

LOOK_S = 0.2
"""How often the progress bar is drawn anew."""
GRACE_S = 30.0
"""How much longer than its own length a track may take before we stop waiting for its end."""
LAST_PACKETS_S = 2.0
"""How long the last packets may be under way after the node said that the track ended."""


class PlayRequest(msgspec.Struct, frozen=True):
    """What was asked for on the command line, in milliseconds."""

    identifier: str | None
    """A path or an http(s) URL; None is the bundled piece."""
    out: Path | None
    start_ms: int
    span_ms: int | None
    volume: int


class NothingToPlay(UsageError):
    """What was asked for names nothing that can be played."""


class PerformanceBroken(EnvironmentFault):
    """The node or the sound stopped in mid-song."""


async def perform(request: PlayRequest) -> PlayReport:
    """Play what was asked for and return the account of it; cancelling stops every process.

    Raises:
        NothingToPlay: The file or URL cannot be played, or the start lies behind its end.
        PerformanceBroken: The node died in mid-song.
        VoxlinkError: The node or the voice server did not start.

    """
    identifier = request.identifier if request.identifier is not None else str(bundled_piece())
    async with Stage() as stage:
        track = await find(stage.client, identifier)
        asked_ms = asked_span(track, request)
        joined_at = time.monotonic()
        seat = await stage.join()
        events: asyncio.Queue[Event] = asyncio.Queue()

        async def note(event: Event) -> None:
            events.put_nowait(event)

        stage.client.add_event_hook(note)
        end_ms = request.start_ms + asked_ms if request.span_ms is not None else None
        await seat.player.play(track, start_time=request.start_ms, end_time=end_ms, volume=request.volume)
        failure = await watch(seat, events, title_of(track), asked_ms)
        await hear_the_rest(seat, asked_ms if failure is None else 0)
        if request.out is not None:
            await asyncio.to_thread(write_wav, seat, request.out)
        untouched = await sent_untouched(track, request.start_ms, seat.heard)
        return account(seat, title_of(track), asked_ms, joined_at, untouched, failure)


async def find(client: Client, identifier: str) -> AudioTrack:
    """Load one track; the first of a playlist.

    Raises:
        NothingToPlay: With the reason in the node's words.

    """
    result = await client.get_tracks(identifier)
    if result.load_type == LoadType.ERROR and result.error is not None:
        raise NothingToPlay(f"{identifier}: {result.error.message}")
    if not result.tracks:
        if await asyncio.to_thread(Path(identifier).is_dir):
            raise NothingToPlay(f"{identifier}: is a directory, not a file")
        raise NothingToPlay(f"{identifier}: nothing found there")
    return result.tracks[0]


def asked_span(track: AudioTrack, request: PlayRequest) -> int:
    """How many milliseconds of the track were asked for.

    Raises:
        NothingToPlay: A live stream without `--seconds`, or a start behind the track's end.

    """
    if track.is_stream:
        if request.span_ms is None:
            raise NothingToPlay(f"{track.title} is a live stream: say how long to listen with --seconds")
        return request.span_ms
    rest = track.duration - request.start_ms
    if rest <= 0:
        raise NothingToPlay(f"--start {request.start_ms / 1000:g} lies behind the end ({clock(track.duration)})")
    return rest if request.span_ms is None else min(rest, request.span_ms)


def title_of(track: AudioTrack) -> str:
    """Author and title in one line."""
    return f"{track.author} - {track.title}"


async def watch(seat: Seat, events: asyncio.Queue[Event], title: str, asked_ms: int) -> str | None:
    """Draw the song's progress until the track ends; return why it failed, or None.

    Raises:
        PerformanceBroken: The node was lost, or no end came in time.

    """
    failure: str | None = None
    deadline = time.monotonic() + asked_ms / 1000 + GRACE_S
    with progress_bar(title, asked_ms) as draw:
        while time.monotonic() < deadline:
            draw(seat.heard)
            try:
                async with asyncio.timeout(LOOK_S):
                    event = await events.get()
            except TimeoutError:
                continue
            match event:
                case TrackExceptionEvent(message=message, cause=cause):
                    failure = message or cause
                case TrackStuckEvent(threshold=threshold):
                    return f"the source gave no sound for {threshold} ms"
                case NodeDisconnectedEvent():
                    raise PerformanceBroken(f"the node was lost in mid-song, {heard_so_far(seat)} in")
                case TrackEndEvent():
                    draw(seat.heard)
                    return failure
                case _:
                    pass
    raise PerformanceBroken(f"the track did not end in time, {heard_so_far(seat)} in")


def heard_so_far(seat: Seat) -> str:
    """How much music reached the listener, as people read it."""
    return clock(len(seat.heard.music_frames) * FRAME_MS)


async def hear_the_rest(seat: Seat, asked_ms: int) -> None:
    """Wait a bounded time for the last packets: the node's word and the sound travel on different roads."""
    try:
        await seat.heard.wait_frames(asked_ms // FRAME_MS, LAST_PACKETS_S)
    except NotHeardInTime:
        return


def account(
    seat: Seat, title: str, asked_ms: int, joined_at: float, untouched: bool | None, failure: str | None
) -> PlayReport:
    """Count at the voice server what was heard."""
    heard = seat.heard
    music = heard.music_frames
    pacing = heard.pacing()
    return PlayReport(
        title=title,
        asked_ms=asked_ms,
        heard=len(music),
        holes=heard.missing,
        median_gap_ms=pacing.median_ms,
        p99_gap_ms=pacing.p99_ms,
        max_gap_ms=pacing.max_gap_ms,
        jitter_ms=pacing.jitter_ms,
        join_to_first_packet_ms=1000 * (music[0].arrived_at - joined_at) if music else 0.0,
        passthrough=untouched,
        faults=tuple(heard.faults),
        failure=failure,
    )


def write_wav(seat: Seat, path: Path) -> None:
    """Write what the listener heard as 16-bit stereo at 48 kHz."""
    samples = (seat.heard.pcm() * 32767).round().clip(-32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())
