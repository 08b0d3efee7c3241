"""A simulated Discord, and hikari and discord.py logged in to it, for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import hikari
import pytest

from voxlink.testing import Discord, pointed_at


@pytest.fixture
async def simulated() -> AsyncIterator[Discord]:
    async with Discord() as here:
        yield here


@pytest.fixture
async def hikari_bot(simulated: Discord) -> AsyncIterator[hikari.GatewayBot]:
    bot = hikari.GatewayBot(
        simulated.bot.token,
        rest_url=simulated.rest_url,
        banner=None,
        logs=None,
        suppress_optimization_warning=True,
        intents=hikari.Intents.ALL,
    )
    await bot.start(check_for_updates=False)
    yield bot
    if bot.is_alive:
        await bot.close()
    await simulated.wait_gone()


class Client(discord.Client):
    """A discord.py client as its quick start has it, with one slash command and one prefix command."""

    async def setup_hook(self) -> None:
        self.tree = discord.app_commands.CommandTree(self)

        @self.tree.command(name="play", description="Play a song.")
        async def play(interaction: discord.Interaction, query: str) -> None:
            await interaction.response.defer()
            await interaction.followup.send(f"Now playing {query}", view=Buttons())

        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if not message.author.bot:
            answer = await message.channel.send("…", embed=discord.Embed(title="Pong"))
            await answer.edit(content=f"pong, {message.author.name}")


class Buttons(discord.ui.View):
    """One button."""

    @discord.ui.button(label="Skip", custom_id="skip")
    async def skip(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None:
        await interaction.response.edit_message(content="Skipped", view=None)


@pytest.fixture
async def discordpy_client(simulated: Discord) -> AsyncIterator[Client]:
    with pointed_at(simulated.rest_url, simulated.gateway_url):
        client = Client(intents=discord.Intents.all())
        running = asyncio.create_task(client.start(simulated.bot.token))
        await simulated.wait_command("/play")
        await client.wait_until_ready()
        yield client
        await client.close()
        await running
        await simulated.wait_gone()
