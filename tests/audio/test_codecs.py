"""What FFmpeg lacks is named."""

from __future__ import annotations

import pytest

from voxlink.audio import codecs


def test_the_wheel_has_every_decoder() -> None:
    assert codecs.missing_decoders() == []


def test_what_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codecs, "DECODERS", ("flac", "no_such_codec"))
    assert codecs.missing_decoders() == ["no_such_codec"]
