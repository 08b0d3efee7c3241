"""Lavalink.py's example cog on Voxlink: the import is ours, the rest is as it was, but for the voice class.

pip install "voxlink[node]" discord.py
DISCORD_TOKEN=… python from_lavalink_py.py
"""

from __future__ import annotations

import os

import discord
from discord.ext import commands

import voxlink as lavalink
from voxlink import LoadType, QueueEndEvent, TrackStartEvent
from voxlink.discordpy import voice_protocol


class Music(commands.Cog):
    """Plays songs in voice channels."""

    def __init__(self, bot: commands.Bot, client: lavalink.Client) -> None:
        self.bot = bot
        self.lavalink = client
        self.voice_class = voice_protocol(discord.VoiceProtocol, client)
        self.lavalink.add_event_hooks(self)

    async def cog_unload(self) -> None:
        """Let go of the hooks that this cog registered."""
        self.lavalink._event_hooks.clear()  # noqa: SLF001 - as Lavalink.py's example has it

    async def cog_command_error(self, ctx: commands.Context, error: Exception) -> None:  # type: ignore[override]
        """Tell the user what went wrong."""
        await ctx.send(str(getattr(error, "original", error)))

    async def ensure_voice(self, ctx: commands.Context) -> lavalink.DefaultPlayer:
        """Join the user's channel if need be and return the player."""
        assert ctx.guild is not None
        assert isinstance(ctx.author, discord.Member)
        if ctx.author.voice is None or ctx.author.voice.channel is None:
            raise commands.CommandError("Join a voice channel first.")
        if ctx.guild.voice_client is None:
            await ctx.author.voice.channel.connect(cls=self.voice_class, self_deaf=True)
        player = self.lavalink.player_manager.get(ctx.guild.id)
        player.store("channel", ctx.channel.id)
        return player

    @lavalink.listener(TrackStartEvent)
    async def on_track_start(self, event: TrackStartEvent) -> None:
        """Say what is played."""
        channel = self.bot.get_channel(event.player.fetch("channel"))  # type: ignore[attr-defined]
        if isinstance(channel, discord.abc.Messageable):
            await channel.send(f"Now playing: {event.track.title}")

    @lavalink.listener(QueueEndEvent)
    async def on_queue_end(self, event: QueueEndEvent) -> None:
        """Leave when there is nothing more to play."""
        guild = self.bot.get_guild(event.player.guild_id)
        if guild is not None and guild.voice_client is not None:
            await guild.voice_client.disconnect(force=True)

    @commands.command(aliases=["p"])
    @commands.guild_only()
    async def play(self, ctx: commands.Context, *, query: str) -> None:
        """Play what an address or a search finds."""
        player = await self.ensure_voice(ctx)
        query = query.strip("<>")
        if not query.startswith(("http://", "https://")):
            query = f"ytsearch:{query}"
        results = await player.node.get_tracks(query)
        if results.load_type in (LoadType.EMPTY, LoadType.ERROR):
            raise commands.CommandError("I could not find anything.")
        tracks = results.tracks if results.load_type == LoadType.PLAYLIST else results.tracks[:1]
        for track in tracks:
            player.add(track, requester=ctx.author.id)
        await ctx.send(f"Queued: {results.playlist_info.name or tracks[0].title}")
        if not player.is_playing:
            await player.play()

    @commands.command()
    @commands.guild_only()
    async def lowpass(self, ctx: commands.Context, strength: float) -> None:
        """Muffle the sound; 0 takes the filter away."""
        player = await self.ensure_voice(ctx)
        if strength <= 0:
            await player.remove_filter("lowpass")
        else:
            await player.update_filter(lavalink.LowPass, smoothing=strength)
        await ctx.send(f"Low pass: {strength}")

    @commands.command(aliases=["dc"])
    @commands.guild_only()
    async def disconnect(self, ctx: commands.Context) -> None:
        """Stop and leave."""
        assert ctx.guild is not None
        if ctx.guild.voice_client is not None:
            await ctx.guild.voice_client.disconnect(force=True)
        await ctx.send("Bye.")


class Bot(commands.Bot):
    """Starts the client once its user id is known, and closes it at the end."""

    client: lavalink.Client | None = None

    async def setup_hook(self) -> None:
        """Connect to the node and add the commands."""
        assert self.user is not None
        self.client = lavalink.Client(self.user.id)
        self.client.add_node(host="localhost", port=2333, password="youshallnotpass", region="us", name="default")
        await self.add_cog(Music(self, self.client))

    async def close(self) -> None:
        """Leave every channel, then close the client."""
        await super().close()
        if self.client is not None:
            await self.client.close()


if __name__ == "__main__":
    intents = discord.Intents.default()
    intents.message_content = True
    Bot(command_prefix="!", intents=intents).run(os.environ["DISCORD_TOKEN"])
