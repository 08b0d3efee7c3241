"""pytest fixtures for the tests of a music bot: a simulated Discord with voice servers, and bots that run against it.

pytest finds this file by itself where voxlink is installed. It imports nothing until a fixture is used. The fixtures
are asynchronous: pytest-asyncio in its `auto` mode (`asyncio_mode = "auto"`) or anyio's plugin runs them.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from voxlink.testing.discord import Discord
    from voxlink.testing.discord.bot_process import BotProcess

__all__ = ["run_bot", "simulated_discord"]


@pytest.fixture
async def simulated_discord() -> AsyncIterator[Discord]:
    """A Discord with one guild, two voice regions, a person and a bot, for one test.

    While the test runs, hikari, discord.py, disnake and nextcord log in to it instead of the real one, and new TLS
    connections trust its voice servers. Nothing of it is left afterwards.
    """
    from voxlink.testing import Discord, VoiceServer, pointed_at
    from voxlink.testing.trust import trusted

    async with VoiceServer() as first, VoiceServer() as second, Discord(first, second) as discord:
        with trusted(first.certificate, second.certificate), pointed_at(discord.rest_url, discord.gateway_url):
            yield discord


@pytest.fixture
async def run_bot(simulated_discord: Discord) -> AsyncIterator[Callable[..., BotProcess]]:
    """Start a bot's file in a process of its own: `run_bot("bot.py", env={...})`. It is stopped after the test.

    The file finds its token in `DISCORD_TOKEN`. `await simulated_discord.wait_ready()` waits for its login.
    """
    from voxlink.testing.discord.bot_process import BotProcess

    running: list[BotProcess] = []

    def run(script: str | os.PathLike[str], *arguments: str, **options: object) -> BotProcess:
        process = BotProcess(simulated_discord, script, *arguments, **options)  # type: ignore[arg-type]
        running.append(process)
        process.start()
        return process

    yield run
    for process in running:
        await process.stop()
        print(process.output)  # noqa: T201 - pytest shows it beside a test that failed
        process.close()
