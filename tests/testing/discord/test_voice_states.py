"""Who is in which voice channel: what Discord answers to op 4, moves, kicks and region changes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.discord.state import Account, Channel, ChannelType, Guild, Permission, World
from voxlink.testing.discord.voice_servers import NoServer
from voxlink.testing.discord.voice_states import Event, VoiceStateBody, VoiceStates


@dataclass
class Scene:
    world: World
    guild: Guild
    bot: Account
    first: Channel
    second: Channel
    voice: VoiceStates

    def asks(self, channel: Channel | int | None) -> list[Event]:
        number = channel.id if isinstance(channel, Channel) else channel
        return self.voice.request(self.bot.id, VoiceStateBody(self.guild.id, number))


def scene() -> Scene:
    world = World()
    guild = world.add_guild("g", owner=world.add_user("ada"))
    bot = world.add_account("dj")
    world.add_member(guild, bot)
    first, second = (world.add_channel(guild, name, ChannelType.VOICE) for name in ("one", "two"))
    counts: dict[str, int] = {}

    def at(endpoint: str):
        def admit(guild_id: int, user_id: int, channel_id: int, session_id: str | None) -> NoServer:
            counts[endpoint] = counts.get(endpoint, 0) + 1
            return NoServer(session_id or f"s-{endpoint}-{counts[endpoint]}", f"t-{counts[endpoint]}", endpoint)

        return admit

    return Scene(world, guild, bot, first, second, VoiceStates(world, [at("a:1"), at("b:2")]))


def test_a_join_is_answered_by_a_state_for_all_and_a_server_for_the_bot_alone() -> None:
    here = scene()
    state, server = here.asks(here.first)
    assert (state.name, state.only, state.data["channel_id"]) == ("VOICE_STATE_UPDATE", None, str(here.first.id))
    assert (server.name, server.only, server.data["endpoint"]) == ("VOICE_SERVER_UPDATE", here.bot.id, "a:1")


def test_joining_the_same_channel_again_brings_no_server_update() -> None:
    here = scene()
    here.asks(here.first)
    assert [event.name for event in here.asks(here.first)] == ["VOICE_STATE_UPDATE"]


def test_a_move_keeps_the_session_and_brings_a_new_token() -> None:
    here = scene()
    before = here.asks(here.first)
    after = here.voice.move(here.guild, here.bot.id, here.second)
    assert after[0].data["session_id"] == before[0].data["session_id"]
    assert after[1].data["token"] != before[1].data["token"]


def test_a_region_change_brings_another_endpoint_under_the_same_session() -> None:
    here = scene()
    here.asks(here.first)
    session = here.guild.voice_states[here.bot.id].session_id
    events = here.voice.change_region(here.guild)
    assert [(event.name, event.data["endpoint"]) for event in events] == [("VOICE_SERVER_UPDATE", "b:2")]
    assert here.guild.voice_states[here.bot.id].session_id == session


def test_a_leave_is_echoed_once() -> None:
    here = scene()
    here.asks(here.first)
    assert [event.data["channel_id"] for event in here.asks(None)] == [None]
    assert here.asks(None) == []


@pytest.mark.parametrize("why", ["unknown", "text", "full", "forbidden", "not a member"])
def test_discord_is_silent_about_a_channel_that_cannot_be_joined(why: str) -> None:
    here = scene()
    text = here.world.add_channel(here.guild, "text", ChannelType.TEXT)
    if why == "full":
        here.first.user_limit = 1
        here.voice.join(here.guild, here.first, here.guild.owner_id)
    if why == "forbidden":
        here.first.denied[here.bot.id] = Permission.CONNECT
    if why == "not a member":
        del here.guild.members[here.bot.id]
    target: Channel | int = {"unknown": 1, "text": text}.get(why, here.first)
    assert here.asks(target) == []


@given(st.lists(st.sampled_from(["first", "second", "leave", "kick", "region"])))
def test_the_last_state_event_tells_where_the_bot_is(steps: list[str]) -> None:
    here = scene()
    told: object = None
    for step in steps:
        if step == "region":
            events = here.voice.change_region(here.guild)
        elif step == "kick":
            events = here.voice.leave(here.guild, here.bot.id)
        else:
            events = here.asks({"first": here.first, "second": here.second, "leave": None}[step])
        for event in events:
            if event.name == "VOICE_STATE_UPDATE":
                told = event.data["channel_id"]
    state = here.guild.voice_states.get(here.bot.id)
    assert told == (None if state is None else str(state.channel_id))
