"""hikari-ongaku's gateway example on Voxlink: one slash command that plays, and events by the client.

pip install "voxlink[hikari]" hikari
DISCORD_TOKEN=… python from_ongaku.py
"""

from __future__ import annotations

import os

import hikari

from voxlink import Client, DefaultPlayer, QueueEndEvent, TrackStartEvent, VoxlinkError
from voxlink.hikari import LavalinkVoiceConnection, VoiceComponent


class Music:
    """What ongaku's `Client` was for the bot: it knows the nodes, and plays."""

    def __init__(self, bot: hikari.GatewayBot) -> None:
        self.bot = bot
        self.client: Client | None = None
        VoiceComponent.install(bot)
        bot.listen(hikari.StartedEvent)(self.on_started)
        bot.listen(hikari.StoppingEvent)(self.on_stopping)
        bot.listen(hikari.InteractionCreateEvent)(self.on_command)

    async def on_started(self, _: hikari.StartedEvent) -> None:
        """ongaku's `create_session`, then the command."""
        me = self.bot.get_me()
        assert me is not None
        self.client = Client(me.id)
        self.client.add_node("127.0.0.1", 2333, "youshallnotpass", "eu", name="hikari-session")
        self.client.add_event_hook(self.on_track_start, event=TrackStartEvent)
        self.client.add_event_hook(self.on_queue_end, event=QueueEndEvent)
        query = hikari.CommandOption(
            type=hikari.OptionType.STRING, name="query", description="What to play.", is_required=True
        )
        play = self.bot.rest.slash_command_builder("play", "Play a song.").add_option(query)
        await self.bot.rest.set_application_commands(me.id, [play])

    async def on_stopping(self, _: hikari.StoppingEvent) -> None:
        """Close the client with the bot."""
        if self.client is not None:
            await self.client.close()

    async def on_track_start(self, event: TrackStartEvent) -> None:
        """ongaku's `TrackStartEvent`."""
        assert isinstance(event.player, DefaultPlayer)
        await self.bot.rest.create_message(event.player.fetch("channel"), f"Now playing: {event.track.title}")

    async def on_queue_end(self, event: QueueEndEvent) -> None:
        """ongaku's `QueueEmptyEvent`."""
        connection = self.bot.voice.connections.get(hikari.Snowflake(event.player.guild_id))
        if connection is not None:
            await connection.disconnect()

    async def on_command(self, event: hikari.InteractionCreateEvent) -> None:
        """Answer the command."""
        interaction = event.interaction
        if not isinstance(interaction, hikari.CommandInteraction) or interaction.guild_id is None:
            return
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        try:
            answer = await self.play(interaction, interaction.guild_id)
        except (hikari.VoiceError, VoxlinkError) as error:
            answer = f"That did not work: {error}"
        await interaction.edit_initial_response(answer)

    async def play(self, interaction: hikari.CommandInteraction, guild_id: hikari.Snowflake) -> str:
        """Join the user and play, or queue; say what happened."""
        assert self.client is not None
        assert interaction.options is not None
        state = self.bot.cache.get_voice_state(guild_id, interaction.user.id)
        if state is None or state.channel_id is None:
            return "Join a voice channel first."
        found = await self.client.search(str(interaction.options[0].value))
        if not found.tracks:
            return "Nothing was found."
        connection = self.bot.voice.connections.get(guild_id)
        if not isinstance(connection, LavalinkVoiceConnection):
            connection = await self.bot.voice.connect_to(
                guild_id, state.channel_id, LavalinkVoiceConnection, client=self.client
            )
        player = connection.player
        player.store("channel", interaction.channel_id)
        player.add(found.tracks[0], requester=interaction.user.id)
        if not player.is_playing:
            await player.play()
        return f"Added {found.tracks[0].title}."


if __name__ == "__main__":
    gateway_bot = hikari.GatewayBot(os.environ["DISCORD_TOKEN"])
    Music(gateway_bot)
    gateway_bot.run(check_for_updates=False)
