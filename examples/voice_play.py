"""Play a file in a voice channel, without a node and without Discord: the simulated voice server takes its place.

    python examples/voice_play.py [FILE]

With a bot, the five values of `login` come from Discord's gateway: VOICE_STATE_UPDATE and VOICE_SERVER_UPDATE.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator

import numpy as np

from voxlink.audio import FRAME_SAMPLES, RATE_HZ, FrameCutter, OpusEncoder, open_media
from voxlink.testing import VoiceServer
from voxlink.voice import connect


def frames_of(path: str) -> Iterator[bytes]:
    """Yield 20 ms Opus frames of a media file: its own packets where they fit, else encoded ones."""
    with open_media(path) as media:
        if media.is_passthrough:
            for packet in media.packets():
                yield packet.data
            return
        encoder, cutter = OpusEncoder(), FrameCutter()
        for block in media.blocks():
            for frame in cutter.push(block.samples):
                yield encoder.encode(frame)
        last = cutter.flush()
        if last is not None:
            yield encoder.encode(last)


def a_tone(seconds: float = 2) -> Iterator[bytes]:
    """Yield 20 ms Opus frames of a 440 Hz tone."""
    encoder = OpusEncoder()
    for start in range(0, int(seconds * RATE_HZ), FRAME_SAMPLES):
        wave = 0.3 * np.sin(np.arange(start, start + FRAME_SAMPLES) * (2 * np.pi * 440 / RATE_HZ))
        yield encoder.encode(np.column_stack((wave, wave)).astype(np.float32))


async def main() -> None:
    frames = frames_of(sys.argv[1]) if len(sys.argv) > 1 else a_tone()
    async with VoiceServer() as server:
        os.environ["SSL_CERT_FILE"] = str(server.certificate)
        login = server.admit(guild_id=1, user_id=2, channel_id=3)
        async with await connect(
            endpoint=login.endpoint,
            token=login.token,
            session_id=login.session_id,
            user_id=login.user_id,
            guild_id=login.guild_id,
            channel_id=login.channel_id,
        ) as call:
            await call.play(frames).wait()
            stats = call.stats()
        heard = server.listener(1, 2)
        print(f"sent {stats.frames.sent} frames, heard {len(heard.music_frames)}, missing {heard.missing}")
        print(f"gaps: median {heard.pacing().median_ms:.1f} ms, longest {heard.pacing().max_gap_ms:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
