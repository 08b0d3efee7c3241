"""Every name of ours in docs/migrating.md is there, takes the keywords that are shown, and no section is empty."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import voxlink
from support.peers import ROOT
from voxlink import discordpy as voxlink_discordpy
from voxlink import hikari as voxlink_hikari
from voxlink.cli.old_names import OTHER_CLIENTS
from voxlink.testing import FakeNode

PAGE = (ROOT / "docs" / "migrating.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<theirs>.+?) \| (?P<ours>.+?) \|", re.MULTILINE)
TRACK = {
    "identifier": "a", "isSeekable": True, "author": "b", "length": 5, "isStream": False, "position": 0, "title": "c",
    "uri": None, "sourceName": "http", "artworkUrl": None, "isrc": None,
}  # fmt: skip


def sections() -> dict[str, str]:
    parts = re.split(r"^## From (.+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def expressions() -> Iterator[str]:
    """What stands between backticks in the column of ours, once each."""
    seen: set[str] = set()
    for row in ROW.finditer(PAGE):
        for text in re.findall(r"`([^`]+)`", row["ours"]):
            if text not in seen:
                seen.add(text)
                yield text


@pytest.fixture
async def things() -> AsyncIterator[dict[str, Any]]:
    async with FakeNode() as server, voxlink.Client(1) as client:
        node = client.add_node(server.host, server.port, server.password, "eu")
        await node.wait_ready(10)
        player = client.player_manager.create(5)
        track = voxlink.AudioTrack({"encoded": "x", "info": TRACK, "pluginInfo": {}, "userData": {}}, 1)
        found = voxlink.LoadResult.from_track(track)
        hooks = {"print": print, "len": len}
        yield {
            "client": client,
            "player": player,
            "queue": player.queue,
            "node": node,
            "track": track,
            "found": found,
        } | hooks


def resolve(node: ast.expr, things: dict[str, Any]) -> Any:
    """The value of a name or a dotted name; never calls anything."""
    if isinstance(node, ast.Name):
        if node.id in things:
            return things[node.id]
        home = next(home for home in (voxlink, voxlink_discordpy, voxlink_hikari) if hasattr(home, node.id))
        return getattr(home, node.id)
    assert isinstance(node, ast.Attribute)
    return getattr(resolve(node.value, things), node.attr)


def check(text: str, things: dict[str, Any]) -> None:
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Name | ast.Attribute):
            resolve(node, things)
        elif isinstance(node, ast.Call):
            words = {keyword.arg: None for keyword in node.keywords if keyword.arg}
            places = [None for argument in node.args if not isinstance(argument, ast.Starred)]
            function = resolve(node.func, things)
            if function is not print:
                inspect.signature(function).bind(*places, **words)


def test_the_page_has_a_section_for_each_client_with_a_table() -> None:
    found = sections()
    assert list(found) == ["Lavalink.py", *OTHER_CLIENTS.values()]
    for name, text in found.items():
        assert len(ROW.findall(text)) > 20, name
        assert re.search(r"`(examples/\w+\.py)`", text), name


def test_the_page_names_files_that_are_there() -> None:
    for path in re.findall(r"`(examples/\w+\.py)`", PAGE):
        assert (ROOT / path).is_file(), path


async def test_every_name_of_ours_is_there_and_takes_what_is_shown(things: dict[str, Any]) -> None:
    wrong: list[str] = []
    checked = 0
    for text in expressions():
        checked += 1
        try:
            check(text, things)
        except Exception as error:
            wrong.append(f"{text}: {error!r}")
    assert not wrong, "\n".join(wrong)
    assert checked > 150


async def test_a_name_that_is_not_there_would_be_found(things: dict[str, Any]) -> None:
    for text in ("player.toggle", "Clients", "player.skip(begin=1)", "player.set_loop(player.LOOP_ALL)"):
        with pytest.raises((AttributeError, TypeError, StopIteration)):
            check(text, things)
