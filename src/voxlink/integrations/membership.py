"""A bot's place in one guild's voice, from what Discord says about it: a pure machine for joining and for following.

Discord answers a join with two messages in either order: a voice state (session id and the real channel) and a voice
server (token and endpoint; a null endpoint means that another server will be named soon). Moves, kicks and region
changes are further messages of the same two kinds (voice.md 1.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Membership", "Place", "plain_endpoint"]

SCHEME = "://"


@dataclass(frozen=True, slots=True)
class Place:
    """All that is needed to connect to a voice server. The repr hides the token."""

    guild_id: int
    channel_id: int
    session_id: str
    token: str = field(repr=False)
    endpoint: str
    """Host and port, without a scheme."""


@dataclass(slots=True)
class Membership:
    """What is known of the bot's place in a guild's voice. Feed it `state` and `server`; ask it for `place`."""

    guild_id: int
    channel_id: int | None = None
    session_id: str | None = None
    token: str | None = field(default=None, repr=False)
    endpoint: str | None = None
    last_channel_id: int = 0
    """The channel that the bot is in, or was in last."""

    @property
    def place(self) -> Place | None:
        """The place, once both halves are known and the server has an address."""
        if self.channel_id is None or not self.session_id or not self.token or not self.endpoint:
            return None
        return Place(self.guild_id, self.channel_id, self.session_id, self.token, self.endpoint)

    def state(self, channel_id: int | None, session_id: str | None) -> bool:
        """Take the bot's own voice state; whether the bot has just lost its place.

        A null channel while no place was held is the echo of an older leave and changes nothing. One that comes after
        a place ends it: what was known of the server belongs to that place and is forgotten.
        """
        if channel_id is None:
            had_place = self.channel_id is not None
            if had_place:
                self.channel_id = self.session_id = self.token = self.endpoint = None
            return had_place
        self.channel_id = self.last_channel_id = channel_id
        self.session_id = session_id
        return False

    def server(self, token: str, endpoint: str | None) -> None:
        """Take a voice server update; a null endpoint takes the place away until the next one."""
        self.token = token
        self.endpoint = plain_endpoint(endpoint)


def plain_endpoint(endpoint: str | None) -> str | None:
    """An endpoint as Discord sends it, host and port; hikari adds a scheme."""
    if not endpoint:
        return None
    return endpoint.rsplit(SCHEME, 1)[-1].rstrip("/") or None
