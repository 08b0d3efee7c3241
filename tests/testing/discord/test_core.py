"""What the doors share: telling of messages."""

from __future__ import annotations

import dataclasses

from voxlink.testing import Discord
from voxlink.testing.discord.messages import EPHEMERAL
from voxlink.testing.discord.voice_states import Event


def test_ephemeral_messages_are_told_to_nobody() -> None:
    here = Discord()
    told: list[Event] = []
    here._core.publish = told.extend
    message = here.user_says("hello")
    here._core.tell_of(message, "MESSAGE_DELETE")
    here._core.tell_of(dataclasses.replace(message, flags=EPHEMERAL), "MESSAGE_CREATE")
    assert [event.name for event in told] == ["MESSAGE_CREATE", "MESSAGE_DELETE"]
    assert set(told[1].data) == {"id", "channel_id", "guild_id"}


def test_times_have_discords_form() -> None:
    assert Discord()._core.stamp().endswith("+00:00")
