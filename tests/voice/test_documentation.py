"""The example of docs/voice.md runs as it stands, and names nothing that is not there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

import voxlink.voice
from voxlink.testing import VoiceServer

PAGE = (Path(__file__).parents[2] / "docs" / "voice.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
GUILD, USER, CHANNEL = 1, 2, 3


async def test_the_example_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = EXAMPLES
    imports, program = example.split("\n\n", 1)
    frames = [b"\xfc" + bytes([number]) for number in range(20)]
    async with VoiceServer() as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        login = server.admit(GUILD, USER, CHANNEL)
        names: dict[str, Any] = {
            "endpoint": login.endpoint,
            "token": login.token,
            "session_id": login.session_id,
            "user_id": USER,
            "guild_id": GUILD,
            "channel_id": CHANNEL,
            "frames": frames,
        }
        whole = f"{imports}\nasync def example():\n{textwrap.indent(program, '    ')}"
        exec(compile(whole, "docs/voice.md", "exec"), names)
        await names["example"]()
        assert [frame.opus for frame in server.listener(GUILD, USER).music_frames] == frames


def test_every_name_of_the_table_is_public() -> None:
    table = PAGE[PAGE.index("| `call.play(frames)`") : PAGE.index("`examples/voice_play.py`")]
    for method in re.findall(r"`call\.(\w+)", table):
        assert hasattr(voxlink.voice.VoiceCall, method), method
    for name in re.findall(r"`((?:Voice|Speaking|Dave|Heard|Lost|Transmitter)\w*)", table):
        assert name in voxlink.voice.__all__, name
