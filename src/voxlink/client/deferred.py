"""Tracks that are looked up when they are played, and sources of the bot's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from voxlink.protocol import AudioTrack, LoadResult

if TYPE_CHECKING:
    from voxlink.client.client import Client

__all__ = ["DeferredAudioTrack", "Source"]


class DeferredAudioTrack(ABC, AudioTrack):
    """A track that holds metadata only; `load` finds what is played, when it is played."""

    @abstractmethod
    async def load(self, client: Client) -> str | None:
        """The base64 text to play; None or `LoadError` when there is none. May be kept in `self.track`."""


class Source(ABC):
    """A place of the bot's own to look for tracks. Sources with the same name are the same."""

    def __init__(self, name: str) -> None:
        self.name: str = name

    @abstractmethod
    async def load_item(self, client: Client, query: str) -> LoadResult | None:
        """What `query` finds here; None when it is not for this source."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<Source name={self.name}>"
