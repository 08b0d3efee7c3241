"""mafic's example on Voxlink: slash commands, a player class of our own with what mafic's had, and a node with a label.

pip install "voxlink[node]" discord.py
DISCORD_TOKEN=… python from_mafic.py
"""

from __future__ import annotations

import os

import discord
from discord import app_commands

from voxlink import Client, DefaultPlayer, EndReason, Node, SearchSource, TrackEndEvent
from voxlink.discordpy import voice_protocol


class MyPlayer(DefaultPlayer):
    """mafic's player with a queue of its own; here the queue is built in, and only the counter is ours."""

    def __init__(self, guild_id: int, node: Node) -> None:
        super().__init__(guild_id, node)
        self.played = 0


class MyBot(discord.Client):
    """mafic's bot with `NodePool.create_node` in it."""

    pool: Client

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Connect to the node and register the commands."""
        assert self.user is not None
        self.pool = Client(self.user.id, player=MyPlayer)
        self.pool.add_node("127.0.0.1", 2333, "youshallnotpass", "eu", name="MAIN")
        self.pool.add_event_hook(on_track_end, event=TrackEndEvent)
        await self.tree.sync()

    async def close(self) -> None:
        """Leave every channel, then close the client."""
        await super().close()
        if hasattr(self, "pool"):
            await self.pool.close()


bot = MyBot()


async def on_track_end(event: TrackEndEvent) -> None:
    """Count the songs that were heard to their end; the next one follows by itself."""
    assert isinstance(event.player, MyPlayer)
    if event.reason == EndReason.FINISHED:
        event.player.played += 1


async def join_channel(interaction: discord.Interaction) -> MyPlayer | None:
    """Join the user's channel if need be; None if the user is in none."""
    assert interaction.guild is not None
    assert isinstance(interaction.user, discord.Member)
    if interaction.guild.voice_client is None:
        if interaction.user.voice is None or interaction.user.voice.channel is None:
            return None
        await interaction.user.voice.channel.connect(cls=voice_protocol(discord.VoiceProtocol, bot.pool))
    return bot.pool.player_manager.get(interaction.guild.id)


@bot.tree.command(description="Join your voice channel.")
@app_commands.guild_only()
async def join(interaction: discord.Interaction) -> None:
    """Join your voice channel."""
    await interaction.response.defer()
    player = await join_channel(interaction)
    await interaction.followup.send("Join a voice channel first." if player is None else "Joined.")


@bot.tree.command(description="Play a song.")
@app_commands.describe(query="An address, or words to search for.")
@app_commands.guild_only()
async def play(interaction: discord.Interaction, query: str) -> None:
    """Play a song, or queue it."""
    await interaction.response.defer()
    player = await join_channel(interaction)
    if player is None:
        await interaction.followup.send("Join a voice channel first.")
        return
    found = await bot.pool.search(query, source=SearchSource.YOUTUBE)
    if not found.tracks:
        await interaction.followup.send("No tracks were found.")
        return
    track = found.tracks[0]
    player.add(track, requester=interaction.user.id)
    if not player.is_playing:
        await player.play()
    await interaction.followup.send(f"{track.title} ({player.played} heard so far)")


@bot.tree.command(description="Stop and leave.")
@app_commands.guild_only()
async def leave(interaction: discord.Interaction) -> None:
    """Stop and leave."""
    assert interaction.guild is not None
    await interaction.response.defer()
    if interaction.guild.voice_client is not None:
        await interaction.guild.voice_client.disconnect(force=True)
    await interaction.followup.send("Left.")


if __name__ == "__main__":
    bot.run(os.environ["DISCORD_TOKEN"])
