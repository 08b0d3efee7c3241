"""Which source an identifier belongs to: all are asked in order, references are followed (server.md 5.1)."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from voxlink.audio import Media
from voxlink.errors import LoadFailed, MediaError
from voxlink.playback.sources.source import Reference, Source
from voxlink.protocol import ExceptionDetails, Loaded, LoadedEmpty, LoadedError, Severity, Track

_MAX_HOPS = 5
"""So many redirects and playlist entries are followed one after another; more name nothing."""

_SCHEMES = ("http://", "https://", "icy://")
"""A reference comes from elsewhere and may only lead into the network, never to a file of this machine."""

_log = logging.getLogger("voxlink.playback")


class SourceRegistry:
    """The sources of an engine, in the order in which they are asked; `http` belongs last."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = list(sources)

    @property
    def names(self) -> list[str]:
        """The sources' names, as `/v4/info` lists them."""
        return [source.name for source in self._sources]

    async def load(self, identifier: str) -> Loaded:
        """Find what an identifier names. Failures are a `LoadedError` with their real message, never raised.

        The identifier goes to each source as it is; what no source knows is `LoadedEmpty`.
        """
        reference = Reference(identifier)
        try:
            for _ in range(_MAX_HOPS + 1):
                found = await self._ask(reference)
                if not isinstance(found, Reference):
                    return found
                if not found.identifier.startswith(_SCHEMES):
                    return LoadedEmpty()
                reference = Reference(found.identifier, found.title or reference.title)
        except (LoadFailed, MediaError) as error:
            _log.info("%r could not be loaded: %s", _shown(identifier), error)
            return LoadedError(details_of(error))
        return LoadedEmpty()

    async def _ask(self, reference: Reference) -> Loaded | Reference:
        for source in self._sources:
            found = await source.load(reference)
            if found is not None:
                return found
        return LoadedEmpty()

    async def open(self, track: Track) -> Media:
        """Open the sound of a track. Raises LoadFailed, and the MediaError family for what is no music any more.

        The media blocks: use and close it in a worker thread. Cancelling leaves nothing open.
        """
        name = track.info.source_name
        source = next((source for source in self._sources if source.name == name), None)
        if source is None:
            raise LoadFailed(f"The source {name!r} is not enabled on this node.", "common")
        return await source.open(track)

    async def close(self) -> None:
        """Stop every source."""
        for source in self._sources:
            await source.close()


def details_of(error: LoadFailed | MediaError) -> ExceptionDetails:
    """Return a failure as the API tells it: `cause` is its root, `cause_stack_trace` the whole chain, line by line."""
    chain: list[str] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(f"{type(link).__name__}: {link}" if str(link) else type(link).__name__)
        link = link.__cause__
    return ExceptionDetails(
        message=error.message,
        severity=Severity(error.severity),
        cause=chain[-1],
        cause_stack_trace="\nCaused by: ".join(chain),
    )


def _shown(identifier: str) -> str:
    """The identifier for a log line, without what may be secret: a password before the host, a query."""
    return re.sub(r"//[^/@]*@", "//", identifier.partition("?")[0])[:200]
