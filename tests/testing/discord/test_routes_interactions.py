"""Commands and interactions over REST, with hikari's builders."""

from __future__ import annotations

import asyncio

import hikari
import pytest

from voxlink.testing import Discord


async def register(simulated: Discord, bot: hikari.GatewayBot, *, guild: bool = False) -> None:
    command = bot.rest.slash_command_builder("play", "Play a song.")
    command.add_option(hikari.CommandOption(type=3, name="query", description="What.", is_required=True))
    where = hikari.Snowflake(simulated.guild.id) if guild else hikari.UNDEFINED
    await bot.rest.set_application_commands(simulated.bot.id, [command], guild=where)


async def pressed(simulated: Discord, bot: hikari.GatewayBot) -> hikari.CommandInteraction:
    arrived = asyncio.ensure_future(bot.wait_for(hikari.InteractionCreateEvent, timeout=10))
    await asyncio.sleep(0)
    simulated.user_presses("/play", query="song")
    interaction = (await arrived).interaction
    assert isinstance(interaction, hikari.CommandInteraction)
    return interaction


async def test_commands_are_registered_listed_edited_and_deleted(
    simulated: Discord, hikari_bot: hikari.GatewayBot
) -> None:
    rest, me = hikari_bot.rest, simulated.bot.id
    for guild in (False, True):
        await register(simulated, hikari_bot, guild=guild)
    (command,) = await rest.fetch_application_commands(me)
    assert len(await rest.fetch_application_commands(me, simulated.guild.id)) == 1
    assert (await rest.fetch_application_command(me, command.id)).name == "play"
    edited = await rest.edit_application_command(me, command.id, description="Another.")
    assert isinstance(edited, hikari.SlashCommand)
    assert edited.description == "Another."
    assert edited.options, "what is left out stays"
    await rest.create_slash_command(me, "stop", "Stop.")
    await rest.delete_application_command(me, command.id)
    assert [one.name for one in await rest.fetch_application_commands(me)] == ["stop"]
    with pytest.raises(hikari.NotFoundError) as refused:
        await rest.fetch_application_command(me, command.id)
    assert refused.value.code == 10063


async def test_the_commands_of_another_bot_are_out_of_reach(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    with pytest.raises(hikari.ForbiddenError) as refused:
        await hikari_bot.rest.fetch_application_commands(simulated.user.id)
    assert refused.value.code == 20012


async def test_an_answer_is_given_once_then_edited_followed_and_deleted(
    simulated: Discord, hikari_bot: hikari.GatewayBot
) -> None:
    await register(simulated, hikari_bot)
    interaction = await pressed(simulated, hikari_bot)
    await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "one", flags=64)
    with pytest.raises(hikari.BadRequestError) as refused:
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "two")
    assert refused.value.code == 40060
    await interaction.edit_initial_response("three")
    assert (await interaction.fetch_initial_response()).content == "three"
    follow_up = await interaction.execute("four")
    assert [message.content for message in simulated.shown()] == ["three", "four"]
    assert [message.content for message in simulated.shown(to=simulated.add_user("eve"))] == ["four"]
    await interaction.delete_message(follow_up)
    await interaction.delete_initial_response()
    assert simulated.shown() == []


async def test_an_interaction_of_somebody_else_is_unknown(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    await register(simulated, hikari_bot)
    interaction = await pressed(simulated, hikari_bot)
    interaction.token = "guessed"
    with pytest.raises(hikari.NotFoundError) as refused:
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, "x")
    assert refused.value.code == 10062
    with pytest.raises(hikari.NotFoundError) as webhook:
        await interaction.execute("x")
    assert webhook.value.code == 10015
