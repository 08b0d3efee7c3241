"""The plugins of a node by name, and the events that they send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from voxlink.client.events import Event, GuildEvent, UnknownTypeEvent
from voxlink.client.plugins import lavalyrics, sponsorblock
from voxlink.client.plugins.lavalyrics import LavaLyrics
from voxlink.client.plugins.lavasearch import LavaSearch
from voxlink.client.plugins.lavasrc import LavaSrc
from voxlink.client.plugins.sponsorblock import SponsorBlock
from voxlink.client.plugins.youtube import YouTube

if TYPE_CHECKING:
    from voxlink.client.base_player import BasePlayer
    from voxlink.client.node import Node

__all__ = ["Plugins", "plugin_events"]

Build = Callable[["BasePlayer | None", "Node", Mapping[str, Any]], Event]


class Plugins:
    """`node.plugins`: one typed namespace for each plugin."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @cached_property
    def lavalyrics(self) -> LavaLyrics:
        """Lyrics."""
        return LavaLyrics(self._node)

    @cached_property
    def lavasearch(self) -> LavaSearch:
        """Search for more than tracks."""
        return LavaSearch(self._node)

    @cached_property
    def lavasrc(self) -> LavaSrc:
        """Albums, artists and previews of tracks."""
        return LavaSrc(self._node)

    @cached_property
    def sponsorblock(self) -> SponsorBlock:
        """Parts of videos to skip."""
        return SponsorBlock(self._node)

    @cached_property
    def youtube(self) -> YouTube:
        """Tokens of the YouTube source."""
        return YouTube(self._node)


def plugin_events() -> dict[str, Build]:
    """How each event type of the known plugins becomes an event."""
    return {name: _build(name, make) for name, make in {**lavalyrics.EVENTS, **sponsorblock.EVENTS}.items()}


def _build(name: str, make: Callable[[BasePlayer, Mapping[str, Any]], GuildEvent]) -> Build:
    def build(player: BasePlayer | None, node: Node, data: Mapping[str, Any]) -> Event:
        return UnknownTypeEvent(node, None, name, data) if player is None else make(player, data)

    return build
