"""The examples of docs/testing.md run."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.media import make_media
from testing.scripted_client import ScriptedClient
from voxlink.testing import Discord, VoiceServer
from voxlink.voice import VoiceLogin

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
OF_A_BOT = [example for example in EXAMPLES if "run_bot" in example]
OF_VOICE = [example for example in EXAMPLES if example not in OF_A_BOT]


class Client:
    """The bot of the first example: a client that plays so many frames."""

    def __init__(self, server: VoiceServer, login: VoiceLogin) -> None:
        member = server._backend.find(login.session_id)
        assert member is not None
        self._client = ScriptedClient(server, member)

    async def play(self, count: int) -> None:
        try:
            await self._client.join()
            for number in range(count):
                self._client.send(self._client.packet(b"frame %d" % number))
            await self._client.beat()
        finally:
            await self._client.close()


@pytest.mark.parametrize("example", OF_VOICE, ids=range(len(OF_VOICE)))
async def test_an_example_runs(example: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    await test(**dict.fromkeys(inspect.signature(test).parameters, Client))


def test_the_page_has_examples() -> None:
    assert len(OF_VOICE) == 4
    assert len(OF_A_BOT) == 1


async def test_the_example_of_a_whole_discord_runs_with_a_bot_and_a_song_beside_it(
    simulated_discord: Discord, run_bot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(PAGE.parents[1] / "examples" / "hikari_native.py", tmp_path / "bot.py")
    make_media(tmp_path / "song.flac", np.zeros((48_000 * 3, 2), dtype=np.float32), "flac")
    names: dict[str, Any] = {}
    exec(compile(OF_A_BOT[0], str(PAGE), "exec"), names)
    await names["test_play_is_heard_and_shown"](simulated_discord, run_bot, tmp_path)
