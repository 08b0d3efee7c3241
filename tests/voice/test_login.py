"""A login keeps its token to itself."""

from __future__ import annotations

from voxlink.voice.login import VoiceLogin


def test_the_token_is_not_in_the_repr() -> None:
    login = VoiceLogin(1, 2, 3, "session", "very-secret", "host:443")
    assert "very-secret" not in repr(login)
    assert "host:443" in repr(login)
