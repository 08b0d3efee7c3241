"""Our sender: N streams with DAVE through one transmitter. Prints one line of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

from benchmarks.voice_parts.group import active_group
from benchmarks.voice_parts.sink import KEY
from voxlink.voice import FrameStream, StreamReport, Transmitter
from voxlink.voice.encryption import AES256_GCM
from voxlink.voice.route import Route

FRAME = b"\xfc" + bytes(range(159))
DEPTH = 50
BATCH = 10


class Player:
    """Keeps a stream's queue filled, as a player does."""

    def __init__(self, transmitter: Transmitter) -> None:
        self.stream = transmitter.open_stream(self.take_report)
        self.stream.queue([FRAME] * DEPTH)

    def take_report(self, report: StreamReport) -> None:
        if report.queued <= DEPTH - BATCH:
            self.stream.queue([FRAME] * BATCH)


def cpu_s(pid: int) -> float:
    """Time on a processor so far, by the scheduler's own account."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


async def run(port: int, count: int, seconds: float, *, realtime: bool) -> dict[str, object]:
    ours, _ = active_group()
    async with Transmitter(realtime=realtime) as transmitter:
        streams: list[FrameStream] = []
        sockets: list[socket.socket] = []
        for _ in range(count):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(("127.0.0.1", port))
            sockets.append(sock)
            streams.append(Player(transmitter).stream)
        for number, (stream, sock) in enumerate(zip(streams, sockets, strict=True)):
            stream.attach(Route(sock, AES256_GCM, KEY, number + 1, ours.encrypt))
            if number % 10 == 9:
                await asyncio.sleep(0.005)
        pid = transmitter.stats().pid or 0
        await asyncio.sleep(1)
        before = sum(stream.counts.sent for stream in streams), cpu_s(pid), cpu_s(os.getpid())
        await asyncio.sleep(seconds - 2)
        after = sum(stream.counts.sent for stream in streams), cpu_s(pid), cpu_s(os.getpid())
        packets = max(1, after[0] - before[0])
        result = {
            "priority": transmitter.stats().priority,
            "transmitter_us": (after[1] - before[1]) / packets * 1e6,
            "engine_us": (after[2] - before[2]) / packets * 1e6,
            "underruns": sum(stream.counts.underruns for stream in streams),
            "skipped": sum(stream.counts.skipped for stream in streams),
            "restarts": transmitter.stats().restarts,
        }
        await asyncio.sleep(1)
        for stream in streams:
            stream.close()
    for sock in sockets:
        sock.close()
    return result


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]),
                                     realtime=sys.argv[4] == "realtime"))), flush=True)  # fmt: skip
