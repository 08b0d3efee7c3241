"""Kills the transmitter of a stage's node in mid-song, again and again, and says how the listener took it."""

from __future__ import annotations

import itertools
import os
import signal
from typing import NamedTuple

from support.play_command import children_of
from voxlink.testing import Seat, Stage, bundled_piece

FRAMES_AFTER = 25
PATIENCE_S = 30.0


class Kill(NamedTuple):
    """One kill and what followed."""

    silence_ms: float
    """From the last packet before the kill to the first one after it, at the listener."""


async def kill_transmitter(stage: Stage, seat: Seat, times: int) -> list[Kill]:
    """Play the piece over and over; kill the transmitter `times` times, each time once sound is going on again."""
    found = await stage.client.get_tracks(str(bundled_piece()))
    track = found.tracks[0]
    seat.player.set_loop(seat.player.LOOP_SINGLE)
    await seat.player.play(track)
    await seat.heard.wait_frames(FRAMES_AFTER, PATIENCE_S)
    kills: list[Kill] = []
    for _ in range(times):
        (transmitter,) = grandchildren()
        before = len(seat.heard.frames)
        os.kill(transmitter, signal.SIGKILL)
        await seat.heard.wait_frames(before + FRAMES_AFTER, PATIENCE_S)
        arrivals = [frame.arrived_at for frame in seat.heard.frames[before - 1 : before + FRAMES_AFTER]]
        gaps = (later - earlier for earlier, later in itertools.pairwise(arrivals))
        kills.append(Kill(1000 * max(gaps)))
    return kills


def grandchildren() -> list[int]:
    """The transmitters: children of the nodes that this process started."""
    return [child for node in children_of(os.getpid()) for child in children_of(node)]
