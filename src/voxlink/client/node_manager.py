"""The nodes of a client: adding, removing, finding the best."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voxlink.client.address import parse_node_uri
from voxlink.client.node import Node
from voxlink.client.regions import checked_regions, region_of
from voxlink.client.strategies import Choice
from voxlink.errors import BadValue, ClientError

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.client import Client

__all__ = ["NodeManager"]

log = logging.getLogger("voxlink.client.node")


class NodeManager:
    """All nodes of a client. `len()` counts them, iteration gives them; `nodes` and `regions` are the tables."""

    def __init__(self, client: Client, regions: Mapping[str, Iterable[str]] | None, connect_back: bool) -> None:
        self.client = client
        self.nodes: list[Node] = []
        self.regions = checked_regions(regions)
        self._connect_back = connect_back

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(list(self.nodes))

    @property
    def _player_queue(self) -> list[BasePlayer]:
        """Players that wait for a node."""
        return self.client.failover.waiting

    @property
    def available_nodes(self) -> list[Node]:
        """The nodes with an open WebSocket."""
        return [node for node in self.nodes if node.available]

    @property
    def ready_nodes(self) -> list[Node]:
        """The nodes that can take a player: ready, and not being drained."""
        return [node for node in self.nodes if node.is_ready]

    def add_node(
        self,
        host: str,
        port: int,
        password: str,
        region: str,
        name: str | None = None,
        ssl: bool = False,
        session_id: str | None = None,
        connect: bool = True,
        tags: Mapping[str, Any] | None = None,
    ) -> Node:
        """Add a node; it connects as soon as an event loop runs, unless `connect` is False.

        `host` may be a URL with a path prefix. `session_id` asks to resume that session; without one the store's is
        used. Raises ValueError for an address that is none.
        """
        node = Node(self, host, port, password, region, name, ssl, session_id, connect, tags)
        self.nodes.append(node)
        return node

    def free_store_key(self, name: str) -> str:
        """Under what a store keeps what belongs to a new node. Nodes of one name are told apart by a number in the
        order of adding, which must then be the same in every process; that is warned about.
        """
        taken = {node.store_key for node in self.nodes}
        if name not in taken:
            return name
        key = next(key for number in itertools.count(2) if (key := f"{name}#{number}") not in taken)
        log.warning(
            "Two nodes are called %s: a store keeps what belongs to the later one as %s. Give each a name of its own, "
            "or always add them in this order",
            name,
            key,
        )
        return key

    def add_node_uri(self, uri: str, *, connect: bool = True, tags: Mapping[str, Any] | None = None) -> Node:
        """Add a node by `lavalink://:password@host:port/prefix?region=eu&name=main&ssl=1`. Raises ValueError."""
        parsed = parse_node_uri(uri)
        node = Node(self, str(parsed.address), parsed.address.port, parsed.password, parsed.region, parsed.name,
                    connect=connect, tags=tags)  # fmt: skip
        self.nodes.append(node)
        return node

    def remove_node(self, node: Node) -> None:
        """The same as `remove`, under its old name."""
        self.remove(node)

    def remove(self, node: Node) -> None:
        """Forget a node. Its connection is closed and its players move to other nodes, in the background.

        Raises ValueError if it is not one of ours. `Client.remove_node` waits and lets you choose.
        """
        self.discard(node)
        self.client.failover.node_removed(node)

    def discard(self, node: Node) -> None:
        """Take a node from the table, and nothing else. Raises ValueError if it is not one of ours."""
        if node not in self.nodes:
            raise BadValue(f"{node.name} is not a node of this client")
        self.nodes.remove(node)

    def nothing_available(self) -> ClientError:
        """The error for a request that no node can take; it says what each of them is doing."""
        states = ", ".join(f"{node.name} is {node.state.value}" for node in self.nodes) or "none was added"
        return ClientError(f"No available nodes! ({states})")

    def get_nodes_by_region(self, region_key: str) -> list[Node]:
        """The nodes of a region, connected or not."""
        return [node for node in self.nodes if node.region == region_key]

    def get_region(self, endpoint: str) -> str | None:
        """The region key of a Discord voice endpoint, among those that have a connected node; None if unknown."""
        if not endpoint:
            return None
        return region_of(endpoint, self.regions, {node.region for node in self.available_nodes})

    def find_ideal_node(
        self,
        region: str | None = None,
        exclude: Sequence[Node] | None = None,
        *,
        guild_id: int | None = None,
        node_filter: Callable[[Node], bool] | None = None,
        previous: Node | None = None,
        endpoint: str | None = None,
    ) -> Node | None:
        """The best ready node, of `region` if it has any; None if no node is ready. The client's strategy is told the
        rest.

        Nodes that `node_filter` refuses are only used if it refuses all.
        """
        excluded = exclude or ()
        usable = [node for node in self.ready_nodes if node not in excluded]
        if node_filter is not None:
            usable = [node for node in usable if node_filter(node)] or usable
        if region is not None:
            usable = [node for node in usable if node.region == region] or usable
        choice = Choice(guild_id, region, self.client.shard_count, previous, endpoint)
        ranked = self.client.strategy(usable, choice) if usable else []
        return ranked[0] if ranked else None
