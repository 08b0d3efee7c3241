"""pomice's example cog on Voxlink: join, play, pause, filters and loops; the queue needs no code any more.

pip install "voxlink[node]" discord.py
DISCORD_TOKEN=… python from_pomice.py
"""

from __future__ import annotations

import os
from typing import Any

import discord
from discord.ext import commands

from voxlink import Client, DefaultPlayer, LoadType, Timescale, TrackStartEvent
from voxlink.discordpy import voice_protocol


class Music(commands.Cog):
    """The commands."""

    def __init__(self, bot: commands.Bot, client: Client) -> None:
        self.bot = bot
        self.client = client
        client.add_event_hook(self.on_track_start, event=TrackStartEvent)

    async def on_track_start(self, event: TrackStartEvent) -> None:
        """pomice's `on_pomice_track_start`."""
        assert isinstance(event.player, DefaultPlayer)
        channel = self.bot.get_channel(event.player.fetch("channel"))
        if isinstance(channel, discord.abc.Messageable):
            await channel.send(f"Now playing: {event.track.title}, asked for by <@{event.track.requester}>")

    async def cog_command_error(self, ctx: commands.Context[Any], error: Exception) -> None:
        """Tell the user what went wrong."""
        await ctx.send(str(getattr(error, "original", error)))

    def player_of(self, ctx: commands.Context[Any]) -> DefaultPlayer:
        """The guild's player, or an answer to the user."""
        player = None if ctx.guild is None else self.client.player_manager.get(ctx.guild.id)
        if player is None:
            raise commands.CommandError("Let me join first: !join")
        return player

    @commands.command(aliases=["connect"])
    @commands.guild_only()
    async def join(self, ctx: commands.Context[Any], *, channel: discord.VoiceChannel | None = None) -> None:
        """Join a channel, yours if you name none."""
        assert isinstance(ctx.author, discord.Member)
        target = channel or (ctx.author.voice and ctx.author.voice.channel)
        if target is None:
            raise commands.CommandError("Join a voice channel first.")
        await target.connect(cls=voice_protocol(discord.VoiceProtocol, self.client))
        self.player_of(ctx).store("channel", ctx.channel.id)

    @commands.command(aliases=["disconnect", "dc"])
    @commands.guild_only()
    async def leave(self, ctx: commands.Context[Any]) -> None:
        """Stop and leave."""
        assert ctx.guild is not None
        if ctx.guild.voice_client is not None:
            await ctx.guild.voice_client.disconnect(force=True)

    @commands.command()
    @commands.guild_only()
    async def play(self, ctx: commands.Context[Any], *, search: str) -> None:
        """Play or queue what is found."""
        assert ctx.guild is not None
        if ctx.guild.voice_client is None:
            await ctx.invoke(self.join)
        player = self.player_of(ctx)
        found = await self.client.search(search)
        if not found.tracks:
            raise commands.CommandError("No results were found.")
        for track in found.tracks if found.load_type == LoadType.PLAYLIST else found.tracks[:1]:
            player.add(track, requester=ctx.author.id)
        if not player.is_playing:
            await player.play()

    @commands.command()
    async def pause(self, ctx: commands.Context[Any]) -> None:
        """Pause."""
        await self.player_of(ctx).set_pause(True)

    @commands.command()
    async def resume(self, ctx: commands.Context[Any]) -> None:
        """Go on."""
        await self.player_of(ctx).set_pause(False)

    @commands.command()
    async def skip(self, ctx: commands.Context[Any]) -> None:
        """Play the next song."""
        await self.player_of(ctx).skip()

    @commands.command()
    async def loop(self, ctx: commands.Context[Any], what: str) -> None:
        """Loop the track or the queue; anything else ends the loop."""
        player = self.player_of(ctx)
        player.set_loop({"track": player.LOOP_SINGLE, "queue": player.LOOP_QUEUE}.get(what, player.LOOP_NONE))

    @commands.command()
    async def speed(self, ctx: commands.Context[Any], speed: float) -> None:
        """Play faster or slower; 1 takes the filter away."""
        player = self.player_of(ctx)
        if speed == 1:
            await player.remove_filter(Timescale)
        else:
            await player.set_filter(Timescale(speed=speed), apply="now")


class MyBot(commands.Bot):
    """pomice's bot with `NodePool.create_node` in it."""

    pool: Client

    async def setup_hook(self) -> None:
        """Connect to the node and add the commands."""
        assert self.user is not None
        self.pool = Client(self.user.id)
        self.pool.add_node("127.0.0.1", 2333, "youshallnotpass", "eu", name="MAIN")
        await self.add_cog(Music(self, self.pool))

    async def close(self) -> None:
        """Leave every channel, then close the client."""
        await super().close()
        if hasattr(self, "pool"):
            await self.pool.close()


if __name__ == "__main__":
    intents = discord.Intents.default()
    intents.message_content = True
    MyBot(command_prefix="!", intents=intents).run(os.environ["DISCORD_TOKEN"])
