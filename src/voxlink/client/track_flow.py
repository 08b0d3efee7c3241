"""What follows a track's end: the next one, a retry, or a rest, within the player's error budget."""
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the client's classes are one object model; underscores keep names free for players of bots

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from voxlink.client.autoplay import AutoplayMode
from voxlink.client.events import (
    ErrorBudgetExceededEvent,
    PlayerErrorEvent,
    TrackEndEvent,
    TrackLoadFailedEvent,
    TrackStuckEvent,
)
from voxlink.client.rest import RETRIED_STATUSES
from voxlink.errors import ClientError, LavalinkError, RequestError
from voxlink.protocol import EndReason

if TYPE_CHECKING:
    from voxlink.client.player import DefaultPlayer

__all__ = ["advance", "after_end", "after_stuck"]

log = logging.getLogger("voxlink.client.player")

AWAY_TRIES = 150
"""How often a node is tried that seems connected but does not answer: about five minutes."""
LONGEST_WAIT_S = 2.0
SERVER_TRIES = 3
KNOWN_RESTS = frozenset({EndReason.STOPPED, EndReason.REPLACED, EndReason.CLEANUP})


async def after_end(player: DefaultPlayer, event: TrackEndEvent) -> None:
    """Start the next track, if this end is the end of what was asked for last."""
    if not _is_latest(player, event) or event.reason in KNOWN_RESTS:
        # Any reason that we do not know counts as an end: a queue that goes on is better than one that stands still.
        return
    failed = event.reason is EndReason.LOAD_FAILED or (event._play is not None and event._play.failed)
    if failed:
        if not await _spend(player):
            return
    else:
        player._budget.clear()
    if _is_latest(player, event):
        await advance(player)


async def after_stuck(player: DefaultPlayer, event: TrackStuckEvent) -> None:
    """Replace a stuck track by the next one."""
    if _is_latest(player, event) and await _spend(player) and _is_latest(player, event):
        await advance(player)


def _is_latest(player: DefaultPlayer, event: TrackEndEvent | TrackStuckEvent) -> bool:
    """Whether nothing newer was asked for since the play that the event is about."""
    latest = player._plays.latest
    if event._play is None:
        # A track that we did not start; while one of ours plays it says nothing about ours.
        return latest is None or latest.ended
    return event._play is latest and player.current is event._play.track


async def _spend(player: DefaultPlayer) -> bool:
    """Count a failure and wait as the policy says; False when the policy ends the playing."""
    budget = player._budget
    if not budget.record(player.client.now()):
        delay = budget.delay_s()
        if delay:
            await asyncio.sleep(delay)
        return True
    action = budget.policy.action
    log.warning("Too many tracks of guild %d failed; the policy says: %s", player.guild_id, action)
    player._publish(ErrorBudgetExceededEvent(player, budget.count, action))
    player._dropped = player.current
    if action == "destroy":
        await player.client.player_manager.destroy_because(player.guild_id, "errors")
    elif action == "stop":
        await player.stop()
    return action == "skip"


async def advance(player: DefaultPlayer) -> None:
    """Play the next track until one is accepted or nothing is left.

    A node that cannot be reached, itself or behind its proxy, is tried again with growing waits, or the player waits
    for its restore; no track is lost by that. One that the node refuses is told in a `PlayerErrorEvent` and left out.
    What somebody else does meanwhile (plays, stops) ends the advance. With `AutoplayMode.OFF` the player rests instead.
    """
    if player.autoplay is AutoplayMode.OFF:
        await player.stop()
        return
    tries = 0
    while not player._destroyed:
        before = player._plays.latest, player.current
        try:
            await player.play()
        except (LavalinkError, ValueError, TypeError) as error:
            tries += 1
            is_away = _is_away(error)
            if tries == 1 or not is_away:
                player._publish(PlayerErrorEvent(player, error))
            if is_away and (not player.node.is_ready or tries >= AWAY_TRIES):
                player._advance_due = True  # it goes on when the node is back
                return
            if is_away or tries < _tries_for(error):
                await asyncio.sleep(min(LONGEST_WAIT_S, 2.0 ** (tries - 1)))
                if (player._plays.latest, player.current) != before:
                    return
                continue
            tries = 0
            goes_on = await _leave_out(player)
        else:
            goes_on = _should_pass_over(player) and await _spend(player)
        if not goes_on:
            return


def _is_away(error: Exception) -> bool:
    """Whether the node was not asked at all, so that the error says nothing about the track."""
    return isinstance(error, ClientError) or (isinstance(error, RequestError) and error.status in RETRIED_STATUSES)


def _tries_for(error: Exception) -> int:
    """How often a track is tried before it is left out: the node may be at fault, or the track."""
    return SERVER_TRIES if isinstance(error, RequestError) and error.status >= 500 else 1


async def _leave_out(player: DefaultPlayer) -> bool:
    """Give up on the track that was tried; False when the policy ends the playing."""
    track = player._chosen
    if track is None:
        return False
    player._take(track)
    if track is player.current:
        player._dropped = track
    return await _spend(player)


def _should_pass_over(player: DefaultPlayer) -> bool:
    """Whether a deferred track has just failed and nobody listens who could skip it."""
    track = player._chosen
    return track is not None and player.current is None and TrackLoadFailedEvent not in player.client.hooks
