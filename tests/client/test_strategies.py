"""Which node takes a player."""

from __future__ import annotations

from typing import Any, cast

from voxlink.client import (
    FewestPlayers,
    LeastPenalty,
    MainFallback,
    Node,
    NodeStrategy,
    Region,
    RoundRobin,
    Shard,
    Sticky,
    Tags,
)
from voxlink.client.strategies import Choice


class Fake:
    def __init__(self, name: str, region: str = "eu", penalty: float = 0, players: int = 0, **tags: Any) -> None:
        self.name, self.region, self.effective_penalty, self.tags = name, region, penalty, tags
        self.roster = dict.fromkeys(range(players))


A = Fake("a", "eu", 5, 1, main=False, shards={0})
B = Fake("b", "us", 1, 3, main=True, shards={1})
C = Fake("c", "us", 3, 2)
NODES = cast("list[Node]", [A, B, C])


def ranked(strategy: NodeStrategy, choice: Choice | None = None) -> str:
    return "".join(node.name for node in strategy(NODES, choice or Choice()))


def test_each_rule_ranks_by_its_own_measure() -> None:
    assert ranked(LeastPenalty()) == "bca"
    assert ranked(FewestPlayers()) == "acb"
    assert ranked(Region(), Choice(region="us")) == "bc"
    assert ranked(Tags(main=True)) == "b"
    assert ranked(MainFallback()) == "bac"
    assert ranked(Sticky(), Choice(previous=cast("Node", C))) == "cab"
    assert ranked(Shard(), Choice(guild_id=1 << 22, shard_count=2)) == "b"


def test_a_rule_that_finds_nothing_has_no_opinion() -> None:
    assert ranked(Region(), Choice(region="asia")) == "abc"
    assert ranked(Tags(nothing=1) | LeastPenalty()) == "bca"


def test_rules_chain() -> None:
    assert ranked(Region() | FewestPlayers(), Choice(region="us")) == "cb"


def test_round_robin_takes_turns() -> None:
    strategy = RoundRobin()
    assert [ranked(strategy)[0] for _ in range(4)] == ["a", "b", "c", "a"]
    assert strategy([], Choice()) == []


def test_a_shard_is_discords() -> None:
    assert Choice(guild_id=(5 << 22) + 3, shard_count=4).shard_id == 1
    assert Choice().shard_id is None
