"""What a user sees after a press, with a hikari bot that offers choices and thinks for a while."""

from __future__ import annotations

import hikari
import pytest

from voxlink.errors import NeverHappened
from voxlink.testing import Discord


async def play_command(bot: hikari.GatewayBot, simulated: Discord) -> None:
    query = hikari.CommandOption(type=3, name="query", description="What.", autocomplete=True)
    command = bot.rest.slash_command_builder("play", "Play a song.").add_option(query)
    await bot.rest.set_application_commands(simulated.bot.id, [command])

    @bot.listen()
    async def pressed(event: hikari.InteractionCreateEvent) -> None:
        one = event.interaction
        if isinstance(one, hikari.AutocompleteInteraction):
            await one.create_response([hikari.impl.AutocompleteChoiceBuilder("A song", "song")])
        elif isinstance(one, hikari.CommandInteraction):
            await one.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
            await one.edit_initial_response(embed=hikari.Embed(title="Now playing"))


async def test_a_deferred_answer_counts_when_it_is_filled_in(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    await play_command(hikari_bot, simulated)
    press = simulated.user_presses("/play", query="x")
    await press.acknowledged()
    assert (await press.shown("NOW playing")).embeds[0]["title"] == "Now playing"
    assert (await press.shown(lambda message: bool(message.embeds))) is press.messages[0]
    with pytest.raises(NeverHappened, match="/play"):
        await press.shown("something else", timeout_s=0)


async def test_choices_are_offered_while_typing(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    await play_command(hikari_bot, simulated)
    choices = await simulated.user_types("/play", "query", "so").choices()
    assert [(one["name"], one["value"]) for one in choices] == [("A song", "song")]
