"""Lavalink's three enumerations, with the manners of Lavalink.py: they compare with strings in any case.

They can be keys (`{EndReason.FINISHED: …}`), and a value that a newer server invents is kept: see `WireEnum.read`.
"""

from __future__ import annotations

from enum import Enum
from typing import Self, cast

__all__ = ["EndReason", "LoadType", "Severity", "WireEnum"]


class WireEnum(Enum):
    """An enumeration whose members are texts on the wire."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return self.value.lower() == other.lower()
        return self.__class__ is other.__class__ and isinstance(other, WireEnum) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return self.value

    @classmethod
    def from_str(cls, other: str) -> Self:
        """The member with this name (in any case) or exactly this value; raises `ValueError` if there is none."""
        member = cls.__members__.get(other.upper())
        if member is not None:
            return member
        try:
            return cls(other)
        except ValueError:
            raise ValueError(f"{other} is not a valid {cls.__name__} enum!") from None

    @classmethod
    def read(cls, text: str) -> Self:
        """The member that the wire spells `text`; for a text that we do not know, a member of its own.

        Such a member has the name `UNKNOWN`, keeps the text as its value and equals other members of that text.
        """
        known = cls._value2member_map_.get(text)  # a third of what calling the class costs
        if known is not None:
            return cast("Self", known)
        member = object.__new__(cls)
        member._name_ = "UNKNOWN"
        member._value_ = text
        return member


class EndReason(WireEnum):
    """Why a track ended (server.md 1.5)."""

    FINISHED = "finished"
    LOAD_FAILED = "loadFailed"
    STOPPED = "stopped"
    REPLACED = "replaced"
    CLEANUP = "cleanup"

    def may_start_next(self) -> bool:
        """Whether the next track may be started because of this end: after `finished` and `loadFailed`."""
        return self in {EndReason.FINISHED, EndReason.LOAD_FAILED}


class LoadType(WireEnum):
    """What `GET /v4/loadtracks` found."""

    TRACK = "track"
    PLAYLIST = "playlist"
    SEARCH = "search"
    EMPTY = "empty"
    ERROR = "error"


class Severity(WireEnum):
    """How bad a failure is: the track's own fault, somebody else's, or the server's."""

    COMMON = "common"
    SUSPICIOUS = "suspicious"
    FAULT = "fault"
