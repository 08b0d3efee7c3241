"""wavelink's simple example on Voxlink: autoplay, playlists, night core and an announcement for each song.

pip install "voxlink[node]" discord.py
DISCORD_TOKEN=… python from_wavelink.py
"""

from __future__ import annotations

import os
from typing import Any

import discord
from discord.ext import commands

from voxlink import (
    Client,
    DefaultPlayer,
    InactivityEvent,
    InactivityPolicy,
    LoadType,
    Preset,
    Recommendations,
    SearchSource,
    TrackStartEvent,
)
from voxlink.discordpy import voice_protocol


class Bot(commands.Bot):
    """A bot with one client, made when the user id is known."""

    music: Client

    async def setup_hook(self) -> None:
        """wavelink's `Pool.connect`."""
        assert self.user is not None
        self.music = Client(self.user.id, autoplay=Recommendations(), inactivity=InactivityPolicy(idle_s=300))
        self.music.add_node("localhost", 2333, "youshallnotpass", "eu")
        self.music.add_event_hook(self.announce, event=TrackStartEvent)
        self.music.add_event_hook(self.leave, event=InactivityEvent)

    async def close(self) -> None:
        """Leave every channel, then close the client."""
        await super().close()
        if hasattr(self, "music"):
            await self.music.close()

    async def announce(self, event: TrackStartEvent) -> None:
        """wavelink's `on_wavelink_track_start`."""
        assert isinstance(event.player, DefaultPlayer)
        home = self.get_channel(event.player.fetch("home"))
        if isinstance(home, discord.abc.Messageable):
            embed = discord.Embed(title="Now playing", description=f"**{event.track.title}** by {event.track.author}")
            embed.set_image(url=event.track.artwork_url)
            await home.send(embed=embed)

    async def leave(self, event: InactivityEvent) -> None:
        """wavelink's `on_wavelink_inactive_player`."""
        guild = self.get_guild(event.player.guild_id)
        if guild is not None and guild.voice_client is not None:
            await guild.voice_client.disconnect(force=True)


intents = discord.Intents.default()
intents.message_content = True
bot = Bot(command_prefix="?", intents=intents)


def player_of(ctx: commands.Context[Any]) -> DefaultPlayer:
    """The guild's player, or an answer to the user."""
    player = None if ctx.guild is None else bot.music.player_manager.get(ctx.guild.id)
    if player is None:
        raise commands.UserInputError("I am in no voice channel.")
    return player


@bot.event
async def on_command_error(ctx: commands.Context[Any], error: commands.CommandError) -> None:
    """Tell the user what went wrong."""
    await ctx.send(str(getattr(error, "original", error)))


@bot.command()
@commands.guild_only()
async def play(ctx: commands.Context[Any], *, query: str) -> None:
    """Play a song, a playlist or what a search finds."""
    assert ctx.guild is not None
    assert isinstance(ctx.author, discord.Member)
    if ctx.guild.voice_client is None:
        if ctx.author.voice is None or ctx.author.voice.channel is None:
            raise commands.UserInputError("Join a voice channel first.")
        await ctx.author.voice.channel.connect(cls=voice_protocol(discord.VoiceProtocol, bot.music))
    player = player_of(ctx)
    player.store("home", ctx.channel.id)
    found = await bot.music.search(query, source=SearchSource.YOUTUBE)
    if not found.tracks:
        raise commands.UserInputError("Nothing was found.")
    tracks = found.tracks if found.load_type == LoadType.PLAYLIST else found.tracks[:1]
    player.queue.extend(tracks)
    await ctx.send(f"Added {found.playlist_info.name or tracks[0].title}.")
    if not player.is_playing:
        await player.play(volume=30)


@bot.command()
async def skip(ctx: commands.Context[Any]) -> None:
    """Play the next song."""
    await player_of(ctx).skip()
    await ctx.message.add_reaction("\u2705")


@bot.command()
async def nightcore(ctx: commands.Context[Any]) -> None:
    """Faster and higher."""
    await player_of(ctx).set_filters(*Preset.NIGHTCORE, apply="now")
    await ctx.message.add_reaction("\u2705")


@bot.command(name="toggle", aliases=["pause", "resume"])
async def pause_resume(ctx: commands.Context[Any]) -> None:
    """Pause, or go on."""
    player = player_of(ctx)
    await player.set_pause(not player.paused)
    await ctx.message.add_reaction("\u2705")


@bot.command()
async def volume(ctx: commands.Context[Any], value: int) -> None:
    """Set the volume in percent."""
    await player_of(ctx).set_volume(value)
    await ctx.message.add_reaction("\u2705")


@bot.command(aliases=["dc"])
async def disconnect(ctx: commands.Context[Any]) -> None:
    """Stop and leave."""
    if ctx.guild is not None and ctx.guild.voice_client is not None:
        await ctx.guild.voice_client.disconnect(force=True)
        await ctx.message.add_reaction("\u2705")


if __name__ == "__main__":
    bot.run(os.environ["DISCORD_TOKEN"])
