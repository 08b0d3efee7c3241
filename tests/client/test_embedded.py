"""The embedded node's process: started, watched, restarted, stopped; its password seen by nobody."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from client.world import GUILD, client, join, track
from voxlink.client import NodeReadyEvent, PlayerRestoredEvent, embedded
from voxlink.errors import EmbeddedNodeError

CHILD = [sys.executable, str(Path(__file__).with_name("fake_child.py"))]


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    command = list(CHILD)
    monkeypatch.setattr(embedded, "node_command", lambda config, local_files: command)
    return command


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_is_ready_when_the_call_returns_and_gone_when_the_client_is_closed(
    child: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="voxlink")
    async with client() as made:
        node = await made.start_embedded_node()
        assert (node.is_ready, node.name, node.region) == (True, "embedded", "embedded")
        pid = made._embedded[0].pid
        password = node.password
        assert len(password) > 30
        assert is_alive(pid)
    assert not is_alive(pid)
    assert "something on stderr" in caplog.text
    assert password not in caplog.text


async def test_a_killed_node_comes_back_at_another_address_with_its_players(child: list[str]) -> None:
    async with client() as made:
        node = await made.start_embedded_node()
        old_port = node.address.port
        player = await join(made)
        await player.play(track("song"), start_time=5000)
        ready = asyncio.ensure_future(made.wait_for(NodeReadyEvent, timeout=30))
        restored = asyncio.ensure_future(made.wait_for(PlayerRestoredEvent, timeout=30))
        await asyncio.sleep(0)
        os.killpg(made._embedded[0].pid, signal.SIGKILL)
        await ready
        assert (await restored).player is player
        assert made.nodes == [node]
        assert node.address.port != old_port
        there = await node.get_player(GUILD)
        assert there["track"]["info"]["title"] == "song"
        assert there["state"]["position"] >= 5000


@pytest.mark.parametrize(
    ("code", "words"),
    [("import sys; print('no such port', file=sys.stderr); sys.exit(3)", "status 3"), ("pass", "status 0")],
)
async def test_a_node_that_ends_at_once_is_a_clear_error(child: list[str], code: str, words: str) -> None:
    child[1:] = ["-c", code]
    async with client() as made:
        with pytest.raises(EmbeddedNodeError, match=words):
            await made.start_embedded_node()
        assert made.nodes == []


async def test_a_node_that_says_nothing_is_given_up_in_time(child: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "READY_WITHIN_S", 0.2)
    child[1:] = ["-c", "import sys; sys.stdin.read()"]
    async with client() as made:
        with pytest.raises(EmbeddedNodeError, match="not ready within"):
            await made.start_embedded_node()


async def test_an_interpreter_that_is_not_there_is_a_clear_error(child: list[str]) -> None:
    child[0] = "/no/such/python"
    async with client() as made:
        with pytest.raises(EmbeddedNodeError, match="could not be started"):
            await made.start_embedded_node()


async def test_a_node_that_does_not_listen_to_reason_is_killed(
    child: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STOP_WITHIN_S", "KILL_WITHIN_S"):
        monkeypatch.setattr(embedded, name, 0.3)
    script = Path(CHILD[1]).read_text(encoding="utf-8")
    deaf = script.replace("import os", "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)").replace(
        "sys.stdin.read)", "lambda: __import__('threading').Event().wait())"
    )
    child[1:] = ["-c", deaf]
    async with client() as made:
        await made.start_embedded_node()
        pid = made._embedded[0].pid
    assert not is_alive(pid)


def test_the_command_line_holds_no_secret_and_no_file_of_the_bots_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    command = embedded.node_command(None, local_files=True)
    assert command[1:6] == ["-P", "-m", "voxlink", "node", "--address"]
    assert command[command.index("--config") + 1] == os.devnull
    assert "--password-stdin" in command
    assert "--local" in command
    assert "--no-local" in embedded.node_command(None, local_files=False)
    own = embedded.node_command("my.yml", local_files=False)
    assert own[own.index("--config") + 1] == "my.yml"
    assert "--no-local" not in own
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(EmbeddedNodeError, match="frozen"):
        embedded.node_command(None, local_files=False)


async def test_the_real_node_starts_plays_and_comes_back_when_it_is_killed() -> None:
    async with client() as made:
        node = await made.start_embedded_node()
        assert (await node.get_version()).startswith("4.")
        while node.capabilities is None:
            await node.get_version()
        assert node.capabilities.is_ours
        player = made.player_manager.create(GUILD)
        await player.set_volume(40)
        restored = asyncio.ensure_future(made.wait_for(PlayerRestoredEvent, timeout=60))
        await asyncio.sleep(0)
        pid = made._embedded[0].pid
        os.killpg(pid, signal.SIGKILL)
        assert (await restored).player is player
        assert (await node.get_player(GUILD))["volume"] == 40
        assert made._embedded[0].pid != pid
        pid = made._embedded[0].pid
    assert not is_alive(pid)
