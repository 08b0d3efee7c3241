"""The generated parts of docs/ are what the code says today (`make docs`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_generated_parts_are_up_to_date() -> None:
    command = [sys.executable, "-m", "docs.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_voice_page_has_its_parts() -> None:
    text = (ROOT / "docs" / "voice.md").read_text()
    assert "live --> resume_delay" in text
    assert "| 4021 | rate limited | stop |" in text
