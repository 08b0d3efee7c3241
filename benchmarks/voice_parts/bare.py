"""What a packet costs at the least: N streams sealed and sent on the transmitter's grid, and nothing else.

No queue, no pipe, no reports, no end-to-end encryption; each stream has its own socket, key and a second of frames, as
in the transmitter. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.voice_parts.engine import cpu_s
from voxlink.voice.encryption import NONCE
from voxlink.voice.rtp import HEADER, OPUS_PAYLOAD_TYPE, VERSION_2
from voxlink.voice.transmitter.child import raise_priority
from voxlink.voice.transmitter.core import BUCKET_STREAMS, SLOT_S

FRAME_BYTES = 178
FRAMES = 50


def main() -> None:
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    raise_priority(realtime=sys.argv[4] == "realtime")
    streams = []
    for ssrc in range(count):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect(("127.0.0.1", port))
        frames = [secrets.token_bytes(FRAME_BYTES) for _ in range(FRAMES)]
        streams.append((ssrc + 1, frames, AESGCM(secrets.token_bytes(32)).encrypt, sock.send))
    groups = [streams[at : at + BUCKET_STREAMS] for at in range(0, count, BUCKET_STREAMS)]
    start = time.perf_counter()
    cpu, packets = 0.0, 0
    for slot in range(int((seconds - 1.5) / SLOT_S)):  # the receiver leaves a second early
        if slot == int(1 / SLOT_S):
            cpu, packets = cpu_s(os.getpid()), 0
        nonce = NONCE.pack(slot)
        for number, group in enumerate(groups):
            wait = start + (slot + number / len(groups)) * SLOT_S - time.perf_counter()
            time.sleep(max(wait, 0.00001))  # a real-time process that never rests is ended by the system
            for ssrc, frames, seal, send in group:
                header = HEADER.pack(VERSION_2, OPUS_PAYLOAD_TYPE, slot, slot * 960, ssrc)
                send(header + seal(nonce, frames[slot % FRAMES], header) + nonce[:4])
            packets += len(group)
    print(json.dumps({"bare_us": (cpu_s(os.getpid()) - cpu) / packets * 1e6}), flush=True)


if __name__ == "__main__":
    main()
