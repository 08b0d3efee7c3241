"""Searching by words or URL: prefixes by name, other sources and nodes in reserve, no question asked twice at once."""

from __future__ import annotations

import asyncio
import enum
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voxlink.errors import BadValue, ClientError, RequestError
from voxlink.protocol import AudioTrack, LoadResult, LoadType

if TYPE_CHECKING:
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["Search", "SearchPolicy", "SearchSource", "search_query"]


class SearchSource(enum.StrEnum):
    """Where words are searched; the value is the prefix of the query."""

    YOUTUBE = "ytsearch"
    YOUTUBE_MUSIC = "ytmsearch"
    SOUNDCLOUD = "scsearch"
    SPOTIFY = "spsearch"
    SPOTIFY_RECOMMENDATIONS = "sprec"
    APPLE_MUSIC = "amsearch"
    DEEZER = "dzsearch"
    DEEZER_ISRC = "dzisrc"
    DEEZER_RECOMMENDATIONS = "dzrec"
    YANDEX_MUSIC = "ymsearch"
    YANDEX_RECOMMENDATIONS = "ymrec"
    VK_MUSIC = "vksearch"
    VK_RECOMMENDATIONS = "vkrec"
    TIDAL = "tdsearch"
    TIDAL_RECOMMENDATIONS = "tdrec"
    QOBUZ = "qbsearch"
    QOBUZ_ISRC = "qbisrc"
    QOBUZ_RECOMMENDATIONS = "qbrec"
    JIOSAAVN = "jssearch"
    JIOSAAVN_RECOMMENDATIONS = "jsrec"
    BANDCAMP = "bcsearch"
    PANDORA = "pdsearch"
    AMAZON_MUSIC = "amzsearch"
    SPEECH = "speak"


URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
PREFIXED = re.compile("(?:" + "|".join(source.value for source in SearchSource) + "):")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPolicy:
    """How searches are done.

    Results are kept for `keep_s` seconds, at most `keep_count` of them; failures are not kept. `allowed_hosts` (None:
    all) and `denied_hosts` are names of hosts, subdomains included; a URL that they exclude is a `BadValue`.
    """

    keep_s: float = 300.0
    keep_count: int = 500
    concurrency: int = 16
    allowed_hosts: frozenset[str] | None = None
    denied_hosts: frozenset[str] = frozenset()


def search_query(text: str, source: SearchSource | str = SearchSource.YOUTUBE) -> str:
    """What a node is asked: a URL and a query with a known prefix as they are, words with the source's prefix."""
    words = text.strip()
    if not words:
        raise BadValue("there is nothing to search for")
    if URL.match(words) or PREFIXED.match(words):
        return words
    return f"{SearchSource(source).value if source in list(SearchSource) else source}:{words}"


def _own(result: LoadResult) -> LoadResult:
    """A kept result with tracks of its own: who asks writes a requester into them."""
    tracks = [AudioTrack(track) for track in result.tracks]
    for track in tracks:
        track.user_data = None if track.user_data is None else dict(track.user_data)
    return LoadResult(result.load_type, tracks, result.playlist_info, result.plugin_info, result.error)


class Search:
    """The searches of one client. Every caller gets tracks of its own."""

    def __init__(self, client: Client, policy: SearchPolicy) -> None:
        self._client = client
        self._policy = policy
        self._kept: OrderedDict[str, tuple[float, LoadResult]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[LoadResult]] = {}
        self._gate = asyncio.Semaphore(policy.concurrency)

    async def find(
        self, text: str, source: SearchSource | str, fallback: Sequence[SearchSource | str], node: Node | None
    ) -> LoadResult:
        """The first result of `source`, then of each of `fallback`, that is neither empty nor an error; else the last.

        Raises `BadValue` for a URL that the policy excludes, and the last node's error when every node failed.
        """
        queries = list(dict.fromkeys(search_query(text, one) for one in (source, *fallback)))
        if URL.match(queries[0]):
            self._check_host(queries[0])
        result = LoadResult.empty()
        for query in queries:
            result = _own(await self._once(query, node))
            if result.load_type not in (LoadType.EMPTY, LoadType.ERROR):
                break
        return result

    def _check_host(self, url: str) -> None:
        host = (urlsplit(url).hostname or "").lower()
        names = {".".join(host.split(".")[start:]) for start in range(host.count(".") + 1)}
        allowed = self._policy.allowed_hosts
        if names & self._policy.denied_hosts or (allowed is not None and not names & allowed):
            raise BadValue(f"links to {host or 'nowhere'} are not allowed")

    async def _once(self, query: str, node: Node | None) -> LoadResult:
        """Ask once for all who want to know at the same time; one who gives up leaves the others their answer."""
        key = query if node is None else f"{node.name} {query}"
        now = self._client.now()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < self._policy.keep_s:
            self._kept.move_to_end(key)
            return kept[1]
        task = self._asking.get(key)
        if task is None:
            task = self._client.tasks.spawn(self._ask(key, query, node), "search")
            self._asking[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(task)

    def _done(self, key: str, task: asyncio.Task[LoadResult]) -> None:
        self._asking.pop(key, None)
        if not task.cancelled():
            task.exception()  # told to those who wait

    async def _ask(self, key: str, query: str, node: Node | None) -> LoadResult:
        async with self._gate:
            result = await self._ask_nodes(query, node)
        if result.load_type not in (LoadType.EMPTY, LoadType.ERROR):
            self._kept[key] = (self._client.now(), result)
            self._kept.move_to_end(key)
            while len(self._kept) > self._policy.keep_count:
                self._kept.popitem(last=False)
        return result

    async def _ask_nodes(self, query: str, node: Node | None) -> LoadResult:
        if node is not None:
            return await node.get_tracks(query)
        manager = self._client.node_manager
        rank: Callable[[Node], float] = lambda one: one.effective_penalty  # noqa: E731
        nodes = sorted(manager.ready_nodes or manager.nodes, key=rank)
        failure: Exception = manager.nothing_available()
        for one in nodes:
            try:
                return await one.get_tracks(query)
            except (ClientError, RequestError) as error:
                failure = error
        raise failure
