"""The embedded node: a child process that this client starts, watches, restarts and stops."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from voxlink._util.secret import Secret
from voxlink.client.backoff import ReconnectPolicy
from voxlink.client.redact import redacted
from voxlink.errors import EmbeddedNodeError, UsageError
from voxlink.protocol import ReadyLine, parse_ready_line

if TYPE_CHECKING:
    from voxlink.client.client import Client
    from voxlink.client.node import Node

__all__ = ["EmbeddedNode", "node_command", "start_embedded"]

log = logging.getLogger("voxlink.client.embedded")

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 5.0
KILL_WITHIN_S = 2.0
KEPT_LINES = 20
RESTARTS = ReconnectPolicy(initial_s=0.2, factor=2, max_s=10, jitter=0.2, reset_after_s=60)


def node_command(config: str | os.PathLike[str] | None, *, local_files: bool) -> list[str]:
    """The command line of an embedded node. The password is not in it: it goes over stdin."""
    if getattr(sys, "frozen", False):
        raise EmbeddedNodeError(
            "an embedded node needs a Python interpreter to start; in a frozen program run `voxlink node` beside it"
        )
    # -P keeps a bot's own queue.py from shadowing ours.
    command = [sys.executable, "-P", "-m", "voxlink", "node", "--address", "127.0.0.1", "--port", "0"]
    command += ["--password-stdin", "--stop-with-stdin"]
    # Without a file of its own the node would read the application.yml of the bot's folder.
    command += ["--config", os.devnull if config is None else str(Path(config))]
    if config is None or local_files:
        command.append("--local" if local_files else "--no-local")
    return command


class ChildNode:
    """One run of the node's process. Its output is read until it ends, on threads: pipes work so on every event
    loop.
    """

    def __init__(self, command: Sequence[str], password: Secret) -> None:
        self._password = password
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[ReadyLine] = self._loop.create_future()
        self._exited = asyncio.Event()
        self.exit_code: int | None = None
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        group: dict[str, Any] = (
            {"creationflags": 0x200} if sys.platform == "win32" else {"start_new_session": True}
        )  # 0x200 is CREATE_NEW_PROCESS_GROUP: Ctrl-C is the bot's to handle
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **group
            )
        except OSError as error:
            raise EmbeddedNodeError(f"the embedded node could not be started: {error}") from error
        self._threads = [
            threading.Thread(target=self._drain, args=(self._process.stdout, True), daemon=True),
            threading.Thread(target=self._drain, args=(self._process.stderr, False), daemon=True),
            threading.Thread(target=self._wait, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        assert self._process.stdin is not None
        with suppress(OSError):  # a child that died already is told by its exit status
            self._process.stdin.write(password.reveal().encode() + b"\n")
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def output(self) -> str:
        """The last lines of output, redacted."""
        return "\n".join(self._lines)

    async def wait_ready(self, timeout_s: float) -> ReadyLine:
        """Where the node listens. Raises `EmbeddedNodeError` if it ends first or says nothing in time."""
        exited = asyncio.ensure_future(self._exited.wait())
        try:
            await asyncio.wait({exited, self._ready}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            exited.cancel()
        if self._ready.done():
            return self._ready.result()
        if self._exited.is_set():
            last = self._lines[-1] if self._lines else "it said nothing"
            words = f"the embedded node ended with status {self.exit_code}: {last}"
            raise EmbeddedNodeError(words, exit_code=self.exit_code, output=self.output)
        words = f"the embedded node was not ready within {timeout_s:g} s"
        raise EmbeddedNodeError(words, output=self.output)

    async def wait_exit(self) -> int:
        """The exit status, once the process has ended."""
        await self._exited.wait()
        assert self.exit_code is not None
        return self.exit_code

    async def stop(self) -> None:
        """Close stdin, then terminate, then kill; at most a few seconds."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        if not await self._ends_within(STOP_WITHIN_S):
            self._signal(signal.SIGTERM)
            if not await self._ends_within(KILL_WITHIN_S):
                self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
                await self._ends_within(KILL_WITHIN_S)
        for thread in self._threads:
            await asyncio.to_thread(thread.join, KILL_WITHIN_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    async def _ends_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._exited.wait()
        return self._exited.is_set()

    def _signal(self, number: int) -> None:
        """Signal the whole process group: the node has a transmitter of its own."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.terminate()
            else:
                os.killpg(self._process.pid, number)

    # Threads

    def _drain(self, pipe: IO[bytes] | None, is_stdout: bool) -> None:
        assert pipe is not None
        for raw in pipe:
            line = redacted(raw, self._password.reveal()).rstrip()
            self._lines.append(line)
            ready = parse_ready_line(line) if is_stdout else None
            if ready is not None:
                self._tell(self._set_ready, ready)
            else:
                log.info("node: %s", line)

    def _wait(self) -> None:
        code = self._process.wait()
        self._tell(self._set_exit, code)

    def _tell(self, function: Any, value: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(function, value)

    def _set_ready(self, line: ReadyLine) -> None:
        if not self._ready.done():
            self._ready.set_result(line)

    def _set_exit(self, code: int) -> None:
        self.exit_code = code
        self._exited.set()


class EmbeddedNode:
    """A node that this client runs. `node` stays the same object over restarts."""

    def __init__(self, client: Client, command: Sequence[str], node: Node, child: ChildNode, password: Secret) -> None:
        self._client = client
        self._command = command
        self._password = password
        self._child = child
        self._is_closing = False
        self.node = node
        self.restarts = 0
        client.tasks.spawn(self._watch(), f"embedded-{node.name}")

    @property
    def pid(self) -> int:
        """The process id of the node that runs now."""
        return self._child.pid

    async def close(self) -> None:
        """Stop the process; returns when it has ended, within a bound."""
        self._is_closing = True
        await self._child.stop()

    async def _watch(self) -> None:
        """Start the node again whenever it ends."""
        attempt = 0
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await self._child.wait_exit()
            if self._is_closing or self._client.is_closed:
                return
            log.warning("The embedded node ended with status %s; it is started again\n%s", code, self._child.output)
            await self._child.stop()
            attempt = 1 if loop.time() - began >= RESTARTS.reset_after_s else attempt + 1
            await asyncio.sleep(RESTARTS.delay_s(attempt))
            await self._restart()

    async def _restart(self) -> None:
        child: ChildNode | None = None
        try:
            child = ChildNode(self._command, self._password)
            self._child = child
            line = await child.wait_ready(READY_WITHIN_S)
        except EmbeddedNodeError as error:
            log.warning("The embedded node did not come back: %s", error)
            if child is not None and child.exit_code is None:
                await child.stop()
            return
        self.restarts += 1
        self.node.move_to(line.host, line.port)
        self.node.use_session(None)
        await self.node.connect(force=True)


async def start_embedded(
    client: Client, *, config: str | os.PathLike[str] | None, local_files: bool, name: str, region: str
) -> EmbeddedNode:
    """Start the process, wait until it is ready, add it as a node and wait for its session."""
    if client.is_closed:
        raise UsageError("the client is closed")
    password = Secret(secrets.token_urlsafe(32))
    command = node_command(config, local_files=local_files)
    child = ChildNode(command, password)
    try:
        line = await child.wait_ready(READY_WITHIN_S)
        node = client.add_node(line.host, line.port, password.reveal(), region, name, connect=False)
        try:
            await node.connect()
            await node.wait_ready(READY_WITHIN_S)
        except BaseException:
            client.node_manager.nodes.remove(node)
            await node.destroy()
            raise
    except BaseException:
        await child.stop()
        raise
    return EmbeddedNode(client, command, node, child, password)
