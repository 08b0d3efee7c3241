"""Each fault of hikari's own join (measured on 2.6 and 2.7) is a promise of our component: property by property."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable
from typing import Any

import hikari
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.hikari.stand import DEADLINE_S, Noting, Stand, at_once, never, soon, turns
from voxlink.testing.discord.voice_states import Event

answers = st.sampled_from([at_once, soon])
few = settings(max_examples=25, deadline=None)


def run(scenario: Awaitable[None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await scenario

    asyncio.run(bounded())


def shuffled(order: list[int], *, once: bool = True) -> Callable[[Stand, list[Event]], Awaitable[None]]:
    """Answer with the events in another order, the first time."""

    async def answer(stand: Stand, events: list[Event]) -> None:
        stand.tell(*(events[number] for number in order if number < len(events)))
        if once:
            stand.answer = at_once

    return answer


@few
@given(order=st.permutations([0, 1]), answer=answers)
def test_events_that_come_before_the_request_returns_are_seen_in_either_order(order: list[int], answer: Any) -> None:
    async def scenario() -> None:
        stand = Stand(answer)
        if answer is at_once:
            stand.answer = shuffled(order)
        connection = await stand.connect()
        assert connection.hook["session_id"] == stand.discord.guild.voice_states[stand.discord.bot.id].session_id
        assert connection.hook["endpoint"].startswith("wss://")
        assert stand.component.connections == {stand.guild: connection}

    run(scenario())


@few
@given(answer=answers, joins=st.integers(2, 5))
def test_of_several_joins_at_once_one_succeeds_and_the_others_are_refused(answer: Any, joins: int) -> None:
    async def scenario() -> None:
        stand = Stand(answer)
        results = await asyncio.gather(*(stand.connect() for _ in range(joins)), return_exceptions=True)
        made = [result for result in results if isinstance(result, Noting)]
        assert len(made) == 1
        assert all(isinstance(result, hikari.VoiceError) for result in results if result is not made[0])
        assert stand.component.connections == {stand.guild: made[0]}
        assert stand.shard.sent == [stand.lounge]

    run(scenario())


@few
@given(lost=st.sampled_from([[], [0], [1]]))
def test_a_join_that_times_out_leaves_the_channel(lost: list[int]) -> None:
    async def scenario() -> None:
        stand = Stand(shuffled(lost))
        with pytest.raises(hikari.VoiceError, match="Could not connect to voice channel"):
            await stand.connect(timeout=0.01)
        assert stand.shard.sent == [stand.lounge, None]
        assert stand.is_left
        assert not stand.component.connections
        await stand.connect()

    run(scenario())


@few
@given(wait=st.integers(0, 6), during_initialize=st.booleans())
def test_a_join_that_is_cancelled_leaves_the_channel(wait: int, during_initialize: bool) -> None:
    async def scenario() -> None:
        stand = Stand(at_once if during_initialize else never)

        async def forever(_: Noting) -> None:
            await asyncio.Event().wait()

        joining = asyncio.create_task(stand.connect(during=forever))
        await turns(wait)
        joining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await joining
        assert stand.shard.sent in ([], [stand.lounge, None])
        assert stand.is_left
        assert not stand.component.connections
        stand.answer = at_once
        await stand.connect()

    run(scenario())


@few
@given(what=st.lists(st.sampled_from(["move", "region", "other"]), min_size=1, max_size=4))
def test_events_during_initialize_reach_the_connection_in_order(what: list[str]) -> None:
    async def scenario() -> None:
        stand = Stand()
        expected: list[str] = []

        async def meanwhile(_: Noting) -> None:
            for one in what:
                if one == "move":
                    place = stand.discord.guild.voice_states[stand.discord.bot.id].channel_id
                    to = stand.discord.lounge if place != stand.lounge else stand.discord.stage_left
                    events = stand.voice.move(stand.discord.guild, stand.discord.bot.id, to)
                elif one == "region":
                    events = stand.voice.change_region(stand.discord.guild)
                else:
                    events = stand.voice.join(stand.discord.guild, stand.discord.lounge, stand.discord.user.id)
                expected.extend(event.name for event in events)
                stand.tell(*events)
            await turns()

        connection = await stand.connect(during=meanwhile)
        names = {
            hikari.VoiceStateUpdateEvent: "VOICE_STATE_UPDATE",
            hikari.VoiceServerUpdateEvent: "VOICE_SERVER_UPDATE",
        }
        assert [names[type(event)] for event in connection.events] == expected  # type: ignore[index]

    run(scenario())


@few
@given(answer=answers, rounds=st.integers(1, 4))
def test_the_echo_of_an_earlier_leave_is_not_taken_for_the_join(answer: Any, rounds: int) -> None:
    async def scenario() -> None:
        stand = Stand(answer)
        late: list[Event] = []

        async def hold_the_echo(_: Stand, events: list[Event]) -> None:
            late.extend(events)

        for _ in range(rounds):
            connection = await stand.connect()
            stand.answer = hold_the_echo
            await stand.component.disconnect(stand.guild)
            stand.answer = answer
            joining = asyncio.create_task(stand.connect())
            await turns()
            stand.tell(*late)
            late.clear()
            connection = await joining
            assert connection.hook["session_id"] == stand.discord.guild.voice_states[stand.discord.bot.id].session_id
            assert connection.hook["channel_id"] == stand.lounge
            await turns()
            assert connection.events == []
            await stand.component.disconnect(stand.guild)

    run(scenario())


@few
@given(nulls=st.integers(1, 3), first=st.booleans())
def test_a_null_endpoint_is_waited_out(nulls: int, first: bool) -> None:
    async def scenario() -> None:
        stand = Stand()

        async def null_first(_: Stand, events: list[Event]) -> None:
            state, server = events
            null = Event(server.guild_id, server.name, {**server.data, "endpoint": None}, server.only)
            stand.tell(*([null] * nulls), state) if first else stand.tell(state, *([null] * nulls))
            asyncio.get_running_loop().call_soon(stand.tell, server)
            stand.answer = at_once

        stand.answer = null_first
        connection = await stand.connect()
        assert connection.hook["endpoint"] == "wss://192.0.2.1:443"

    run(scenario())


def test_an_endpoint_that_stays_null_times_out_and_leaves() -> None:
    async def scenario() -> None:
        stand = Stand()

        async def null(_: Stand, events: list[Event]) -> None:
            state, server = events
            stand.tell(state, Event(server.guild_id, server.name, {**server.data, "endpoint": None}))
            stand.answer = at_once

        stand.answer = null
        with pytest.raises(hikari.VoiceError):
            await stand.connect(timeout=0.01)
        assert stand.is_left

    run(scenario())


def test_the_channel_is_the_one_that_discord_put_us_in() -> None:
    async def scenario() -> None:
        stand = Stand()

        async def elsewhere(_: Stand, events: list[Event]) -> None:
            stand.tell(*stand.move())
            stand.answer = at_once

        stand.answer = elsewhere
        connection = await stand.connect()
        assert connection.channel_id == stand.other

    run(scenario())


@few
@given(listeners=st.integers(0, 3), connections=st.booleans())
def test_closing_beside_listeners_of_the_user_leaves_them_alone(listeners: int, connections: bool) -> None:
    async def scenario() -> None:
        stand = Stand()

        async def mine(_: hikari.VoiceEvent) -> None: ...

        for _ in range(listeners):
            stand.bot.event_manager.subscribe(hikari.VoiceEvent, mine)
        if connections:
            await stand.connect()
        await stand.component.close()
        assert not stand.component.is_alive
        assert stand.is_left
        assert stand.listeners() == 0
        assert len(stand.bot.event_manager.get_listeners(hikari.VoiceEvent)) == listeners
        stand.component.start()
        await stand.connect()
        assert stand.listeners() == 1

    run(scenario())


@few
@given(wait=st.integers(0, 8), in_initialize=st.booleans())
def test_closing_during_a_join_ends_the_join_and_registers_nothing(wait: int, in_initialize: bool) -> None:
    async def scenario() -> None:
        stand = Stand(at_once if in_initialize else never)

        async def forever(_: Noting) -> None:
            await asyncio.Event().wait()

        joining = asyncio.create_task(stand.connect(during=forever))
        await turns(wait)
        stand.answer = at_once
        await stand.component.close()
        with pytest.raises(hikari.ComponentStateConflictError):
            await joining
        assert not stand.component.connections
        assert stand.is_left
        assert stand.listeners() == 0

    run(scenario())


@few
@given(calls=st.integers(1, 3))
def test_a_late_or_repeated_on_close_does_not_touch_the_successor(calls: int) -> None:
    async def scenario() -> None:
        stand = Stand()
        old = await stand.connect()
        await stand.component.disconnect(stand.guild)
        new = await stand.connect()
        sent = list(stand.shard.sent)
        for _ in range(calls):
            await old.hook["on_close"](old)
        assert stand.component.connections == {stand.guild: new}
        assert stand.shard.sent == sent
        assert not stand.is_left

    run(scenario())


def test_a_join_before_there_are_shards_is_a_voice_error() -> None:
    async def scenario() -> None:
        stand = Stand()
        stand.app.shard_count, stand.app.shards = 0, {}
        with pytest.raises(hikari.VoiceError):
            await stand.connect()
        stand.app.shard_count = 2
        with pytest.raises(hikari.VoiceError, match="not present"):
            await stand.connect()
        assert not stand.component._joins

    run(scenario())


@few
@given(failing=st.sets(st.integers(0, 3)), how=st.sampled_from(["close", "disconnect_all"]))
def test_a_connection_that_raises_keeps_no_other_from_ending(failing: set[int], how: str) -> None:
    async def scenario() -> None:
        stand = Stand()
        guilds = [stand.discord.guild, *(stand.discord.add_guild(name, stand.discord.bot) for name in "abc")]
        made: list[Noting] = []
        for number, guild in enumerate(guilds):
            room = stand.discord.add_voice_channel(guild, "room")
            connection = await stand.component.connect_to(guild.id, room.id, Noting, timeout=DEADLINE_S)  # type: ignore[arg-type]
            made.append(connection)
            if number in failing:

                async def raises() -> None:
                    raise RuntimeError("broken")

                connection.disconnect = raises  # type: ignore[method-assign]
        if how == "close":
            await stand.component.close()
            assert not stand.component.is_alive
        elif failing:
            with pytest.raises(RuntimeError):
                await stand.component.disconnect_all()
        else:
            await stand.component.disconnect_all()
        assert not stand.component.connections
        assert all(not guild.voice_states for guild in guilds)
        assert [one.disconnects for n, one in enumerate(made) if n not in failing] == [1] * (4 - len(failing))

    run(scenario())


# What hikari's own component does right, ours does too.


def test_the_arguments_reach_initialize_and_the_flags_reach_discord() -> None:
    async def scenario() -> None:
        stand = Stand()
        connection = await stand.connect(deaf=True, mute=True, own="thing")
        assert connection.hook["own"] == "thing"
        assert connection.hook["owner"] is stand.component
        assert connection.hook["shard_id"] == 0
        assert stand.shard.flags == [(True, True)]

    run(scenario())


def test_without_a_cache_the_own_user_is_fetched() -> None:
    async def scenario() -> None:
        stand = Stand()
        me = stand.app.cache.get_me()

        async def fetch_my_user() -> object:
            return me

        stand.app.cache.get_me = lambda: None
        stand.app.rest = types.SimpleNamespace(fetch_my_user=fetch_my_user)
        connection = await stand.connect()
        assert connection.hook["user_id"] == me.id

    run(scenario())


def test_a_failed_initialize_leaves_and_its_error_comes_through() -> None:
    async def scenario() -> None:
        stand = Stand()

        async def fails(_: Noting) -> None:
            raise TimeoutError("the node is away")

        with pytest.raises(TimeoutError, match="the node is away"):
            await stand.connect(during=fails)
        assert stand.is_left
        await stand.connect()

    run(scenario())


def test_an_initialize_that_fails_with_an_old_token_is_tried_with_the_new_one() -> None:
    async def scenario() -> None:
        stand = Stand()
        tokens: list[str] = []

        async def fails_once(connection: Noting) -> None:
            tokens.append(connection.hook["token"])
            if len(tokens) == 1:
                stand.tell(*stand.voice.change_region(stand.discord.guild))
                await turns()
                raise ConnectionError("this server is gone")

        connection = await stand.connect(during=fails_once)
        assert tokens[0] != tokens[1] == connection.hook["token"]
        assert connection.events == []

    run(scenario())


def test_a_kick_during_initialize_is_a_voice_error() -> None:
    async def scenario() -> None:
        stand = Stand()

        async def kicked(_: Noting) -> None:
            stand.kick()
            await turns()

        with pytest.raises(hikari.VoiceError, match="Disconnected"):
            await stand.connect(during=kicked)
        assert not stand.component.connections

    run(scenario())


def test_use_before_start_and_while_closing_is_refused() -> None:
    async def scenario() -> None:
        stand = Stand()
        with pytest.raises(hikari.ComponentStateConflictError):
            stand.component.start()
        with pytest.raises(hikari.VoiceError, match="any active voice connection"):
            await stand.component.disconnect(stand.guild)
        await stand.component.close()
        for use in (stand.component.close, stand.component.disconnect_all, stand.connect):
            with pytest.raises(hikari.ComponentStateConflictError):
                await use()

    run(scenario())


def test_the_mapping_of_connections_is_live_and_cannot_be_written_to() -> None:
    async def scenario() -> None:
        stand = Stand()
        view = stand.component.connections
        connection = await stand.connect()
        assert view[stand.guild] is connection
        with pytest.raises(TypeError):
            view[stand.guild] = connection  # type: ignore[index]

    run(scenario())


def test_a_shard_that_is_down_says_so_and_nothing_is_left_behind() -> None:
    async def scenario() -> None:
        stand = Stand()

        async def down(_: Stand, events: list[Event]) -> None:
            raise hikari.ComponentStateConflictError("the shard is down")

        stand.answer = down
        with pytest.raises(hikari.ComponentStateConflictError, match="the shard is down"):
            await stand.connect()
        assert stand.shard.sent == [stand.lounge]
        assert not stand.component._joins

    run(scenario())


def test_installed_before_start_it_is_the_bots_voice() -> None:
    async def scenario() -> None:
        stand = Stand()
        component = type(stand.component).install(stand.bot)
        assert stand.bot.voice is component
        assert isinstance(stand.bot, hikari.GatewayBotAware)

    run(scenario())
