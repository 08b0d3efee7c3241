"""What a node says of itself."""

import pytest

from client.world import world
from voxlink.client import RawFilter, Timescale, Volume
from voxlink.client.capabilities import read_capabilities, version_numbers


async def test_they_are_there_once_the_node_is_ready() -> None:
    async with world() as (_, node, _fake):
        assert node.capabilities is not None
        assert node.capabilities.version == "4.2.2"
        assert node.capabilities.supports_dave
        assert not node.capabilities.is_ours
        assert "lowPass" in node.capabilities.filters
        assert "http" in node.capabilities.sources


@pytest.mark.parametrize(
    ("version", "dave"),
    [("4.2.0", True), ("4.1.9", False), ("5.0.0", True), ("3.7.13", False), ("a1b2c3", False), ("", False)],
)
def test_end_to_end_encryption_came_with_4_2(version: str, dave: bool) -> None:
    assert read_capabilities(version, {}).supports_dave == dave


def test_odd_answers_count_as_nothing() -> None:
    read = read_capabilities("x", {"plugins": [{}, {"name": "p"}], "filters": None, "git": None, "jvm": "voxlink 0.1"})
    assert (read.plugins, read.filters, read.is_ours) == ({"p": ""}, frozenset(), True)
    assert version_numbers("4.x") is None


def test_a_node_lacks_what_it_could_list_and_does_not() -> None:
    says = read_capabilities("4.2.2", {"filters": ["volume"]})
    assert says.lacks(Timescale())
    assert not says.lacks(Volume(1.0))
    assert not says.lacks(RawFilter("echo", {}))
    assert read_capabilities("4.2.2", {"filters": []}).lacks(Volume(1.0))
    assert not read_capabilities("4.2.2", {}).lacks(Timescale())
