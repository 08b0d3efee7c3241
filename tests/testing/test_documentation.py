"""The examples of docs/testing.md run."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from testing.scripted_client import ScriptedClient
from voxlink.testing import VoiceServer
from voxlink.voice import VoiceLogin

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


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


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
async def test_an_example_runs(example: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    await test(**dict.fromkeys(inspect.signature(test).parameters, Client))


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) == 3
