"""Defects of Lavalink.py's filters, hooks and package (F1 to F5, H1 to H6, K1 to K3): each test runs on both libraries.

Those of its models and codec (M1 to M13) have theirs in `tests/protocol/test_differential.py`.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from client.defects.bench import Library
from client.defects.defect import defect
from voxlink.cli.main import main
from voxlink.cli.releases import read_version


@defect("F1")
def test_a_channel_mix_that_is_made_plays_both_sides(library: Library) -> None:
    assert library.ChannelMix().serialize() == {
        "channelMix": {"leftToLeft": 1.0, "leftToRight": 0.0, "rightToLeft": 0.0, "rightToRight": 1.0}
    }


@defect("F2")
def test_constructors_refuse_values_out_of_range(library: Library) -> None:
    with pytest.raises(ValueError):
        library.Timescale(speed=-1)


@defect("F3")
def test_a_typo_is_refused(library: Library) -> None:
    with pytest.raises(TypeError):
        library.Timescale().update(sped=2.0)


@defect("F4")
def test_the_equalizer_takes_any_pairs(library: Library) -> None:
    equalizer = library.Equalizer()
    equalizer.update(bands=((band, 0.1) for band in range(2)))
    assert equalizer.serialize()["equalizer"][1] == {"band": 1, "gain": 0.1}


@defect("F5")
def test_serialize_gives_a_copy(library: Library) -> None:
    timescale = library.Timescale()
    timescale.serialize()["timescale"]["speed"] = 9.0
    assert timescale.serialize()["timescale"]["speed"] == 1.0


async def hook(*_: Any) -> None:
    """A hook."""


@defect("H1")
async def test_a_hook_may_listen_to_a_class_of_the_bots_own(library: Library) -> None:
    class MyStart(library.TrackStartEvent):  # type: ignore[misc, name-defined]
        pass

    client = library.client()
    client.add_event_hook(hook, event=MyStart)
    assert client.has_listeners(MyStart)
    await client.close()


@defect("H2")
async def test_partials_are_hooks(library: Library) -> None:
    class Listens:
        async def __call__(self, event: Any) -> None:
            pass

    client = library.client()
    client.add_event_hook(partial(hook, 1), event=library.TrackStartEvent)
    client.add_event_hook(Listens(), event=library.TrackStartEvent)
    assert client.has_listeners(library.TrackStartEvent)
    await client.close()


@defect("H3")
async def test_a_hook_is_removed_from_every_event_that_has_it(library: Library) -> None:
    client = library.client()
    client.add_event_hook(hook, event=library.TrackEndEvent)
    client.remove_event_hooks(events=[library.TrackStartEvent, library.TrackEndEvent], hooks=[hook])
    assert not client.has_listeners(library.TrackEndEvent)
    await client.close()


@defect("H4")
async def test_asking_for_listeners_changes_nothing(library: Library) -> None:
    client = library.client()
    client.has_listeners(library.QueueEndEvent)
    before = len(client._event_hooks)
    client.has_listeners(library.TrackEndEvent)
    assert len(client._event_hooks) == before
    await client.close()


@defect("H5")
async def test_one_event_can_be_waited_for(library: Library) -> None:
    client = library.client()
    with pytest.raises(TimeoutError):
        await client.wait_for(library.QueueEndEvent, timeout=0)
    await client.close()


@defect("H6")
async def test_sources_are_asked_in_the_order_of_their_coming(library: Library) -> None:
    class Own(library.Source):  # type: ignore[misc, name-defined]
        async def load_item(self, client: Any, query: str) -> None:
            return None

    client = library.client()
    sources = [Own(f"source {number}") for number in range(50)]
    for source in sources:
        client.register_source(source)
    assert [source.name for source in client.sources] == [source.name for source in sources]
    await client.close()


def imported(path: Path) -> set[str]:
    """The packages from elsewhere that a file imports wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names)


@defect("K1")
def test_the_command_line_needs_nothing_that_is_not_installed_with_it(library: Library) -> None:
    folder = Path(str(importlib.import_module(library.name).__file__)).parent
    files = [folder / "__main__.py", *sorted((folder / "cli").glob("*.py"))]
    needed = set[str]().union(*map(imported, files)) - {library.name}
    declared = {
        re.split(r"[^\w-]", text)[0].lower()
        for text in importlib.metadata.requires(library.name) or []
        if library.is_ours or "extra ==" not in text
    }
    assert needed <= declared, "imported, but not declared"


@defect("K2")
def test_releases_compare_as_numbers_and_an_option_is_an_option(library: Library) -> None:
    """The whole command, against a server of its own, is tested in tests/cli (releases, fetch, lavalink_files)."""
    assert library.is_ours
    order = ["4.0.0-beta.1", "4.0.0", "4.2.2", "4.10.0", "10.0.0"]
    assert sorted({*order}, key=read_version) == order
    with pytest.raises(SystemExit) as caught:
        main(["download", "--no-overwrite", "--help"])
    assert caught.value.code == 0


@defect("K3")
def test_type_checkers_are_told_that_there_are_types(library: Library) -> None:
    folder = Path(str(importlib.import_module(library.name).__file__)).parent
    assert (folder / "py.typed").exists()
    assert importlib.metadata.metadata(library.name)["Requires-Python"]
