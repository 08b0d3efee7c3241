"""What plays when the queue is empty: providers that suggest tracks from what was played."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from voxlink.client.events import AutoplayEvent
from voxlink.errors import LavalinkError
from voxlink.protocol import AudioTrack

if TYPE_CHECKING:
    from voxlink.client.player import DefaultPlayer

__all__ = ["AutoplayMode", "AutoplayProvider", "Recommendations", "more_tracks"]

log = logging.getLogger("voxlink.client.player")

SEEDS = 5
LIMIT_S = 15.0
AT_MOST = 10

RECOMMENDATIONS = {
    "spotify": "sprec:seed_tracks={id}",
    "deezer": "dzrec:{id}",
    "yandexmusic": "ymrec:{id}",
    "vkmusic": "vkrec:{id}",
    "tidal": "tdrec:{id}",
    "qobuz": "qbrec:{id}",
    "jiosaavn": "jsrec:{id}",
    "youtube": "https://www.youtube.com/watch?v={id}&list=RD{id}",
}
"""How each source names tracks like one that it knows: LavaSrc's prefixes, and YouTube's radio list."""


class AutoplayMode(enum.Enum):
    """What `player.autoplay` may say instead of naming a provider; wavelink's `AutoPlayMode`.

    `OFF`: the player rests at the end of every track. `PARTIAL`: it goes on with its queue. `ON`: when that is empty
    too, with what the client's provider suggests, or `Recommendations`.
    """

    OFF = "off"
    PARTIAL = "partial"
    ON = "on"


class AutoplayProvider(Protocol):
    """Suggests tracks."""

    async def next(self, player: DefaultPlayer, seeds: Sequence[AudioTrack]) -> Sequence[AudioTrack]:
        """Tracks to go on with, best first; `seeds` are the last ones that played, the newest first."""
        ...


class Recommendations:
    """Suggests what the source of the last track recommends, leaving out what was played already."""

    def __init__(self, at_most: int = AT_MOST) -> None:
        self._at_most = at_most

    async def next(self, player: DefaultPlayer, seeds: Sequence[AudioTrack]) -> Sequence[AudioTrack]:
        """Ask the player's node about the seeds, one after another, until one gives something new."""
        played = {(track.source_name, track.identifier) for track in (*player._kept_queue.history, *seeds)}
        for seed in seeds:
            pattern = RECOMMENDATIONS.get(seed.source_name)
            if pattern is None:
                continue
            found = await player.node.get_tracks(pattern.format(id=seed.identifier))
            fresh = [track for track in found.tracks if (track.source_name, track.identifier) not in played]
            if fresh:
                return fresh[: self._at_most]
        return []


def _provider_of(player: DefaultPlayer) -> AutoplayProvider | None:
    """Who suggests tracks to this player."""
    chosen: Any = player.autoplay
    if chosen is AutoplayMode.ON:
        chosen = player.client.autoplay
        if chosen is None or isinstance(chosen, AutoplayMode):
            return Recommendations()
    return chosen if callable(getattr(chosen, "next", None)) else None  # many bots have a flag of this name


async def more_tracks(player: DefaultPlayer) -> None:
    """Queue what the player's provider suggests. Never raises and never takes more than 15 s."""
    provider = _provider_of(player)
    if provider is None:
        return
    newest_first = [track for track in (player.current, *reversed(player._kept_queue.history)) if track is not None]
    try:
        async with asyncio.timeout(LIMIT_S):
            tracks = list(await provider.next(player, newest_first[:SEEDS]))
    except (LavalinkError, TimeoutError) as error:
        log.warning("Autoplay of guild %d found nothing: %s", player.guild_id, error or type(error).__name__)
        return
    except Exception:
        log.exception("The autoplay provider of guild %d raised", player.guild_id)
        return
    if tracks:
        player.queue.extend(tracks)
        player.client.publish(AutoplayEvent(player, tracks))
