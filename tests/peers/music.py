"""Frames to recognise, and how many of them came through."""

from __future__ import annotations

import random

from peers.peer_process import fingerprint


def music(seed: int, count: int) -> list[bytes]:
    """Frames that look like 20 ms of stereo Opus and differ from each other."""
    chance = random.Random(seed)
    return [b"\xfc" + chance.randbytes(chance.randint(80, 300)) for _ in range(count)]


def covered(heard: list[str], sent: list[bytes]) -> float:
    """Share of the sent frames that were decoded; nothing else may be, and nothing twice."""
    wanted = {fingerprint(frame) for frame in sent}
    assert len(heard) == len(set(heard))
    assert set(heard) <= wanted
    return len(heard) / len(wanted)
