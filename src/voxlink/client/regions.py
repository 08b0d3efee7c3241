"""Which part of the world a Discord voice endpoint is in, and which nodes serve it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from voxlink.errors import BadType

__all__ = ["DEFAULT_REGIONS", "checked_regions", "place_of", "region_of"]

DEFAULT_REGIONS: dict[str, tuple[str, ...]] = {
    "asia": (
        "hongkong", "singapore", "sydney", "japan", "southafrica", "india", "dubai", "south-korea", "bom", "sin", "hkg",
        "nrt", "syd", "jnb", "tyo", "hnd", "icn", "dxb", "maa", "tlv",
    ),
    "eu": (
        "rotterdam", "russia", "frankfurt", "milan", "madrid", "stockholm", "bucharest", "finland", "london",
        "amsterdam", "ams", "fra", "lhr", "cdg", "mad", "mxp", "arn", "waw", "otp", "hel", "rtm", "bru", "vie",
    ),
    "us": (
        "us-central", "us-east", "us-south", "us-west", "brazil", "montreal", "newark", "atlanta", "seattle", "oregon",
        "santa-clara", "st-pete", "santiago", "buenos-aires", "sweetwater", "atl", "dfw", "iad", "ord", "sea", "lax",
        "sjc", "mia", "ewr", "gru", "scl", "eze", "yul", "bog", "phx", "den",
    ),
}  # fmt: skip
"""Region keys and the beginnings of Discord's endpoints: names of its old scheme, and airport codes of the new one."""

PLACE = re.compile(r"[a-z]+(?:-[a-z]+)*(?=-?[0-9.])")


def checked_regions(regions: Mapping[str, Iterable[str]] | None) -> dict[str, tuple[str, ...]]:
    """A bot's own table, each entry as a tuple. Raises TypeError for an entry that is no sequence of prefixes."""
    if regions is None:
        return dict(DEFAULT_REGIONS)
    for key, prefixes in regions.items():
        if isinstance(prefixes, str):
            raise BadType(f"regions[{key!r}] must be a sequence of prefixes, not a string")
    return {key: tuple(prefixes) for key, prefixes in regions.items()}


def region_of(endpoint: str, regions: Mapping[str, tuple[str, ...]], usable: Iterable[str]) -> str | None:
    """The first region key of `usable` whose prefix begins the endpoint; None if there is none.

    Endpoints may carry a scheme and a port. Newer ones look like `c-fra12-1a2b.discord.media:2048`.
    """
    name = _name(endpoint)
    allowed = set(usable)
    return next(
        (key for key, prefixes in regions.items() if key in allowed and any(map(name.startswith, prefixes))), None
    )


@functools.lru_cache(1024)
def place_of(endpoint: str) -> str:
    """Where a voice server stands, as its name begins: `fra` of `c-fra12-1a2b.discord.media`; empty for an address."""
    found = PLACE.match(_name(endpoint))
    return found[0] if found else ""


def _name(endpoint: str) -> str:
    name = endpoint.partition("://")[2] or endpoint
    return name.removeprefix("vip-").removeprefix("c-").lower()
