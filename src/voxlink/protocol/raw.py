"""Lavalink's answers as plain dicts: Lavalink.py's `Raw…` types, for annotations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "RawCpu",
    "RawFailingAddress",
    "RawGit",
    "RawInfo",
    "RawIpBlock",
    "RawMemory",
    "RawPlayer",
    "RawPlayerState",
    "RawPlayerVoiceState",
    "RawPlugin",
    "RawRouteplanner",
    "RawRouteplannerDetails",
    "RawSession",
    "RawStats",
    "RawTrack",
    "RawTrackInfo",
    "RawVersion",
]


class RawPlugin(TypedDict):
    """A plugin of the node."""

    name: str
    version: str


class RawPlayerState(TypedDict):
    """How a player is doing; times in ms."""

    time: int
    position: int
    connected: bool
    ping: int


class RawPlayerVoiceState(TypedDict):
    """What Discord gave for a voice connection; nodes before 4.2 have no channel."""

    token: str
    endpoint: str
    sessionId: str
    channelId: NotRequired[str | None]


class RawTrackInfo(TypedDict):
    """What a track is; times in ms."""

    identifier: str
    isSeekable: bool
    author: str
    length: int
    isStream: bool
    position: int
    title: str
    uri: str | None
    artworkUrl: str | None
    isrc: str | None
    sourceName: str


class RawTrack(TypedDict):
    """A track."""

    encoded: str
    info: RawTrackInfo
    pluginInfo: dict[str, Any]
    userData: dict[str, Any]


class RawPlayer(TypedDict):
    """A player."""

    guildId: str
    track: RawTrack | None
    volume: int
    paused: bool
    state: RawPlayerState
    voice: RawPlayerVoiceState
    filters: dict[str, Any]


class RawIpBlock(TypedDict):
    """A block of addresses."""

    type: Literal["Inet4Address", "Inet6Address"]
    size: str


class RawFailingAddress(TypedDict):
    """An address that a source refused."""

    failingAddress: str
    failingTimestamp: int
    failingTime: str


class RawRouteplannerDetails(TypedDict):
    """The route planner's state; the last five depend on the planner's class."""

    ipBlock: RawIpBlock
    failingAddresses: Sequence[RawFailingAddress]
    rotateIndex: NotRequired[str]
    ipIndex: NotRequired[str]
    currentAddress: NotRequired[str]
    currentAddressIndex: NotRequired[str]
    blockIndex: NotRequired[str]


class RawVersion(TypedDict):
    """A semantic version."""

    semver: str
    major: int
    minor: int
    patch: int
    preRelease: str | None
    build: NotRequired[str | None]


class RawGit(TypedDict):
    """The commit a node was built from."""

    branch: str
    commit: str
    commitTime: int


class RawInfo(TypedDict):
    """What a node says about itself."""

    version: RawVersion
    buildTime: int
    git: RawGit
    jvm: str
    lavaplayer: str
    sourceManagers: Sequence[str]
    filters: Sequence[str]
    plugins: Sequence[RawPlugin]


class RawMemory(TypedDict):
    """Memory in bytes."""

    free: int
    used: int
    allocated: int
    reservable: int


class RawCpu(TypedDict):
    """Cores and load."""

    cores: int
    systemLoad: float
    lavalinkLoad: float


class RawStats(TypedDict):
    """How a node is doing; uptime in ms."""

    players: int
    playingPlayers: int
    uptime: int
    memory: RawMemory
    cpu: RawCpu
    frameStats: None


class RawSession(TypedDict):
    """A session's settings; timeout in seconds."""

    resuming: bool
    timeout: int


RawRouteplanner = TypedDict("RawRouteplanner", {"class": str, "details": RawRouteplannerDetails})
RawRouteplanner.__doc__ = "The route planner's class and state."
