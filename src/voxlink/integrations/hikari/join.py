"""One join of hikari's under way: what Discord has said since it began."""

from __future__ import annotations

import asyncio
from typing import Any

import hikari

from voxlink.integrations.membership import Membership, Place

__all__ = ["Join", "feed"]


class Join:
    """One `connect_to` under way: what Discord has said since it began, and the events for the connection to come."""

    def __init__(self, guild_id: hikari.Snowflake, user_id: hikari.Snowflake) -> None:
        self.user_id = user_id
        self.membership = Membership(guild_id)
        self.events: list[hikari.VoiceEvent] = []
        self.initializing: asyncio.Future[Any] | None = None
        self.is_aborted = False
        self.has_asked = False
        """Whether op 4 was sent, so that there is something to leave."""
        self.ended = asyncio.Event()
        self._changed = asyncio.Event()

    def heard(self, event: hikari.VoiceEvent) -> None:
        """Take an event of the guild; those that come while `initialize` runs are kept for the connection."""
        if self.initializing is not None:
            self.events.append(event)
        feed(self.membership, self.user_id, event)
        self._changed.set()

    async def placed(self) -> Place:
        """Wait until both halves of the join are known. Raises `ComponentStateConflictError` if aborted."""
        while (place := self.membership.place) is None or self.is_aborted:
            self.check_aborted()
            self._changed.clear()
            await self._changed.wait()
        return place

    def abort(self) -> None:
        """The component closes: stop wherever the join is."""
        self.is_aborted = True
        self._changed.set()
        if self.initializing is not None:
            self.initializing.cancel()

    def check_aborted(self) -> None:
        """Raise `ComponentStateConflictError` if the component closes."""
        if self.is_aborted:
            raise hikari.ComponentStateConflictError("The voice component was closed during the join")


def feed(membership: Membership, user_id: int, event: hikari.VoiceEvent) -> bool:
    """Tell a membership of a hikari event; whether the bot has just lost its place."""
    if isinstance(event, hikari.VoiceServerUpdateEvent):
        membership.server(event.token, event.raw_endpoint)
    elif isinstance(event, hikari.VoiceStateUpdateEvent) and event.state.user_id == user_id:
        return membership.state(event.state.channel_id, event.state.session_id)
    return False
