"""The world: who and what exists."""

from __future__ import annotations

import base64

import pytest

from voxlink.errors import UsageError
from voxlink.testing.discord.state import Channel, ChannelType, Message, Permission, User, World


def test_ids_grow_and_tokens_begin_with_the_id() -> None:
    world = World()
    first, second = world.add_account("one"), world.add_account("two")
    assert second.id > first.id
    head = first.token.split(".")[0]
    assert int(base64.b64decode(head + "==")) == first.id
    assert world.account_by_token(first.token) is first
    assert world.account_by_token("other") is None
    assert first.token not in repr(first)


def test_a_channel_is_found_in_whichever_guild_it_is() -> None:
    world = World()
    ada = world.add_user("ada")
    guilds = [world.add_guild(name, owner=ada) for name in ("a", "b")]
    channel = world.add_channel(guilds[1], "x", ChannelType.VOICE)
    assert world.channel(channel.id) is channel
    assert world.channel(1) is None
    assert world.guilds_of(ada.id) == guilds
    with pytest.raises(UsageError, match="2 guilds"):
        world.guild_with(ada.id)


def test_a_denial_holds_for_one_user_alone() -> None:
    channel = Channel(1, 2, "x", ChannelType.VOICE, denied={7: Permission.CONNECT})
    assert not channel.allows(7, Permission.CONNECT)
    assert channel.allows(7, Permission.SPEAK)
    assert channel.allows(8, Permission.CONNECT)


def test_the_text_of_a_message_holds_all_that_can_be_read() -> None:
    embed = {"title": "T", "description": "D", "fields": [{"name": "N", "value": "V"}], "footer": {"text": "F"}}
    message = Message(1, 2, 3, User(4, "ada"), content="C", embeds=[embed])
    assert message.text == "C\nT\nD\nN\nV\nF"
