"""The short form of the voice fuzzing campaign: nothing but our named errors comes out (`python -m fuzz.voice`)."""

from __future__ import annotations

import pytest
from fuzz import voice


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_packets_and_messages_raise_only_named_errors(seed: int) -> None:
    counts = voice.campaign(3000, seed)
    assert counts.total() == 3000
    assert set(counts) >= set(voice.CASES) - {"ops 25-30, whole"}


@pytest.mark.parametrize("kind", range(len(voice.CASES)))
def test_each_kind_takes_libfuzzers_bytes(kind: int) -> None:
    for pick in range(4):
        voice.check(bytes([kind, pick]))
        voice.check(bytes([kind, pick, 0, 3, 255, 0x80, 5, 1, 2, 3]))
        voice.check(bytes([kind]))
