"""Interactions: one initial answer, in time, of a kind that fits; then follow-ups while the token lives."""

from __future__ import annotations

import msgspec
import pytest

from voxlink.testing.discord.interactions import CallbackBody, Interaction, InteractionKind
from voxlink.testing.discord.messages import MessageBody
from voxlink.testing.discord.refusals import Refusal
from voxlink.testing.discord.state import ChannelType, World


def pressed(kind: InteractionKind = InteractionKind.COMMAND) -> tuple[World, Interaction]:
    world = World()
    ada = world.add_user("ada")
    guild = world.add_guild("g", owner=ada)
    bot = world.add_account("dj")
    channel = world.add_channel(guild, "text", ChannelType.TEXT)
    return world, Interaction(5, kind, "token-5", bot, ada, guild, channel, {}, 100.0, "/play")


def callback(kind: int, **data: object) -> CallbackBody:
    return CallbackBody(kind, msgspec.Raw(msgspec.json.encode(data)))


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> int:
    return refused.value.code


def answer(world: World, one: Interaction, body: CallbackBody, now: float = 101.0):
    return one.acknowledge(world, body, [], now=now, sent_at="")


def test_a_second_initial_answer_is_refused() -> None:
    world, one = pressed()
    assert answer(world, one, callback(4, content="hi")) is one.messages[0]
    with pytest.raises(Refusal) as refused:
        answer(world, one, callback(4, content="again"))
    assert code_of(refused) == 40060
    assert [message.content for message in one.messages] == ["hi"]


def test_an_answer_after_three_seconds_is_unknown() -> None:
    world, one = pressed()
    with pytest.raises(Refusal) as refused:
        answer(world, one, callback(4, content="late"), now=103.5)
    assert code_of(refused) == 10062


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 99])
def test_an_answer_that_does_not_fit_a_command_is_refused_and_can_be_mended(kind: int) -> None:
    world, one = pressed()
    with pytest.raises(Refusal) as refused:
        answer(world, one, callback(kind))
    assert code_of(refused) == 50035
    assert answer(world, one, callback(4, content="right")) is not None


def test_the_first_follow_up_fills_a_deferred_answer_in() -> None:
    world, one = pressed()
    thinking = answer(world, one, callback(5, flags=64))
    assert thinking is not None
    assert (thinking.is_thinking, thinking.is_ephemeral) == (True, True)
    filled = one.follow_up(world, MessageBody("done"), [], now=110, sent_at="")
    assert filled is thinking
    assert not filled.is_thinking
    assert one.follow_up(world, MessageBody("more"), [], now=110, sent_at="") is not thinking


def test_a_follow_up_before_the_answer_or_after_fifteen_minutes_is_refused() -> None:
    world, one = pressed()
    with pytest.raises(Refusal) as early:
        one.follow_up(world, MessageBody("x"), [], now=101, sent_at="")
    assert code_of(early) == 10015
    answer(world, one, callback(5))
    with pytest.raises(Refusal) as late:
        one.follow_up(world, MessageBody("x"), [], now=1001, sent_at="")
    assert code_of(late) == 50027


def test_a_deleted_answer_is_an_unknown_message() -> None:
    world, one = pressed()
    answer(world, one, callback(4, content="hi"))
    assert one.message("@original", now=101) is one.message(str(one.messages[0].id), now=101)
    one.messages[0].is_deleted = True
    with pytest.raises(Refusal) as refused:
        one.message("@original", now=101)
    assert code_of(refused) == 10008


def test_choices_are_kept_for_the_one_who_types() -> None:
    world, one = pressed(InteractionKind.AUTOCOMPLETE)
    answer(world, one, callback(8, choices=[{"name": "A", "value": "a"}]))
    assert one.choices == [{"name": "A", "value": "a"}]


def test_the_token_stays_out_of_the_repr() -> None:
    assert "token-5" not in repr(pressed()[1])
