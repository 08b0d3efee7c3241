"""The world in Discord's JSON, read back by hikari's own entity factory."""

from __future__ import annotations

import hikari

from voxlink.testing import Discord
from voxlink.testing.discord import payloads


def test_hikari_reads_every_object() -> None:
    here = Discord()
    here.user_joins(here.lounge)
    bot = hikari.GatewayBot("MQ.x.y", banner=None, logs=None, suppress_optimization_warning=True)
    factory = bot.entity_factory
    assert factory.deserialize_user(payloads.user(here.user)).username == "ada"
    assert factory.deserialize_my_user(payloads.own_user(here.bot)).id == here.bot.id
    assert factory.deserialize_channel(payloads.channel(here.lounge)).name == "Lounge"
    assert factory.deserialize_application(payloads.application(here.bot)).id == here.bot.id
    guild = factory.deserialize_gateway_guild(payloads.guild_create(here.guild), user_id=hikari.Snowflake(here.bot.id))
    assert guild.voice_states()[hikari.Snowflake(here.user.id)].channel_id == here.lounge.id
    assert len(guild.channels()) == 3
    message = here.user_says("hello")
    assert factory.deserialize_message(payloads.message(message)).content == "hello"


def test_tokens_are_in_no_payload() -> None:
    here = Discord()
    told = str([payloads.application(here.bot), payloads.own_user(here.bot), payloads.guild_create(here.guild)])
    assert here.bot.token not in told
