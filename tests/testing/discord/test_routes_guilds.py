"""Users, guilds, members, channels and messages over REST, asked by hikari."""

from __future__ import annotations

import hikari
import pytest

from voxlink.testing import Discord
from voxlink.testing.discord import Permission


async def test_what_exists_can_be_fetched(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    rest = hikari_bot.rest
    assert (await rest.fetch_my_user()).id == simulated.bot.id
    assert (await rest.fetch_user(simulated.user.id)).username == "ada"
    assert (await rest.fetch_guild(simulated.guild.id)).name == "Sound check"
    assert len(await rest.fetch_guild_channels(simulated.guild.id)) == 3
    assert (await rest.fetch_member(simulated.guild.id, simulated.user.id)).id == simulated.user.id
    assert [role.name for role in await rest.fetch_roles(simulated.guild.id)] == ["@everyone"]
    assert (await rest.fetch_channel(simulated.lounge.id)).name == "Lounge"
    assert (await rest.fetch_application()).id == simulated.bot.id


@pytest.mark.parametrize(
    ("what", "code"), [("user", 10013), ("guild", 10004), ("member", 10007), ("channel", 10003), ("message", 10008)]
)
async def test_what_does_not_exist_has_discords_code(
    simulated: Discord, hikari_bot: hikari.GatewayBot, what: str, code: int
) -> None:
    rest = hikari_bot.rest
    asks = {
        "user": lambda: rest.fetch_user(1),
        "guild": lambda: rest.fetch_guild(1),
        "member": lambda: rest.fetch_member(simulated.guild.id, 1),
        "channel": lambda: rest.fetch_channel(1),
        "message": lambda: rest.fetch_message(simulated.text.id, 1),
    }
    with pytest.raises(hikari.NotFoundError) as refused:
        await asks[what]()
    assert refused.value.code == code


async def test_a_message_is_sent_edited_and_deleted(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    message = await hikari_bot.rest.create_message(simulated.text.id, "one")
    await message.edit("two", embed=hikari.Embed(title="T"))
    assert [shown.text for shown in simulated.shown()] == ["two\nT"]
    assert (await hikari_bot.rest.fetch_message(simulated.text.id, message.id)).content == "two"
    await hikari_bot.rest.trigger_typing(simulated.text.id)
    assert [one.content async for one in hikari_bot.rest.fetch_messages(simulated.text.id)] == ["two"]
    await message.delete()
    assert simulated.shown() == []


async def test_what_a_bot_may_not_do_is_forbidden(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    theirs = simulated.user_says("mine")
    with pytest.raises(hikari.ForbiddenError) as edit:
        await hikari_bot.rest.edit_message(simulated.text.id, theirs.id, "no, mine")
    assert edit.value.code == 50005
    with pytest.raises(hikari.ForbiddenError):
        await hikari_bot.rest.delete_message(simulated.text.id, theirs.id)
    simulated.text.denied[simulated.bot.id] = Permission.SEND_MESSAGES
    with pytest.raises(hikari.ForbiddenError) as send:
        await hikari_bot.rest.create_message(simulated.text.id, "x")
    assert send.value.code == 50013
    simulated.text.denied[simulated.bot.id] = Permission.VIEW_CHANNEL
    with pytest.raises(hikari.ForbiddenError) as look:
        await hikari_bot.rest.fetch_channel(simulated.text.id)
    assert look.value.code == 50001
    assert [message.content for message in simulated.shown()] == ["mine"]


async def test_a_bot_moves_and_disconnects_people(simulated: Discord, hikari_bot: hikari.GatewayBot) -> None:
    rest, guild, ada = hikari_bot.rest, simulated.guild.id, simulated.user
    with pytest.raises(hikari.BadRequestError) as refused:
        await rest.edit_member(guild, ada.id, voice_channel=simulated.lounge.id)
    assert refused.value.code == 40032
    simulated.user_joins(simulated.lounge)
    await rest.edit_member(guild, ada.id, voice_channel=simulated.stage_left.id)
    assert simulated.voice_channel_of(ada) is simulated.stage_left
    simulated.lounge.denied[simulated.bot.id] = Permission.MOVE_MEMBERS
    with pytest.raises(hikari.ForbiddenError):
        await rest.edit_member(guild, ada.id, voice_channel=simulated.lounge.id)
    with pytest.raises(hikari.NotFoundError):
        await rest.edit_member(guild, ada.id, voice_channel=simulated.text.id)
    await rest.edit_member(guild, ada.id, voice_channel=None)
    assert simulated.voice_channel_of(ada) is None
