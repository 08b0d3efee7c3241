"""Events are values: equal when they say the same."""

from __future__ import annotations

import pytest

from voxlink.voice.events import VoiceDisconnected


def test_events_are_frozen_values() -> None:
    event = VoiceDisconnected(4014, "kicked", by_remote=True)
    assert event == VoiceDisconnected(4014, "kicked", by_remote=True)
    with pytest.raises(AttributeError):
        event.code = 1  # type: ignore[misc]
