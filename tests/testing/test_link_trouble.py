"""A bad day can be repeated."""

from __future__ import annotations

import pytest

from voxlink.testing.link_trouble import LinkTrouble


def fates(trouble: LinkTrouble, count: int = 2000) -> list[list[float]]:
    return [trouble.delays_s() for _ in range(count)]


def test_the_same_seed_makes_the_same_day() -> None:
    bad = {"lose": 0.1, "duplicate": 0.1, "reorder": 0.1, "jitter_ms": 15.0}
    assert fates(LinkTrouble(seed=5, **bad)) == fates(LinkTrouble(seed=5, **bad))
    assert fates(LinkTrouble(seed=5, **bad)) != fates(LinkTrouble(seed=6, **bad))


def test_shares_are_kept() -> None:
    trouble = LinkTrouble(seed=1, lose=0.1, duplicate=0.2)
    drawn = fates(trouble)
    assert trouble.lost == drawn.count([])
    assert trouble.seen == 2000
    assert trouble.lost == pytest.approx(200, abs=50)
    assert sum(len(fate) == 2 for fate in drawn) == pytest.approx(360, abs=70)


def test_a_good_link_changes_nothing() -> None:
    assert fates(LinkTrouble(), 50) == [[0.0]] * 50


def test_reordered_packets_come_behind_their_turn() -> None:
    assert fates(LinkTrouble(reorder=1.0, reorder_ms=30, delay_ms=10), 3) == [[0.04]] * 3
