"""What one frame of 20 ms costs: read and decoded from each format, passed through, encoded, joined.

The music is the bundled piece, written to a folder of its own in each of the seven formats.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from tests.support.media import KINDS, make_media

from benchmarks.measure import measure, table
from voxlink.audio import (
    FRAME_MS,
    PRIMING_FRAMES,
    Block,
    FrameCutter,
    OpusDecoder,
    OpusEncoder,
    crossfade,
    open_media,
)
from voxlink.testing import bundled_piece

FRAME_US = FRAME_MS * 1000
ROUNDS = 5


def main() -> None:
    with open_media(bundled_piece()) as media:
        piece = np.concatenate([block.samples for block in media.blocks()])
    frames = list(FrameCutter().push(piece))
    with tempfile.TemporaryDirectory() as folder:
        paths = {kind: make_media(Path(folder) / f"a.{KINDS[kind].extension}", piece, kind) for kind in KINDS}
        header = ["reading a file", "CPU us a frame", "of 20 ms", "open ms", "seek ms"]
        print(table(header, reading(paths, len(frames))))
    print()
    print(table(["one frame", "p50 us", "p99 us", "p99 of 20 ms"], coding(frames)))


def reading(paths: dict[str, Path], frames: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for kind, path in paths.items():
        for name, passing in ((kind, False), (f"{kind}, untouched", True))[: 1 + KINDS[kind].is_opus]:
            frame_us = min(once(path, passing=passing) for _ in range(ROUNDS)) / frames * 1e6
            rows.append([name, f"{frame_us:.1f}", f"{frame_us / FRAME_US:.2%}", *opening(path)])
    return rows


def once(path: Path, *, passing: bool) -> float:
    start = time.thread_time()
    with open_media(path) as media:
        for _ in media.packets() if passing else media.blocks():
            pass
    return time.thread_time() - start


def opening(path: Path) -> list[str]:
    def opened() -> None:
        with open_media(path) as media:
            next(media.blocks())

    with open_media(path) as media:
        places = iter(range(1_000, 26_000, 37))

        def sought() -> None:
            media.seek(next(places))
            next(media.blocks())

        return [f"{measure(opened, 50)[0] / 1000:.2f}", f"{measure(sought, 200)[0] / 1000:.2f}"]


def coding(frames: list[Block]) -> list[list[str]]:
    rows: list[list[str]] = []
    endless = iter(frames * 100)
    for complexity in (0, 5, 10):
        encoder = OpusEncoder(128_000, complexity=complexity)
        rows.append(row(f"encode, complexity {complexity}", *measure(lambda e=encoder: e.encode(next(endless)), 3_000)))
    encoder, decoder = OpusEncoder(), OpusDecoder()
    packets = iter([encoder.encode(frame) for frame in frames] * 5)
    rows.append(row("decode", *measure(lambda: decoder.decode(next(packets)), 3_000)))
    rows.append(row("crossfade", *measure(lambda: crossfade(frames[1], frames[2]), 3_000)))

    def join() -> None:
        fresh = OpusEncoder()
        fresh.prime(frames[50 : 50 + PRIMING_FRAMES])
        fresh.encode(frames[50 + PRIMING_FRAMES])

    rows.append(row("first packet of a join", *measure(join, 200)))
    return rows


def row(name: str, p50: float, p99: float) -> list[str]:
    return [name, f"{p50:.1f}", f"{p99:.1f}", f"{p99 / FRAME_US:.2%}"]
