"""Twenty people come and go in a process of their own while we play: nothing of ours is lost, and the pace holds."""

from __future__ import annotations

import pytest
from benchmarks.voice_storm import MEMBERS, play_into, start_channel

LOST_FRAMES_PER_CHANGE = 2
LONGEST_GAP_MS = 200.0
"""Ten frames' time: the machine may be busy, but no coming or going may hold our packets up."""

LARGEST_SKEW_S = 0.35
"""Promised is 300 ms, and our margin is 350 (design.md, "DAVE"); what the people's own process adds is counted in."""
SKIPPED_BY_A_BUSY_MACHINE = 10


@pytest.mark.parametrize(
    ("changes", "seed"),
    [(12, 5), *(pytest.param(200, seed, marks=pytest.mark.long) for seed in (7, 8))],
)
async def test_a_storm_of_members_is_not_heard(monkeypatch: pytest.MonkeyPatch, changes: int, seed: int) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "")  # set by what follows, and put back afterwards
    with start_channel(MEMBERS, changes, 0.0, seed) as channel:
        try:
            heard, underruns, skipped = await play_into(channel)
        finally:
            channel.kill()
    everybody = heard.pop("lost")
    lost = [frames for frames, skew_s in everybody if skew_s <= LARGEST_SKEW_S]
    later = [(frames, skew_s) for frames, skew_s in everybody if frames and skew_s > LARGEST_SKEW_S]
    print(f"\n{changes} changes, seed {seed}: {sum(lost)} lost by {len(lost)} of {len(everybody)}, {later}; {heard}")
    assert len(lost) >= changes, "old members were there to judge"
    assert heard["heard"] > 10 * len(everybody), "and heard us: at least 15 frames go by after a change"
    assert max(lost) <= LOST_FRAMES_PER_CHANGE
    assert (underruns, heard["silent"], heard["faults"]) == (0, 0, [])
    assert heard["missing"] <= skipped <= SKIPPED_BY_A_BUSY_MACHINE
    assert heard["median_ms"] == pytest.approx(20.0, abs=1.0)
    assert heard["p99_ms"] < LONGEST_GAP_MS
