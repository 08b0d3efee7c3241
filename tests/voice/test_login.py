"""A login is a value that never shows its secret."""

from __future__ import annotations

from voxlink.voice.login import VoiceLogin


def test_the_token_is_never_shown() -> None:
    login = VoiceLogin(1, 2, 3, "session", "s3cret", "localhost:443")
    assert "s3cret" not in repr(login)
    assert login == VoiceLogin(1, 2, 3, "session", "s3cret", "localhost:443")
