"""Lavalink.py's `common`."""

from typing import get_type_hints

from voxlink.client import common


def test_missing_is_not_none() -> None:
    assert common.MISSING is ...


def test_the_voice_payloads_have_discords_fields() -> None:
    assert set(get_type_hints(common.VoiceStateUpdateData)) == {"guild_id", "channel_id", "user_id", "session_id"}
    assert set(get_type_hints(common.VoiceServerUpdateData)) == {"guild_id", "endpoint", "token"}
    assert set(get_type_hints(common.VoiceStateUpdatePayload)) == {"t", "d"}
