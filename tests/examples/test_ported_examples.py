"""The examples of other clients, ported: each starts its client, registers its commands and hooks, and closes."""

from __future__ import annotations

import asyncio
import importlib.util
import warnings
from collections.abc import AsyncIterator
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import discord
import hikari
import pytest
from discord.ext import commands

import voxlink
from support.peers import ROOT
from voxlink.testing import FakeNode, make_track

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


@pytest.fixture
async def node(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeNode]:
    """A node with one song to find; the examples' address leads to it."""
    add_node = voxlink.Client.add_node
    async with FakeNode() as fake:

        def to_fake(client: voxlink.Client, *_place: Any, **_named: Any) -> voxlink.Node:
            return add_node(client, fake.host, fake.port, fake.password, "eu")

        monkeypatch.setattr(voxlink.Client, "add_node", to_fake)
        fake.add_search("ytsearch:a song", make_track("A song"))
        yield fake


def in_voice(bot: Any) -> tuple[Any, Any]:
    """The context of a command in guild 5, where the bot has joined already, and the player."""
    author = Mock(spec=discord.Member)
    author.id = 9
    guild = SimpleNamespace(id=5, voice_client=SimpleNamespace(disconnect=AsyncMock()))
    message = SimpleNamespace(add_reaction=AsyncMock())
    channel = SimpleNamespace(id=3)
    player = client_of(bot).player_manager.create(5)
    player.store("channel", 3)
    return SimpleNamespace(guild=guild, author=author, channel=channel, message=message, send=AsyncMock()), player


async def press(bot: commands.Bot, context: Any, name: str, *arguments: Any, **named: Any) -> None:
    """Run a prefix command's function as the library would."""
    command: Any = bot.get_command(name)
    await command.callback(*([command.cog] if command.cog else []), context, *arguments, **named)


@pytest.mark.parametrize(
    ("name", "word"), [("from_lavalink_py", "query"), ("from_wavelink", "query"), ("from_pomice", "search")]
)
async def test_a_song_is_searched_and_played_and_the_filters_reach_the_node(
    node: FakeNode, name: str, word: str
) -> None:
    bot = make_bot(load(name))
    await bot.setup_hook()
    await client_of(bot).nodes[0].wait_ready(10)
    context, player = in_voice(bot)
    if name == "from_lavalink_py":
        context.author.voice.channel = object()
    try:
        await press(bot, context, "play", **{word: "a song"})
        assert player.current.title == "A song"
        assert node.player(5).track is not None
        match name:
            case "from_lavalink_py":
                await press(bot, context, "lowpass", 5.0)
                assert player.get_filter("lowpass").values == {"smoothing": 5.0}
                await press(bot, context, "lowpass", 0.0)
                assert player.get_filter("lowpass") is None
                await press(bot, context, "disconnect")
                context.guild.voice_client.disconnect.assert_awaited_once()
            case "from_wavelink":
                assert player.volume == 30
                await press(bot, context, "nightcore")
                assert player.get_filter(voxlink.Timescale) is not None
                await press(bot, context, "toggle")
                assert player.paused
                await press(bot, context, "volume", 50)
                assert player.volume == 50
            case _:
                assert player.current.requester == 9
                await press(bot, context, "speed", 1.5)
                assert player.get_filter(voxlink.Timescale).values["speed"] == 1.5
                await press(bot, context, "loop", "queue")
                assert player.loop == player.LOOP_QUEUE
                await press(bot, context, "pause")
                assert player.paused
                await press(bot, context, "resume")
                assert not player.paused
    finally:
        await bot.close()


async def test_a_slash_command_plays_and_songs_heard_to_the_end_are_counted(node: FakeNode) -> None:
    module = load("from_mafic")
    bot = make_bot(module)
    await bot.setup_hook()
    await client_of(bot).nodes[0].wait_ready(10)
    context, player = in_voice(bot)
    ended = asyncio.Event()

    async def on_end(_: voxlink.QueueEndEvent) -> None:
        ended.set()

    client_of(bot).add_event_hook(on_end, event=voxlink.QueueEndEvent)
    response = SimpleNamespace(defer=AsyncMock())
    interaction = SimpleNamespace(
        guild=context.guild, user=context.author, response=response, followup=SimpleNamespace(send=context.send)
    )
    try:
        await module.play.callback(interaction, "a song")
        context.send.assert_awaited_once_with("A song (0 heard so far)")
        node.finish(5)
        await asyncio.wait_for(ended.wait(), 10)
        assert isinstance(player, module.MyPlayer)
        assert player.played == 1
    finally:
        await bot.close()
