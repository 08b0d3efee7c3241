"""Record each speaker of a voice channel into a WAV file of their own, at the simulated voice server.

    python examples/voice_record.py [FOLDER]

Two bots talk in an encrypted call, a third one records them. Lost frames become silence, so that the length is right.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voxlink.audio import FRAME_SAMPLES, RATE_HZ, OpusDecoder, OpusEncoder
from voxlink.testing import VoiceServer
from voxlink.voice import DaveChanged, HeardOpus, Transmitter, VoiceCall, connect

SECONDS = 2


class Recorder:
    """One WAV file for each user, written as they speak."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[int, tuple[wave.Wave_write, OpusDecoder]] = {}
        self._open = contextlib.ExitStack()
        self.frames: dict[int, int] = {}

    def add(self, user_id: int, opus: bytes | None) -> None:
        if user_id not in self._files:
            file = self._open.enter_context(wave.open(str(self._folder / f"{user_id}.wav"), "wb"))  # noqa: SIM115
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            self._files[user_id] = (file, OpusDecoder())
        file, decoder = self._files[user_id]
        samples = np.zeros((FRAME_SAMPLES, 2), np.float32) if opus is None else decoder.decode(opus)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        self.frames[user_id] = self.frames.get(user_id, 0) + 1

    def close(self) -> None:
        self._open.close()


def tone(frequency_hz: float) -> Iterator[bytes]:
    encoder = OpusEncoder()
    for start in range(0, SECONDS * RATE_HZ, FRAME_SAMPLES):
        wave_form = 0.3 * np.sin(np.arange(start, start + FRAME_SAMPLES) * (2 * np.pi * frequency_hz / RATE_HZ))
        yield encoder.encode(np.column_stack((wave_form, wave_form)).astype(np.float32))


async def join(server: VoiceServer, user_id: int, transmitter: Transmitter) -> VoiceCall:
    login = server.admit(guild_id=1, user_id=user_id, channel_id=3)
    return await connect(
        endpoint=login.endpoint,
        token=login.token,
        session_id=login.session_id,
        user_id=user_id,
        guild_id=1,
        channel_id=3,
        transmitter=transmitter,
    )


async def encrypted(call: VoiceCall, members: int) -> None:
    """Wait until a call's group has as many members: each newcomer begins an epoch, the second one the first."""
    async for event in call.events():
        if isinstance(event, DaveChanged) and event.epoch == members - 1:
            return


async def record(call: VoiceCall, recorder: Recorder) -> None:
    async for heard in call.listen():
        recorder.add(heard.user_id, heard.opus if isinstance(heard, HeardOpus) else None)


async def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    recorder = Recorder(folder)
    async with VoiceServer(dave_version=1) as server, Transmitter() as transmitter:
        os.environ["SSL_CERT_FILE"] = str(server.certificate)
        async with await join(server, 1, transmitter) as listener:
            recording = asyncio.create_task(record(listener, recorder))
            async with await join(server, 10, transmitter) as one, await join(server, 11, transmitter) as two:
                for call in (listener, one, two):
                    await encrypted(call, members=3)
                await asyncio.gather(one.play(tone(440)).wait(), two.play(tone(660)).wait())
                await asyncio.sleep(0.3)
            print(f"privacy code {listener.connection.privacy_code or 'none: alone again'}")
        await recording
    recorder.close()
    for user_id, frames in recorder.frames.items():
        print(f"{folder / f'{user_id}.wav'}: {frames * 20 / 1000:.1f} s")


if __name__ == "__main__":
    asyncio.run(main())
