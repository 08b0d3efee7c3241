"""Messages: what Discord refuses, and that a refused change changes nothing."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.discord.messages import (
    EPHEMERAL,
    MessageBody,
    apply_body,
    buttons_in,
    check_message,
    new_message,
)
from voxlink.testing.discord.refusals import Refusal
from voxlink.testing.discord.state import Attachment, Json, Message, User, World

ADA = User(1, "ada")


def message(content: str = "before") -> Message:
    return Message(9, 2, 3, ADA, content)


def row(*ids: str) -> Json:
    return {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": one} for one in ids]}


@pytest.mark.parametrize(
    "body",
    [
        MessageBody(content="x" * 2001),
        MessageBody(embeds=[{}] * 11),
        MessageBody(embeds=[{"title": "x" * 257}]),
        MessageBody(embeds=[{"description": "x" * 4097}]),
        MessageBody(components=[row("a", "a")]),
        MessageBody(components=[row("a"), row("a")]),
        MessageBody(components=[row(*"abcdef")]),
        MessageBody(components=[{"type": 1, "components": []}]),
        MessageBody(components=[{"type": 1, "components": [{"type": 2, "style": 1}]}]),
        MessageBody(components=[row(one) for one in "abcdef"]),
        MessageBody(components=[{"type": "x"}]),
    ],
)
def test_what_breaks_discords_rules_is_refused_and_changes_nothing(body: MessageBody) -> None:
    with pytest.raises(Refusal) as refused:
        check_message(body)
    assert refused.value.code == 50035
    one = message()
    with pytest.raises(Refusal):
        apply_body(one, body, [])
    assert one == message()


def test_an_empty_message_has_its_own_code() -> None:
    world = World()
    with pytest.raises(Refusal) as refused:
        new_message(world, lambda number: Message(number, 2, 3, ADA), MessageBody(), [])
    assert refused.value.code == 50006
    assert world.messages == {}


def test_fields_that_are_left_out_stay_and_null_empties() -> None:
    one = message()
    apply_body(one, MessageBody(embeds=[{"title": "T"}]), [])
    assert one.content == "before"
    apply_body(one, MessageBody(content=None), [])
    assert one.content == ""
    assert one.embeds == [{"title": "T"}]


def test_attachments_are_kept_dropped_and_added() -> None:
    one = message()
    one.attachments = [Attachment(1, "a", b""), Attachment(2, "b", b"")]
    apply_body(one, MessageBody(attachments=[{"id": "2"}]), [Attachment(3, "c", b"")])
    assert [file.filename for file in one.attachments] == ["b", "c"]


def test_ephemeral_is_decided_when_a_message_is_made() -> None:
    one = message()
    apply_body(one, MessageBody(flags=EPHEMERAL), [])
    assert not one.is_ephemeral
    made = new_message(World(), lambda number: Message(number, 2, 3, ADA), MessageBody("x", flags=EPHEMERAL), [])
    assert made.is_ephemeral


@given(st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=5, unique=True), max_size=1))
def test_every_component_gets_an_id_of_its_own(rows: list[list[str]]) -> None:
    one = message()
    apply_body(one, MessageBody(components=[row(*ids) for ids in rows]), [])
    ids = [msgspec.to_builtins(part)["id"] for part in one.components]
    ids += [child["id"] for part in one.components for child in msgspec.convert(part["components"], list[Json])]
    assert len(set(ids)) == len(ids)
    assert [button.custom_id for button in buttons_in(one)] == [name for names in rows for name in names]
