"""Which node takes a player: small rules that sort or filter nodes, chained with `|`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voxlink.client.node import Node

__all__ = [
    "Choice",
    "FewestPlayers",
    "LeastPenalty",
    "MainFallback",
    "NodeStrategy",
    "Region",
    "RoundRobin",
    "Shard",
    "Sticky",
    "Tags",
    "VoicePing",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is known when a node is chosen."""

    guild_id: int | None = None
    region: str | None = None
    shard_count: int = 1
    previous: Node | None = None
    endpoint: str | None = None

    @property
    def shard_id(self) -> int | None:
        """The shard that the guild belongs to (Discord's formula)."""
        return None if self.guild_id is None else (self.guild_id >> 22) % self.shard_count


Rank = Callable[[Sequence["Node"], Choice], list["Node"]]


class NodeStrategy:
    """A rule that takes nodes and gives them back sorted or fewer. `a | b` applies `a`, then `b` to its answer.

    An answer without nodes counts as no opinion, so that a chain never ends with nothing.
    """

    def __init__(self, rank: Rank) -> None:
        self._rank = rank

    def __call__(self, nodes: Sequence[Node], choice: Choice) -> list[Node]:
        """Rank the nodes, the best first."""
        return self._rank(nodes, choice) or list(nodes)

    def __or__(self, other: NodeStrategy) -> NodeStrategy:
        return NodeStrategy(lambda nodes, choice: other(self(nodes, choice), choice))


def LeastPenalty() -> NodeStrategy:  # noqa: N802 - reads as a value
    """The node with the lowest penalty first; players assigned since its last statistics count too."""
    return NodeStrategy(lambda nodes, _: sorted(nodes, key=lambda node: node.effective_penalty))


def FewestPlayers() -> NodeStrategy:  # noqa: N802
    """The node with the fewest of our players first."""
    return NodeStrategy(lambda nodes, _: sorted(nodes, key=lambda node: len(node.roster)))


def Region() -> NodeStrategy:  # noqa: N802
    """Only nodes of the wanted region, if it has any."""
    return NodeStrategy(lambda nodes, choice: [node for node in nodes if node.region == choice.region])


def Tags(**wanted: Any) -> NodeStrategy:  # noqa: N802
    """Only nodes with these tags, if there are any."""
    return NodeStrategy(
        lambda nodes, _: [node for node in nodes if all(node.tags.get(k) == v for k, v in wanted.items())]
    )


def Shard() -> NodeStrategy:  # noqa: N802
    """Only nodes whose tag `shards` (a collection of shard ids) holds the guild's shard, if there are any."""
    return NodeStrategy(lambda nodes, choice: [n for n in nodes if choice.shard_id in n.tags.get("shards", ())])


def MainFallback() -> NodeStrategy:  # noqa: N802
    """Nodes with the tag `main` before all others; otherwise the given order stays."""
    return NodeStrategy(lambda nodes, _: sorted(nodes, key=lambda node: not node.tags.get("main")))


def Sticky() -> NodeStrategy:  # noqa: N802
    """The node that had the guild before, first."""
    return NodeStrategy(lambda nodes, choice: sorted(nodes, key=lambda node: node is not choice.previous))


def RoundRobin() -> NodeStrategy:  # noqa: N802
    """Each node in turn."""
    turns = itertools.count()

    def rank(nodes: Sequence[Node], _: Choice) -> list[Node]:
        if not nodes:
            return []
        start = next(turns) % len(nodes)
        return [*nodes[start:], *nodes[:start]]

    return NodeStrategy(rank)


def VoicePing() -> NodeStrategy:  # noqa: N802
    """The node with the lowest ping to the guild's voice server, as its players near there report; one that nobody
    has measured yet comes first, so that it is.
    """
    return NodeStrategy(lambda nodes, choice: sorted(nodes, key=lambda node: node.voice_ping(choice.endpoint)))
