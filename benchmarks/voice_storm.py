"""A storm of members in an encrypted call: 20 people come and go in random order while we play, beside a calm call.

The voice server and the people live in a process of their own; ours has the connection, DAVE and the transmitter. Each
change is followed by 0.3 to 0.7 s; half of the people learn of commits up to 300 ms late. Counted are our frames that
people could not decrypt who had been there for a second before a change (a newcomer hears us within half a second);
gaps are the voice server's, by the kernel's time stamps. The skew is what was meant and what the people's own process
added. The calm row has as many people, and nobody moves.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from benchmarks.measure import table
from benchmarks.voice_parts.channel import CHANNEL, GUILD, US
from voxlink.voice import connect

MEMBERS = 20
CHANGES = 200
CALM_S = 30.0
SEEDS = (7, 8)
LONGEST_S = 600.0


async def endless() -> AsyncIterator[bytes]:
    for index in itertools.count():
        yield b"\xfc" + index.to_bytes(4, "big") * 40


def start_channel(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.voice_parts.channel", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])


async def play_into(channel: subprocess.Popen[str]) -> tuple[dict[str, Any], int, int]:
    """Join, play until the channel says what it heard; return that, and our underruns and skipped slots."""
    assert channel.stdout is not None
    join = json.loads(await asyncio.to_thread(channel.stdout.readline))
    os.environ["SSL_CERT_FILE"] = join.pop("certificate")
    async with await connect(**join, user_id=US, guild_id=GUILD, channel_id=CHANNEL) as call:
        call.play(endless())
        async with asyncio.timeout(LONGEST_S):
            heard = json.loads(await asyncio.to_thread(channel.stdout.readline))
        frames = call.stats().frames
    return heard, frames.underruns, frames.skipped


def row(changes: int, seconds: float, seed: int) -> list[str]:
    with start_channel(MEMBERS, changes, seconds, seed) as channel:
        try:
            heard, underruns, skipped = asyncio.run(play_into(channel))
        finally:
            channel.kill()
    lost = [frames for frames, _ in heard["lost"]]
    skew_ms = max((skew_s for _, skew_s in heard["lost"]), default=0.0) * 1000
    return [
        str(changes) if changes else "calm",
        str(len(lost)), str(sum(lost)), str(max(lost, default=0)), f"{skew_ms:.0f}",
        str(heard["packets"]), str(heard["missing"]), f"{heard['median_ms']:.2f}", f"{heard['p99_ms']:.2f}",
        f"{heard['max_gap_ms']:.1f}", f"{heard['jitter_ms']:.2f}", str(underruns), str(skipped),
    ]  # fmt: skip


def main() -> None:
    header = [
        "changes", "x old members", "undecodable", "most in one", "skew up to ms", "frames heard", "missing",
        "gap p50 ms", "p99", "max", "jitter", "underruns", "skipped",
    ]  # fmt: skip
    rows = [line for seed in SEEDS for line in (row(0, CALM_S, seed), row(CHANGES, 0.0, seed))]
    print(table(header, rows))


if __name__ == "__main__":
    main()
