"""Lavalink's releases as GitHub lists them: versions in order, and which release somebody asks for."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from voxlink.errors import BadValue

VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")
CONDITION = re.compile(r"\s*(>=|<=|==|~=|>|<|)\s*([^\s<>=~]+)\s*")
JAR = re.compile(r"lavalink\.jar", re.IGNORECASE)


class Version(NamedTuple):
    """A version that compares as semantic versions do: a pre-release comes before its release."""

    major: int
    minor: int
    patch: int
    is_final: bool
    stage: tuple[tuple[bool, int, str], ...]
    """The parts of a pre-release: (is a word, number, word); numbers come before words."""


@dataclass(frozen=True, slots=True)
class Jar:
    """The file to fetch; `size` in bytes and the SHA-256 in hex where GitHub names them."""

    url: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One release; `jar` is None if it has no Lavalink.jar."""

    tag: str
    version: Version
    jar: Jar | None
    is_prerelease: bool = False


def read_version(text: str) -> Version:
    """Read `4.1.0`, `v3.7`, `4` or `4.0.0-beta.1`; raise BadValue for anything else."""
    match = VERSION.fullmatch(text.strip())
    if match is None:
        raise BadValue(f"{text!r} is no version like 4.1.0")
    major, minor, patch, stage = match.groups()
    parts = stage.split(".") if stage else []
    words = tuple((False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts)
    return Version(int(major), int(minor or 0), int(patch or 0), stage is None, words)


def newest_first(releases: Iterable[Release]) -> list[Release]:
    """The releases that have a jar, the highest version first."""
    return sorted((one for one in releases if one.jar is not None), key=lambda one: one.version, reverse=True)


def choices(releases: Iterable[Release]) -> list[Release]:
    """The newest release of each major version, and the newest pre-release where that is newer still."""
    best: dict[tuple[int, bool], Release] = {}
    for release in newest_first(releases):
        major = release.version.major
        if (major, False) not in best:
            best.setdefault((major, release.is_prerelease), release)
    return newest_first(best.values())


def select(releases: Iterable[Release], selector: str) -> Release:
    """Return the newest release that meets a selector: `4.1.0`, `>=4`, `~=4.0.2`, or several with commas.

    Pre-releases count only if the selector names one. Raises BadValue for a bad selector or if no release meets it.
    """
    tests = [read_condition(text) for text in selector.split(",")]
    names_prerelease = any(not version.is_final for _, version in tests)
    for release in newest_first(releases):
        if (names_prerelease or not release.is_prerelease) and all(test(release.version) for test, _ in tests):
            return release
    raise BadValue(f"no release of Lavalink with a jar is {selector}")


def read_condition(text: str) -> tuple[Callable[[Version], bool], Version]:
    """Return the test of one condition, and the version that it names."""
    match = CONDITION.fullmatch(text)
    if match is None:
        raise BadValue(f"{text!r} is no selector like 4.1.0, >=4.0.0 or ~=4.0.2")
    sign, wanted = match[1], read_version(match[2])
    if sign == "~=":
        return (lambda version: version >= wanted and version[:2] == wanted[:2]), wanted
    return (lambda version: COMPARE[sign](version, wanted)), wanted


COMPARE: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def pick_jar(names: Sequence[str]) -> int | None:
    """Which of a release's files is the node for any machine: Lavalink.jar, not the one for musl; None if none is."""
    return next((index for index, name in enumerate(names) if JAR.fullmatch(name)), None)
