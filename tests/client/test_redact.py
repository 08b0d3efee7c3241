"""Secrets do not reach a log."""

from voxlink.client.redact import redacted


def test_secret_values_become_stars() -> None:
    text = '{"voice":{"token":"t\\"ok","sessionId": "abc","endpoint":"e"},"Authorization":"pw"}'
    shown = redacted(text)
    assert "abc" not in shown
    assert "pw" not in shown
    assert "ok" not in shown.replace("token", "")
    assert '"endpoint":"e"' in shown


def test_named_secrets_go_wherever_they_stand_and_long_texts_are_cut() -> None:
    assert redacted(b"the word is hunter2!", "hunter2", "") == "the word is ***!"
    assert len(redacted("x" * 10_000)) < 2100
    assert "zz" not in redacted('{"token":"' + "z" * 5000 + '"}')
