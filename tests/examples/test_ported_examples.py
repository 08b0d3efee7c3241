"""The examples of other clients, ported: each starts its client, registers its commands and hooks, and closes."""

from __future__ import annotations

import importlib.util
import warnings
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import discord
import hikari
import pytest
from discord.ext import commands

import voxlink
from support.peers import ROOT

EXAMPLES = ["from_lavalink_py", "from_wavelink", "from_mafic", "from_pomice", "from_ongaku"]


def load(name: str) -> ModuleType:
    """Import an example afresh, as the file that it is."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_bot(module: ModuleType) -> Any:
    """The example's bot, as far as it is after a login: it knows its user, and has no network."""
    options = {"command_prefix": "!", "intents": discord.Intents.default()}
    match module.__name__:
        case "example_from_wavelink":
            bot = module.bot
        case "example_from_mafic":
            bot = module.bot
            bot.tree.sync = AsyncMock()
        case "example_from_pomice":
            bot = module.MyBot(**options)
        case _:
            bot = module.Bot(**options)
    bot._connection.user = SimpleNamespace(id=7)
    return bot


def client_of(bot: Any) -> voxlink.Client:
    return next(value for value in vars(bot).values() if isinstance(value, voxlink.Client))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_imports_and_uses_nothing_of_the_client_it_comes_from(name: str) -> None:
    module = load(name)
    assert module.__doc__
    text = (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")
    for other in ("wavelink", "mafic", "pomice", "ongaku", "lavalink"):
        assert f"import {other}" not in text.replace("import voxlink as lavalink", "")
        assert f"from {other}" not in text


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("from_lavalink_py", {"play", "lowpass", "disconnect"}),
        ("from_wavelink", {"play", "skip", "nightcore", "toggle", "volume", "disconnect"}),
        ("from_mafic", {"join", "play", "leave"}),
        ("from_pomice", {"join", "leave", "play", "pause", "resume", "skip", "loop", "speed"}),
    ],
)
async def test_a_discord_py_example_starts_with_its_commands_hooks_and_node_and_closes(
    name: str, wanted: set[str]
) -> None:
    bot = make_bot(load(name))
    await bot.setup_hook()
    client = client_of(bot)
    try:
        names = {
            command.name for command in (bot.commands if isinstance(bot, commands.Bot) else bot.tree.get_commands())
        }
        assert wanted <= names
        assert client.user_id == 7
        assert len(client.nodes) == 1
        assert client.has_listeners(voxlink.TrackEndEvent if name == "from_mafic" else voxlink.TrackStartEvent)
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            await bot.close()
    assert client.is_closed


async def test_the_cog_of_lavalink_py_takes_its_hooks_along() -> None:
    bot = make_bot(load("from_lavalink_py"))
    await bot.setup_hook()
    await bot.remove_cog("Music")
    assert not client_of(bot).has_listeners(voxlink.TrackStartEvent)
    await bot.close()


async def test_the_hikari_example_starts_with_its_command_hooks_and_node_and_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = load("from_ongaku")
    bot = hikari.GatewayBot("Nw.not.real", banner=None)
    music = module.Music(bot)
    monkeypatch.setattr(type(bot), "get_me", lambda _: SimpleNamespace(id=hikari.Snowflake(7)))
    registered = AsyncMock()
    monkeypatch.setattr(type(bot.rest), "set_application_commands", registered)
    await music.on_started(None)
    assert registered.await_args is not None
    assert [builder.name for builder in registered.await_args.args[-1]] == ["play"]
    assert music.client.user_id == 7
    assert music.client.has_listeners(voxlink.TrackStartEvent)
    assert music.client.has_listeners(voxlink.QueueEndEvent)
    await music.on_stopping(None)
    assert music.client.is_closed
