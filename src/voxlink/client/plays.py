"""Which play a message is about: every play carries a token in its user data, so that messages find their track."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from voxlink.client.deferred import DeferredAudioTrack
from voxlink.protocol import AudioTrack

__all__ = ["RESERVED_KEY", "Play", "Plays", "is_newer", "new_token", "plain_user_data", "tagged_user_data"]

RESERVED_KEY = "voxlink"
"""The key of a track's `userData` that is ours; bots never see it."""
REMEMBERED = 16
_PROCESS = secrets.token_hex(4)
_numbers = itertools.count(1)


@dataclass(slots=True, eq=False)
class Play:
    """One request to play `track`; `encoded` is the text that was sent, `token` names the play on the wire.

    `end_time_ms`, `extra` (arguments for plugins) and `user_data` are kept for a restore. `is_restore` marks a play
    that goes on with a track after its node or session was lost: its start is nothing new. `accepted` is False until
    the node has answered or has told of its start, `failed` is set by a TrackException, `ended` by its TrackEnd.
    """

    track: AudioTrack
    token: str
    encoded: str | None = None
    end_time_ms: int | None = None
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    user_data: Mapping[str, Any] | None = None
    is_restore: bool = False
    accepted: bool = True
    failed: bool = False
    ended: bool = False

    def wire_user_data(self) -> dict[str, Any]:
        """What is sent with it: its user data and our mark, which names the track where the node has another name."""
        tagged = tagged_user_data(self.user_data, self.token, self.track.requester)
        if isinstance(self.track, DeferredAudioTrack):
            tagged[RESERVED_KEY]["of"] = [self.track.source_name, self.track.identifier]
        return tagged


def new_token() -> str:
    """A token that no other play of any process has."""
    return f"{_PROCESS}-{next(_numbers)}"


def is_newer(token: str | None, than: str | None) -> bool:
    """Whether a play was asked for after another one by the same process; False where that cannot be told."""
    process, _, number = (token or "").rpartition("-")
    other_process, _, other_number = (than or "").rpartition("-")
    if process != other_process or not (number.isdecimal() and other_number.isdecimal()):
        return False
    return int(number) > int(other_number)


def tagged_user_data(user_data: Mapping[str, Any] | None, token: str, requester: Any) -> dict[str, Any]:
    """A track's user data with our token (and the requester, where JSON can carry it) under the reserved key."""
    mine: dict[str, Any] = {"play": token}
    if isinstance(requester, str | int | float | bool) and requester:
        mine["requester"] = requester
    return {**(user_data or {}), RESERVED_KEY: mine}


def plain_user_data(user_data: Mapping[str, Any] | None) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """User data as the bot gave it, and what stood under the reserved key."""
    given = dict(user_data or {})
    mine = given.pop(RESERVED_KEY, None)
    return given, cast("Mapping[str, Any]", mine) if isinstance(mine, Mapping) else {}


class Plays:
    """The plays of one player that messages may still be about, oldest first. At most `REMEMBERED` are kept."""

    __slots__ = ("_plays",)

    def __init__(self) -> None:
        self._plays: list[Play] = []  # a deque would cost ten times the memory while it is empty

    @property
    def latest(self) -> Play | None:
        """The play that was asked for last."""
        return self._plays[-1] if self._plays else None

    @property
    def latest_accepted(self) -> Play | None:
        """The play that a node took last; one that is still being asked for does not count."""
        return next((play for play in reversed(self._plays) if play.accepted), None)

    def add(self, play: Play) -> None:
        """Remember a play that a node accepted."""
        self._plays.append(play)
        del self._plays[:-REMEMBERED]

    def forget(self, play: Play) -> None:
        """Drop a play that will not be heard of again."""
        if play in self._plays:
            self._plays.remove(play)

    def clear(self) -> None:
        """Drop all."""
        self._plays.clear()

    def find(self, raw: Mapping[str, Any]) -> Play | None:
        """The play that a message's track belongs to.

        By token; a node that drops user data is matched by source and identifier, oldest play first.
        """
        user_data: Any = raw.get("userData") or {}
        mine: dict[str, Any] | None = user_data.get(RESERVED_KEY)
        token = mine.get("play") if isinstance(mine, dict) else None
        if token is not None:
            for play in reversed(self._plays):
                if play.token == token:
                    return play
            return None
        info: Mapping[str, Any] = raw.get("info") or {}
        wanted = (info.get("sourceName"), info.get("identifier"))
        return next(
            (p for p in self._plays if not p.ended and (p.track.source_name, p.track.identifier) == wanted), None
        )
