"""A bot's code is read for what needs attention, line by line."""

from __future__ import annotations

import pytest

from voxlink.cli.bot_code import Remark, read_code


def remarks(text: str) -> list[tuple[int, str]]:
    return [(remark.line, remark.text) for remark in read_code(text).remarks]


def test_imports_of_lavalink_are_found_wherever_they_stand() -> None:
    code = "import lavalink\ndef f():\n    from lavalink.events import TrackEndEvent\nimport lavalink.utils as u\n"
    reading = read_code(code)
    assert sorted(reading.imports) == [1, 3, 4]
    assert reading.remarks == ()


def test_the_call_that_makes_lavalink_ours_is_found() -> None:
    assert read_code("import voxlink\nvoxlink.install_as_lavalink()\n").installs_at == 2
    assert read_code("from voxlink import install_as_lavalink\n\ninstall_as_lavalink()\n").installs_at == 3


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("from lavalink import NodeException", "catch ClientError"),
        ("import lavalink; lavalink.TrackNotFound", "load_type"),
        ("import lavalink; lavalink.SomethingNew", "docs/migrating.md"),
        ("from lavalink import websocket_thing", "is not in voxlink"),
        ("import lavalink.websocket", "does not exist any more"),
        ("from lavalink.websocket import WebSocket", "does not exist any more"),
        ("from lavalink import events; events.Nothing", "is not in voxlink.events"),
        ("import lavalink; x = lavalink.LoadType.NO_MATCHES", "LoadType.EMPTY"),
        ("import lavalink; x = r['loadType'] == 'TRACK_LOADED'", "LoadType.TRACK"),
        ("import lavalink; player.set_gain(1, 2)", "update_filter(Equalizer"),
        ("import lavalink; player.set_repeat(True)", "set_loop"),
        ("import lavalink; c.add_node('h', 1, 'p', 'eu', resume_key='x')", "resume_key"),
        ("import lavalink; lavalink.Client(1, pool_size=3)", "pool_size"),
        ("from lavalink import Client; Client(1, loop=loop)", "running loop"),
        ("import lavalink; bot.add_listener(f, 'on_socket_response')", "voice_protocol"),
        ("import lavalink; node._transport._ws", "IncomingWebSocketMessage"),
        ("import lavalink; bot.lavalink._session.get(url)", "node.request"),
        ("import wavelink", "From wavelink"),
        ("from mafic import Player", "From mafic"),
        ("from pomice.enums import SearchType", "From pomice"),
        ("import ongaku", "From hikari-ongaku"),
    ],
)
def test_a_line_that_needs_attention_says_what_to_do(line: str, says: str) -> None:
    found = remarks("\n" + line)
    assert [at for at, _ in found] == [2]
    assert says in found[0][1]


def test_private_names_that_work_are_notes() -> None:
    found = read_code("import lavalink\nbot.lavalink._event_hooks.clear()\n").remarks
    assert found == (
        Remark(2, "_event_hooks is private and works here: better use client.clear_event_hooks()", is_note=True),
    )


@pytest.mark.parametrize(
    "line",
    [
        "import lavalink; lavalink.Client(1); lavalink.events.TrackEndEvent",
        "from lavalink import *",
        "from lavalink.models import AudioTrack",
        "import lavalink; x = event.reason == lavalink.EndReason.LOAD_FAILED",
        "import lavalink; x = event.reason == 'LOAD_FAILED'",
        "import lavalink; discord.Client(loop=loop)",
        "import discord; player.set_gain(1); voice._next; x = 'TRACK_LOADED'",
        "from .wavelink import mine",
        "import importlib",
    ],
)
def test_what_works_and_what_is_of_others_is_left_alone(line: str) -> None:
    assert remarks(line) == []


def test_each_line_is_said_once() -> None:
    assert len(remarks("from wavelink import Player, Node")) == 1


def test_what_is_no_python_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        read_code("print 'python 2'")
