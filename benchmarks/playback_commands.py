"""How long after its answer a command is heard, at the voice server: start, pause, resume, seek, volume, replace, stop.

Decoded sound (wav) and packets that pass through (Opus), with the engine in this process and across a pipe. The piece
is loud at first and quiet then, so that a listener hears where a seek has gone.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.media import make_media

from benchmarks.measure import table
from voxlink.audio import RATE_HZ, Block, OpusDecoder
from voxlink.playback import Engine, EngineConfig, LocalEngine, PlayerHandle, RemoteEngine
from voxlink.protocol import Track, TrackInfo, UpdatePlayer, UpdatePlayerTrack, VoiceState, encode_wire_track
from voxlink.testing import Heard, VoiceServer

ROUNDS = 10
LOUD_MS = 20_000
HALF = 0.05
"""A frame is loud above this level; the loud half has 0.2, the quiet one and volume 10 less than 0.02."""

Measured = dict[str, list[float]]


def main() -> None:
    rows: list[list[str]] = []
    for name, engine in (("local", LocalEngine), ("remote", RemoteEngine)):
        for kind in ("wav", "ogg-opus"):
            measured = asyncio.run(measure_commands(engine, kind))
            rows += [[f"{command} ({kind}, {name})", *figures(samples)] for command, samples in measured.items()]
    print(table(["heard after the answer, ms", "p50", "p90", "max"], rows))


def figures(samples: list[float]) -> list[str]:
    ordered = sorted(samples)
    chosen = (statistics.median(ordered), ordered[int(len(ordered) * 0.9)], ordered[-1])
    return [f"{seconds * 1000:.1f}" for seconds in chosen]


def piece() -> Block:
    noise = np.random.default_rng(1).standard_normal((RATE_HZ * 40, 2)).astype(np.float32) * np.float32(0.2)
    noise[RATE_HZ * LOUD_MS // 1000 :] *= np.float32(0.05)
    return noise


async def measure_commands(make: Callable[[EngineConfig], Engine], kind: str) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        path = make_media(Path(folder) / f"piece.{kind}", piece(), kind)
        async with VoiceServer() as server:
            os.environ["SSL_CERT_FILE"] = str(server.certificate)
            async with make(EngineConfig(local_files=True, http=False)) as engine:
                return await rounds(engine, server, str(path))


async def rounds(engine: Engine, server: VoiceServer, path: str) -> Measured:
    measured: Measured = {}
    for guild in range(1, ROUNDS + 1):
        player = await engine.create_player(guild_id=guild, user_id=2, on_message=lambda message: None)
        ear = Ear(player, server.listener(guild, 2), measured)
        login = server.admit(guild, 2, 3)
        voice = VoiceState(
            token=login.token, endpoint=login.endpoint, session_id=login.session_id, channel_id=str(login.channel_id)
        )
        await player.apply(UpdatePlayer(voice=voice), no_replace=False)
        await one_round(ear, UpdatePlayerTrack(encoded=track(path)))
        await player.destroy()
    return measured


async def one_round(ear: Ear, song: UpdatePlayerTrack) -> None:
    await ear.after("start", {"track": song}, is_loud)
    await ear.music(30)
    await ear.after("volume 100 to 10", {"volume": 10}, is_quiet)
    await ear.music(30)
    await ear.after("volume 10 to 100", {"volume": 100}, is_loud)
    await ear.music(30)
    await ear.after("pause", {"paused": True}, is_silence)
    await ear.after("resume", {"paused": False}, is_loud)
    await ear.music(30)
    await ear.after("seek", {"position": LOUD_MS + 5000}, is_quiet)
    await ear.music(30)
    await ear.after("replace", {"track": song}, is_loud)
    await ear.music(30)
    await ear.after("stop", {"track": UpdatePlayerTrack(encoded=None)}, is_silence)


class Ear:
    """Listens frame by frame, as one decoder would."""

    def __init__(self, player: PlayerHandle, heard: Heard, measured: Measured) -> None:
        self._player = player
        self._heard = heard
        self._measured = measured
        self._decoder = OpusDecoder()
        self._read = 0

    async def next(self) -> tuple[float, float | None]:
        """When the next frame arrived, and its level (None for a silence frame)."""
        await self._heard.wait_frames(self._read + 1, 10)
        frame = self._heard.frames[self._read]
        self._read += 1
        level = float(np.sqrt(np.mean(self._decoder.decode(frame.opus) ** 2)))
        return frame.arrived_at, None if frame.is_silence else level

    async def music(self, count: int) -> None:
        for _ in range(count):
            await self.next()

    async def after(self, name: str, change: dict[str, Any], is_it: Callable[[float | None], bool]) -> None:
        """Send a command and note when its effect arrived."""
        await self._player.apply(UpdatePlayer(**change), no_replace=False)
        answered = time.monotonic()
        while True:
            arrived_at, level = await self.next()
            if is_it(level):
                break
        self._measured.setdefault(name, []).append(max(arrived_at - answered, 0.0))


def is_loud(level: float | None) -> bool:
    return level is not None and level > HALF


def is_quiet(level: float | None) -> bool:
    return level is not None and level < HALF


def is_silence(level: float | None) -> bool:
    return level is None


def track(path: str) -> str:
    info = TrackInfo(
        identifier=path, is_seekable=True, author="", length=40_000, is_stream=False, position=0, title="Noise",
        uri=path, source_name="local",
    )  # fmt: skip
    return encode_wire_track(Track("", info, {"probeInfo": "ogg"}))
