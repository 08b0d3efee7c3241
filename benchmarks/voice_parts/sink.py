"""Receives RTP packets and measures their gaps by the kernel's time stamps. Reads headers, opens 1 packet in 50.

Prints its port, then after the given seconds one line of JSON.
"""

from __future__ import annotations

import itertools
import json
import socket
import struct
import sys
import time

from voxlink.errors import InvalidPacket
from voxlink.voice.encryption import AES256_GCM, XCHACHA20_POLY1305, cipher_for

KEY = bytes(range(32))
OPEN_EVERY = 50
SO_TIMESTAMPNS = 35
BUFFER_BYTES = 16 << 20
STAMP = struct.Struct("qq")
FRAME_NS = 20_000_000


def main() -> None:
    seconds, mode = float(sys.argv[1]), sys.argv[2]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    try:
        sock.setsockopt(socket.SOL_SOCKET, 33, BUFFER_BYTES)  # SO_RCVBUFFORCE
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    print(sock.getsockname()[1], flush=True)
    print(json.dumps(figures(*collect(sock, seconds, mode))), flush=True)


def collect(sock: socket.socket, seconds: float, mode: str) -> tuple[dict[bytes, list[int]], int, int]:
    """Receive for so long from the first packet on; return arrivals by ssrc, and how many opened and did not open."""
    cipher = cipher_for({"aes": AES256_GCM, "xchacha": XCHACHA20_POLY1305}[mode], KEY)
    arrivals: dict[bytes, list[int]] = {}
    count = opened = bad = 0
    sock.settimeout(30)
    end = None
    while end is None or time.monotonic() < end:
        try:
            data, ancillary, _, _ = sock.recvmsg(2048, 64)
        except TimeoutError:
            break
        if end is None:
            end = time.monotonic() + seconds
            sock.settimeout(1)
        whole, fraction = STAMP.unpack(ancillary[0][2])
        arrivals.setdefault(data[8:12], []).append(whole * 1_000_000_000 + fraction)
        count += 1
        if count % OPEN_EVERY == 0:
            try:
                cipher.open(data, 12)
                opened += 1
            except InvalidPacket:
                bad += 1
    return arrivals, opened, bad


def figures(arrivals: dict[bytes, list[int]], opened: int, bad: int) -> dict[str, float]:
    errors: list[int] = []
    jitters: list[float] = []
    for times in arrivals.values():
        times.sort()
        jitter = 0.0
        for before, after in itertools.pairwise(times):
            error = abs(after - before - FRAME_NS)
            errors.append(error)
            jitter += (error - jitter) / 16
        jitters.append(jitter)
    errors.sort()
    count = len(errors) or 1
    return {
        "streams": len(arrivals),
        "packets": sum(map(len, arrivals.values())),
        "p50_ms": errors[count // 2] / 1e6 if errors else -1,
        "p99_ms": errors[count * 99 // 100] / 1e6 if errors else -1,
        "max_ms": errors[-1] / 1e6 if errors else -1,
        "jitter_ms": sum(jitters) / len(jitters) / 1e6 if jitters else -1,
        "opened": opened,
        "bad": bad,
    }


if __name__ == "__main__":
    main()
