"""Effects are values that may be logged: no secret is in their repr."""

from __future__ import annotations

from voxlink.voice.gateway_effect import SendText, StartSession


def test_effects_hide_tokens_and_keys() -> None:
    assert "secret" not in repr(SendText('{"token": "secret"}'))
    assert "secret" not in repr(StartSession(1, "mode", b"secret", 0))
