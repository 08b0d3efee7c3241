"""Slash commands: what Discord refuses to register, and what a press sends."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import UsageError
from voxlink.testing.discord.commands import (
    BOOLEAN,
    INTEGER,
    STRING,
    SUB_COMMAND,
    USER,
    ChoiceBody,
    CommandBody,
    CommandBook,
    OptionBody,
    Value,
    check_command,
    pressed,
)
from voxlink.testing.discord.refusals import Refusal
from voxlink.testing.discord.state import User

PLAY = CommandBody("play", "Play a song.", options=[OptionBody(STRING, "query", "What to play.", required=True)])


def book() -> CommandBook:
    return CommandBook(itertools.count(1).__next__)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (CommandBody("Play", "upper case"), ["name"]),
        (CommandBody("pl ay", "a space"), ["name"]),
        (CommandBody("play", ""), ["description"]),
        (CommandBody("play", "x" * 101), ["description"]),
        (CommandBody("play", "x", options=[OptionBody(STRING, "q")]), ["options", "0", "description"]),
        (
            CommandBody(
                "play", "x", options=[OptionBody(STRING, "a", "a"), OptionBody(STRING, "b", "b", required=True)]
            ),
            ["options", "1"],
        ),
        (CommandBody("play", "x", options=[OptionBody(STRING, "a", "a"), OptionBody(STRING, "a", "b")]), ["options"]),
    ],
)
def test_a_bad_command_is_refused_with_the_path_of_the_field(body: CommandBody, path: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        check_command(body)
    where: object = refused.value.errors
    for part in path:
        assert isinstance(where, dict)
        where = where[part]
    assert isinstance(where, dict)
    assert "_errors" in where


def test_a_command_of_the_same_name_is_overwritten_and_keeps_its_id() -> None:
    commands = book()
    first = commands.register(7, None, PLAY)
    second = commands.register(7, None, CommandBody("play", "Again."))
    assert second.id == first.id
    assert second.version > first.version
    assert [c.body.description for c in commands.of(7, None)] == ["Again."]


def test_the_hundred_and_first_command_is_refused() -> None:
    commands = book()
    for number in range(100):
        commands.register(7, None, CommandBody(f"c{number}", "x"))
    with pytest.raises(Refusal):
        commands.register(7, None, CommandBody("one-more", "x"))
    assert len(commands.of(7, None)) == 100


def test_a_refused_replacement_changes_nothing() -> None:
    commands = book()
    commands.register(7, None, PLAY)
    with pytest.raises(Refusal):
        commands.replace_all(7, None, [CommandBody("fine", "x"), CommandBody("NOT FINE", "x")])
    assert [c.body.name for c in commands.of(7, None)] == ["play"]
    assert [c.body.name for c in commands.replace_all(7, None, [CommandBody("stop", "x")])] == ["stop"]


def test_a_guilds_command_hides_the_global_one_there() -> None:
    commands = book()
    commands.register(7, None, PLAY)
    local = commands.register(7, 5, CommandBody("play", "Local."))
    assert commands.find(5, "play") is local
    assert commands.find(6, "play").guild_id is None


def test_a_command_that_nobody_registered_names_those_that_are() -> None:
    commands = book()
    commands.register(7, None, PLAY)
    with pytest.raises(UsageError, match="/play"):
        commands.find(5, "pley")


def test_sub_commands_are_nested_as_discord_nests_them() -> None:
    clear = OptionBody(SUB_COMMAND, "clear", "x", options=[OptionBody(INTEGER, "from", "x")])
    command = book().register(7, None, CommandBody("queue", "x", options=[clear]))
    data = pressed(command, ["clear"], {"from": 3})
    assert data["options"] == [
        {"name": "clear", "type": SUB_COMMAND, "options": [{"name": "from", "type": INTEGER, "value": 3}]}
    ]
    with pytest.raises(UsageError, match="sub-commands"):
        pressed(command, [], {})


def test_a_user_is_sent_by_id_and_resolved() -> None:
    command = book().register(7, None, CommandBody("dj", "x", options=[OptionBody(USER, "who", "x")]))
    data = pressed(command, [], {"who": User(9, "grace")})
    assert data["options"] == [{"name": "who", "type": USER, "value": "9"}]
    assert "9" in str(data["resolved"])


@pytest.mark.parametrize("values", [{}, {"query": 3}, {"query": True}, {"other": "x"}, {"query": "x" * 40}])
def test_what_discords_client_would_not_send_is_a_usage_error(values: dict[str, Value]) -> None:
    body = CommandBody("play", "x", options=[OptionBody(STRING, "query", "x", required=True, max_length=30)])
    with pytest.raises(UsageError):
        pressed(book().register(7, None, body), [], values)


def test_only_the_offered_choices_can_be_pressed() -> None:
    loop = OptionBody(STRING, "mode", "x", choices=[ChoiceBody("Off", "off"), ChoiceBody("Track", "track")])
    command = book().register(7, None, CommandBody("loop", "x", options=[loop]))
    assert pressed(command, [], {"mode": "off"})["options"]
    with pytest.raises(UsageError, match="offers"):
        pressed(command, [], {"mode": "queue"})


@given(st.text(max_size=40), st.text(max_size=120))
def test_a_name_is_registered_or_refused_and_never_lost(name: str, description: str) -> None:
    commands = book()
    try:
        commands.register(7, None, CommandBody(name, description, options=[OptionBody(BOOLEAN, "loud", "x")]))
    except Refusal:
        assert commands.of(7, None) == []
    else:
        assert commands.find(5, name).body.description == description
