"""What a node can do, as it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voxlink.client.filters.base import Filter
from voxlink.client.filters.wire import BUILT_IN

__all__ = ["NodeCapabilities", "read_capabilities"]

OURS = "voxlink"
DAVE_SINCE = (4, 2)


@dataclass(frozen=True, slots=True)
class NodeCapabilities:
    """`filters` and `sources` by their names on the wire, `plugins` by name with their versions.

    `says_filters`: whether it lists its filters at all. `supports_dave`: whether it takes part in end-to-end encrypted
    calls (Lavalink 4.2). `is_ours`: it is Voxlink.
    """

    version: str
    filters: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    plugins: Mapping[str, str] = field(default_factory=dict[str, str])
    supports_dave: bool = False
    is_ours: bool = False
    says_filters: bool = False

    def lacks(self, item: Filter[Any]) -> bool:
        """Whether the node says that it does not have a filter. Only Lavalink's own are judged: plugins tell their
        names as they like.
        """
        if not self.says_filters or item.plugin_filter:
            return False
        return any(name in BUILT_IN and name not in self.filters for name in item.serialize())


def read_capabilities(version: str, info: Mapping[str, Any]) -> NodeCapabilities:
    """Read `/version` and `/v4/info`; what is missing or odd counts as not there."""
    plugins: list[Any] = info.get("plugins") or []
    git: Mapping[str, Any] = info.get("git") or {}
    return NodeCapabilities(
        version=version,
        says_filters=isinstance(info.get("filters"), list),
        filters=frozenset(map(str, info.get("filters") or [])),
        sources=frozenset(map(str, info.get("sourceManagers") or [])),
        plugins={str(item["name"]): str(item.get("version", "")) for item in plugins if "name" in item},
        supports_dave=(numbers := version_numbers(version)) is not None and numbers >= DAVE_SINCE,
        is_ours=any(
            OURS in str(value).lower() for value in (git.get("branch"), info.get("lavaplayer"), info.get("jvm"))
        ),
    )


def version_numbers(version: str) -> tuple[int, int] | None:
    """Major and minor of a version such as 4.2.2; None for other texts (snapshots are commit hashes)."""
    parts = version.split(".")
    if len(parts) < 2 or not (parts[0].isdigit() and parts[1].isdigit()):
        return None
    return int(parts[0]), int(parts[1])
