"""`voxlink node` says one line when it is ready, leaves cleanly however it is told to, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from voxlink.cli import main
from voxlink.cli.node import _signals
from voxlink.protocol import ReadyLine, parse_ready_line

WITHIN_S = 30.0
"""A node is up, and gone, in a second or two."""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


class Node:
    """A `voxlink node` process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.ready = ReadyLine(host="", port=0)

    @property
    def base(self) -> str:
        return f"http://{self.ready.host}:{self.ready.port}"

    async def until_ready(self) -> None:
        assert self.process.stdout is not None
        line = (await asyncio.wait_for(self.process.stdout.readline(), WITHIN_S)).decode()
        ready = parse_ready_line(line)
        assert ready is not None, line or await self.stderr()
        self.ready = ready

    async def stderr(self) -> str:
        assert self.process.stderr is not None
        return (await asyncio.wait_for(self.process.stderr.read(), WITHIN_S)).decode()

    async def rest_of_stdout(self) -> bytes:
        assert self.process.stdout is not None
        return await asyncio.wait_for(self.process.stdout.read(), WITHIN_S)

    async def exit_status(self) -> int:
        return await asyncio.wait_for(self.process.wait(), WITHIN_S)

    async def version(self, password: str = "secret") -> str:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN_S)) as http,
            http.get(f"{self.base}/version", headers={"Authorization": password}) as answer,
        ):
            return await answer.text()

    def children(self) -> list[int]:
        """Process ids of the node's children; empty where the system does not tell."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in path.read_text().split()] if path.exists() else []


@asynccontextmanager
async def node_process(*options: str, cwd: Path, **environment: str) -> AsyncIterator[Node]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "voxlink", "node", *options),
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    node = Node(process)
    try:
        yield node
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def until_gone(pids: list[int]) -> None:
    async with asyncio.timeout(5):
        while any(map(is_alive, pids)):
            await asyncio.sleep(0)


@posix_only
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_a_signal_ends_it_in_good_order(tmp_path: Path, number: signal.Signals, status: int) -> None:
    async with node_process("--port", "0", "--password", "secret", cwd=tmp_path) as node:
        await node.until_ready()
        assert node.ready.host == "127.0.0.1"
        assert await node.version() == "4.2.2"
        children = node.children()
        async with aiohttp.ClientSession() as http:
            headers = {"Authorization": "secret", "User-Id": "1"}
            websocket = await http.ws_connect(f"{node.base}/v4/websocket", headers=headers)
            node.process.send_signal(number)
            while (message := await asyncio.wait_for(websocket.receive(), WITHIN_S)).type is aiohttp.WSMsgType.TEXT:
                pass
            assert (message.type, websocket.close_code) == (aiohttp.WSMsgType.CLOSE, 1001)
        assert await node.exit_status() == status
        assert await node.rest_of_stdout() == b""
        assert "Traceback" not in await node.stderr()
        await until_gone(children)


@posix_only
async def test_a_second_signal_is_not_held_back() -> None:
    """Whatever hangs in an orderly end, the next Ctrl-C or SIGTERM has its usual force."""
    statuses: list[int] = []
    before = signal.getsignal(signal.SIGTERM)
    with _signals(asyncio.get_running_loop(), statuses.append):
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(WITHIN_S):
            while not statuses:
                await asyncio.sleep(0)
        assert statuses == [0]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before


async def test_the_password_comes_over_stdin_and_the_end_of_stdin_ends_it(tmp_path: Path) -> None:
    options = ("--address", "127.0.0.1", "--port", "0", "--password-stdin", "--stop-with-stdin")
    async with node_process(*options, cwd=tmp_path) as node:
        assert node.process.stdin is not None
        node.process.stdin.write(b"geheim\r\nmore\n")
        await node.process.stdin.drain()
        await node.until_ready()
        assert await node.version("geheim") == "4.2.2"
        children = node.children()
        node.process.stdin.close()
        assert await node.exit_status() == 0
        assert "geheim" not in await node.stderr()
        await until_gone(children)


@posix_only
async def test_it_leaves_when_its_parent_is_killed(tmp_path: Path) -> None:
    """The parent holds the other end of the node's stdin; nobody else does."""
    script = (
        "import subprocess, sys\n"
        "node = subprocess.Popen([sys.executable, '-P', '-m', 'voxlink', 'node', '--port', '0', '--password-stdin',"
        " '--stop-with-stdin'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
        "node.stdin.write(b'secret\\n'); node.stdin.flush()\n"
        "node.stdout.readline(); print(node.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script),
        cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), WITHIN_S))
    assert is_alive(pid)
    parent.kill()
    await parent.communicate()
    await until_gone([pid])


async def test_a_port_in_use_is_one_line_and_status_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with node_process("--port", str(port), "--password", "secret", cwd=tmp_path) as node:
            assert await node.exit_status() == 1
            assert (await node.stderr()).splitlines()[-1] == (
                f"error: cannot listen on 127.0.0.1:{port}: the port is in use"
            )
            assert await node.rest_of_stdout() == b""


async def test_the_file_of_the_working_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "application.yml").write_text(
        "server: {port: 1}\nlavalink: {server: {password: from-file, nonsense: 1}}", encoding="utf-8"
    )
    async with node_process(cwd=tmp_path, SERVER_PORT="0") as node:
        await node.until_ready()
        assert await node.version("from-file") == "4.2.2"
        node.process.terminate()
        assert "lavalink.server.nonsense is not a key of this node" in await node.stderr()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "no password is set"),
        (["--password", "x", "--port", "many"], "command line: server.port: must be a whole number"),
        (["--password", "x", "--port", "65536"], "command line: server.port: must be from 0 to 65535"),
        (["--password", "x", "--config", "nowhere.yml"], "nowhere.yml: cannot be read"),
        (["--config", "broken.yml"], "broken.yml: line 2: "),
    ],
)
def test_what_cannot_be_used_is_one_line_and_status_1(
    options: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.yml").write_text("a: [\nb: }", encoding="utf-8")
    assert main(["node", *options]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: {complaint}")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("line", [b"", b"\n", b"\xff\n", b"x" * 5000])
async def test_a_password_that_does_not_arrive_is_told(tmp_path: Path, line: bytes) -> None:
    async with node_process("--password-stdin", "--port", "0", cwd=tmp_path) as node:
        assert node.process.stdin is not None
        node.process.stdin.write(line)
        node.process.stdin.close()
        assert await node.exit_status() == 1
        assert (await node.stderr()).startswith("error: stdin: ")


def test_two_ways_to_give_the_password_are_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["node", "--password", "x", "--password-stdin"])
    assert stop.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


async def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys\nsys.modules['yaml'] = None\nfrom voxlink.cli import main\nsys.exit(main(['node']))"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), cwd=tmp_path, stderr=asyncio.subprocess.PIPE
    )
    _, stderr = await asyncio.wait_for(process.communicate(), WITHIN_S)
    assert process.returncode == 1
    assert 'pip install "voxlink[node]"' in stderr.decode()
    assert stderr.decode().count("\n") == 1
