"""A music bot for hikari that plays on a Lavalink node: ours, which it starts by itself, or one of your own.

pip install "voxlink[hikari]" hikari
DISCORD_TOKEN=… python hikari_lavalink.py
"""

from __future__ import annotations

import os

import hikari

import voxlink
from voxlink.hikari import LavalinkVoiceConnection, VoiceComponent

bot = hikari.GatewayBot(os.environ["DISCORD_TOKEN"])
VoiceComponent.install(bot)
client: voxlink.Client

COMMANDS = {
    "play": "Play a song: the path of a file, or an address.",
    "pause": "Pause, or go on.",
    "skip": "Play the next song of the queue.",
    "queue": "Show what is played next.",
    "leave": "Stop and leave the voice channel.",
}


@bot.listen()
async def on_started(_: hikari.StartedEvent) -> None:
    """Connect the sound, then register the commands."""
    global client
    me = bot.get_me()
    assert me is not None
    client = voxlink.Client(me.id)
    # With a node of your own: client.add_node("localhost", 2333, "youshallnotpass", "eu")
    # local_files lets whoever may use /play open any sound file of this machine; leave it out of a public bot.
    await client.start_embedded_node(local_files=True)
    client.add_event_hook(on_track_start, event=voxlink.TrackStartEvent)
    builders = [bot.rest.slash_command_builder(name, words) for name, words in COMMANDS.items()]
    query = hikari.CommandOption(
        type=hikari.OptionType.STRING, name="query", description="What to play.", is_required=True
    )
    builders[0].add_option(query)
    await bot.rest.set_application_commands(me.id, builders)


@bot.listen()
async def on_stopping(_: hikari.StoppingEvent) -> None:
    """Stop the sound with the bot."""
    await client.close()


async def on_track_start(event: voxlink.TrackStartEvent) -> None:
    """Tell the channel that asked what is played."""
    assert isinstance(event.player, voxlink.DefaultPlayer)
    channel = event.player.fetch("channel")
    await bot.rest.create_message(channel, embed=hikari.Embed(title="Now playing", description=event.track.title))


@bot.listen()
async def on_command(event: hikari.InteractionCreateEvent) -> None:
    """Answer a slash command."""
    interaction = event.interaction
    if not isinstance(interaction, hikari.CommandInteraction) or interaction.guild_id is None:
        return
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    try:
        answer = await run_command(interaction, interaction.guild_id)
    except (hikari.VoiceError, voxlink.VoxlinkError) as error:
        answer = f"That did not work: {error}"
    await interaction.edit_initial_response(answer)


async def run_command(interaction: hikari.CommandInteraction, guild_id: hikari.Snowflake) -> str:
    """Do what a command asks for and say what happened."""
    if interaction.command_name == "play":
        assert interaction.options is not None
        return await play(interaction, guild_id, str(interaction.options[0].value))
    connection = bot.voice.connections.get(guild_id)
    if not isinstance(connection, LavalinkVoiceConnection):
        return "Nothing is playing here."
    player = connection.player
    match interaction.command_name:
        case "pause":
            await player.set_pause(not player.paused)
            return "Paused." if player.paused else "Playing on."
        case "skip":
            await player.skip()
            return "Skipped."
        case "queue":
            return "\n".join(track.title for track in player.queue) or "The queue is empty."
        case _:
            await connection.disconnect()
            return "Bye."


async def play(interaction: hikari.CommandInteraction, guild_id: hikari.Snowflake, query: str) -> str:
    """Join the user's voice channel if need be, and play or queue what the query finds."""
    state = bot.cache.get_voice_state(guild_id, interaction.user.id)
    if state is None or state.channel_id is None:
        return "Join a voice channel first."
    found = await client.get_tracks(query)
    if not found.tracks:
        return f"Nothing was found for {query}."
    connection = bot.voice.connections.get(guild_id)
    if not isinstance(connection, LavalinkVoiceConnection):
        connection = await bot.voice.connect_to(
            guild_id, state.channel_id, LavalinkVoiceConnection, client=client, deaf=True
        )
    player = connection.player
    player.store("channel", interaction.channel_id)
    track = found.tracks[0]
    player.add(track, requester=interaction.user.id)
    if player.is_playing:
        return f"Queued: {track.title}"
    await player.play()
    return f"Playing: {track.title}"


if __name__ == "__main__":
    bot.run(check_for_updates=False)
