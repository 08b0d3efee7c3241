"""The progress bar shows what the listener hears while it plays."""

import re

import pytest

from voxlink.cli.progress import progress_bar
from voxlink.testing.heard import Heard, HeardFrame


def test_the_bar_shows_title_place_packets_and_jitter(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    heard = Heard()
    for index in range(50):
        at = index * 0.020
        position = heard.advance(0, at, is_silence=False)
        heard.add(HeardFrame(b"\xfc\x01", at, index, index * 960, index, False, position))
    with progress_bar("Somebody - [bold]Song", 2000) as draw:
        draw(heard)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capfd.readouterr().err)
    shown = " ".join(shown.split())
    assert "Somebody - [bold]Song" in shown
    assert "0:01.0 / 0:02.0" in shown
    assert "50 packets" in shown
    assert "jitter 0.00 ms" in shown
