"""The node's clockwork is Lavalink's where Lavalink has one."""

from __future__ import annotations

from voxlink.nodeserver import Timings


def test_stats_come_every_minute_and_a_lost_client_is_noticed_within_two() -> None:
    timings = Timings()
    assert timings.stats_every_s == 60
    assert timings.dead_after_s + timings.ping_every_s < 120
    assert timings.ping_every_s * 2 < timings.dead_after_s
