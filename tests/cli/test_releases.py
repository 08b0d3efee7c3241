"""Versions compare as versions, and a selector finds the newest release that meets it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.cli.releases import Jar, Release, choices, pick_jar, read_version, select
from voxlink.errors import BadValue

TAGS = [
    "3.7.9",
    "4.0.10",
    "4.0.9",
    "4.1.0",
    "4.2.0-beta.2",
    "4.2.0-beta.10",
    "4.2.0-rc.1",
    "10.0.0",
    "3.7.13",
    "5.0.0-a",
]


def release(tag: str) -> Release:
    version = read_version(tag)
    return Release(tag, version, Jar(f"http://x/{tag}"), not version.is_final)


RELEASES = [release(tag) for tag in TAGS]


def test_versions_are_ordered_as_semantic_versions() -> None:
    ordered = [
        "3.7",
        "4.0.0-1",
        "4.0.0-2",
        "4.0.0-beta",
        "4.0.0-beta.2",
        "4.0.0-beta.10",
        "4.0.0-rc.1",
        "v4",
        "4.0.1",
        "10",
    ]
    backwards = ordered[::-1]
    assert sorted(backwards, key=read_version) == ordered
    assert read_version("v4") == read_version("4.0.0")


@given(st.tuples(*[st.integers(0, 99)] * 3), st.tuples(*[st.integers(0, 99)] * 3))
def test_numbers_compare_as_numbers(one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
    left, right = (read_version(".".join(map(str, parts))) for parts in (one, other))
    assert (left < right) == (one < other)


@pytest.mark.parametrize(
    ("selector", "tag"),
    [
        ("4.0.9", "4.0.9"),
        ("v4.0.9", "4.0.9"),
        (">=4", "10.0.0"),
        ("<4", "3.7.13"),
        ("<=4.0.9", "4.0.9"),
        (">4.0.9, <5", "4.1.0"),
        ("~=4.0.2", "4.0.10"),
        ("~=3.7.0", "3.7.13"),
        ("4.2.0-beta.2", "4.2.0-beta.2"),
        (">=4.2.0-beta.1,<4.2.0", "4.2.0-rc.1"),
    ],
)
def test_a_selector_finds_the_newest_that_meets_it(selector: str, tag: str) -> None:
    assert select(RELEASES, selector).tag == tag


@pytest.mark.parametrize("selector", ["", "abc", "=>4", ">=", "4.0.0.0", "!=4", "~=", ">=4,,", "99", "<3"])
def test_a_selector_that_means_nothing_is_refused(selector: str) -> None:
    with pytest.raises(BadValue):
        select(RELEASES, selector)


def test_a_release_without_a_jar_is_never_chosen() -> None:
    bare = Release("11.0.0", read_version("11.0.0"), None)
    assert select([bare, *RELEASES], ">=4").tag == "10.0.0"


def test_the_menu_has_the_newest_of_each_major_and_newer_pre_releases() -> None:
    assert [one.tag for one in choices(RELEASES)] == ["10.0.0", "5.0.0-a", "4.2.0-rc.1", "4.1.0", "3.7.13"]


def test_the_jar_for_any_machine_is_picked() -> None:
    assert pick_jar(["Lavalink-musl.jar", "Lavalink.jar.sha256", "Lavalink.jar"]) == 2
    assert pick_jar(["sources.zip", "plugin.jar"]) is None
