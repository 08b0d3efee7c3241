"""A bot's own file, run unmodified in a process of its own against the simulated Discord, and stopped at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from voxlink.testing.discord.server import Discord
from voxlink.testing.discord.state import Account

__all__ = ["BotProcess"]

STOP_TIMEOUT_S = 15.0
"""A bot has so long to shut down after Ctrl-C; then it is killed."""


class BotProcess:
    """Runs `python SCRIPT ARGUMENTS` with `DISCORD_TOKEN` set. What it prints is in `output`."""

    def __init__(
        self,
        discord: Discord,
        script: str | os.PathLike[str],
        *arguments: str,
        bot: Account | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [
            sys.executable, "-m", "voxlink.testing.discord.launch", discord.rest_url, discord.gateway_url,
            str(Path(script).resolve()), *arguments,
        ]  # fmt: skip
        self._env = {**os.environ, "DISCORD_TOKEN": (bot or discord.bot).token, **(env or {})}
        self._log = tempfile.TemporaryFile(prefix="voxlink-bot-")  # noqa: SIM115 - `close` closes it
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `await discord.wait_ready()` to wait until it has logged in."""
        self._process = subprocess.Popen(  # noqa: S603 - the bot's own file, which the test names
            self._command,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def output(self) -> str:
        """All that the bot has printed so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None, "start it first"
        return self._process.pid

    async def stop(self) -> int:
        """Stop it as Ctrl-C does, and kill it if it does not end in time; gives its exit status. Idempotent."""
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                await asyncio.to_thread(process.wait, STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)
        return process.returncode

    def close(self) -> None:
        """Forget what it printed."""
        self._log.close()
