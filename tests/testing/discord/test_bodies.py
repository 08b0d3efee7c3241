"""Request bodies: typed, or refused by the name of the wrong field."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.testing.discord.bodies import decode
from voxlink.testing.discord.commands import CommandBody
from voxlink.testing.discord.messages import MessageBody
from voxlink.testing.discord.refusals import Refusal


def test_an_absent_body_is_an_empty_object() -> None:
    assert decode(b"", MessageBody).content is msgspec.UNSET


def test_a_wrong_field_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        decode(b'{"name": "x", "options": [{"name": "y", "type": "z"}]}', CommandBody)
    assert refused.value.code == 50035
    assert refused.value.errors is not None
    assert "type" in str(refused.value.errors)
    assert "options" in refused.value.errors


@pytest.mark.parametrize("data", [b"{", b'{"content": "\xd4"}'])
def test_text_that_is_no_json_has_discords_code(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decode(data, MessageBody)
    assert (refused.value.status, refused.value.code) == (400, 50109)


@given(st.binary(max_size=64))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    with contextlib.suppress(Refusal):
        decode(data, CommandBody)
