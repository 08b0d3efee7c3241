"""The voice examples run as their readers would run them."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
DEADLINE_S = 120


def run(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_voice_play_is_heard_whole() -> None:
    assert "sent 100 frames, heard 100, missing 0" in run(EXAMPLES / "voice_play.py")


def test_voice_play_takes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(4 * 24_000))
    assert "missing 0" in run(EXAMPLES / "voice_play.py", path)


def test_voice_record_writes_each_speaker(tmp_path: Path) -> None:
    said = run(EXAMPLES / "voice_record.py", tmp_path)
    assert "privacy code" in said
    for user_id in (10, 11):
        with wave.open(str(tmp_path / f"{user_id}.wav")) as file:
            assert 1.9 <= file.getnframes() / file.getframerate() <= 2.3
            assert any(file.readframes(48_000))
