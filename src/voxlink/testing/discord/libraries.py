"""Pointing bot libraries at the simulated Discord: the addresses that they keep in module and class attributes.

Bot code and library files stay as they are. Libraries that are installed are imported here, so that a bot's own import
finds the addresses in place; others are left alone.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Generator
from typing import NamedTuple

__all__ = ["pointed_at"]


class Address(NamedTuple):
    """An attribute that holds an address: `owner` is None where the module itself has it."""

    module: str
    owner: str | None
    attribute: str
    make: Callable[[str], object]


def as_url(text: str) -> object:
    """discord.py keeps its gateway as a `yarl.URL`."""
    return importlib.import_module("yarl").URL(text)


REST: list[Address] = [
    Address("hikari.urls", None, "REST_API_URL", str),
    Address("discord.http", "Route", "BASE", str),
    Address("disnake.http", "Route", "BASE", str),
    Address("nextcord.http", "Route", "BASE", str),
]
"""hikari reads its gateway's address from `/gateway/bot`, as disnake and nextcord do from `/gateway`."""
GATEWAY: list[Address] = [
    Address("discord.gateway", "DiscordWebSocket", "DEFAULT_GATEWAY", as_url),
]


@contextlib.contextmanager
def pointed_at(rest_url: str, gateway_url: str) -> Generator[None]:
    """Let the installed bot libraries speak with these addresses for the length of a block, then restore theirs."""
    with contextlib.ExitStack() as restores:
        for addresses, url in ((REST, rest_url), (GATEWAY, gateway_url)):
            for address in addresses:
                restores.enter_context(_replaced(address, url))
        yield


@contextlib.contextmanager
def _replaced(address: Address, url: str) -> Generator[None]:
    try:
        module = importlib.import_module(address.module)
    except ImportError:
        yield
        return
    owner: object = module if address.owner is None else getattr(module, address.owner)
    if not hasattr(owner, address.attribute):  # py-cord is `discord` too and has no DEFAULT_GATEWAY
        yield
        return
    before: object = getattr(owner, address.attribute)
    setattr(owner, address.attribute, address.make(url))
    try:
        yield
    finally:
        setattr(owner, address.attribute, before)
