"""Endpoints and regions."""

import pytest

from voxlink.client.regions import DEFAULT_REGIONS, checked_regions, place_of, region_of
from voxlink.errors import BadType

ALL = ("asia", "eu", "us")


@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        ("us-west123.discord.media:443", "us"),
        ("vip-rotterdam99.discord.media", "eu"),
        ("frankfurt1.discord.media", "eu"),
        ("c-fra12-1a2b3c.discord.media:2048", "eu"),
        ("sweetwater-12345.discord.media:2048", "us"),
        ("wss://singapore1.discord.media", "asia"),
        ("atlantis.discord.media", "us"),
        ("moon1.discord.media", None),
    ],
)
def test_old_and_new_endpoints_are_known(endpoint: str, region: str | None) -> None:
    assert region_of(endpoint, DEFAULT_REGIONS, ALL) == region


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [
        ("c-fra12-1a2b.discord.media:2048", "fra"),
        ("wss://us-east44.discord.media", "us-east"),
        ("vip-rotterdam1.discord.media", "rotterdam"),
        ("sweetwater-12345.discord.media:2048", "sweetwater"),
        ("127.0.0.1:99", ""),
    ],
)
def test_a_voice_server_tells_its_place(endpoint: str, place: str) -> None:
    assert place_of(endpoint) == place


def test_only_regions_with_a_node_count() -> None:
    assert region_of("us-west1", DEFAULT_REGIONS, ["eu"]) is None


def test_any_sequence_of_prefixes_will_do_but_a_string_will_not() -> None:
    assert checked_regions({"x": ["a", "b"]}) == {"x": ("a", "b")}
    assert checked_regions(None) == DEFAULT_REGIONS
    with pytest.raises(BadType):
        checked_regions({"x": "abc"})
