"""What a node says about itself: `GET /v4/info`."""

from __future__ import annotations

from voxlink.protocol.value import Int32, Int64, Value

__all__ = ["Git", "Info", "PluginInfo", "Version"]


class Version(Value, frozen=True):
    """A semantic version. `pre_release` is "" for a plain release, None if the text was no semantic version."""

    semver: str
    major: Int32
    minor: Int32
    patch: Int32
    pre_release: str | None


class Git(Value, frozen=True):
    """The commit a node was built from; `commit_time` in ms since the epoch (0: unknown)."""

    branch: str
    commit: str
    commit_time: Int64


class PluginInfo(Value, frozen=True):
    """A plugin of the node."""

    name: str
    version: str


class Info(Value, frozen=True):
    """The node's version, what it was built from, its sources and filters; `build_time` in ms since the epoch."""

    version: Version
    build_time: Int64
    git: Git
    jvm: str
    lavaplayer: str
    source_managers: list[str]
    filters: list[str]
    plugins: list[PluginInfo]
