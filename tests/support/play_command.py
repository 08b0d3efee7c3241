"""`voxlink play` as a user runs it: a process with a terminal, its children, and its last words."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

DEADLINE_S = 60.0
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PLAYING = re.compile(r"[1-9]\d* packe")


class PlayCommand:
    """One run of `voxlink play`; leaving the block ends whatever of it still runs."""

    def __init__(self, *arguments: str | Path) -> None:
        self._ours, theirs = pty.openpty()
        self.shown = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "voxlink", "play", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "160"},
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(DEADLINE_S)
        os.close(self._ours)

    def read_until(self, pattern: re.Pattern[str] | None) -> None:
        """Read what the terminal shows until the pattern stands there, or until the process ended (None)."""
        deadline = time.monotonic() + DEADLINE_S
        while pattern is None or not pattern.search(self.shown):
            assert time.monotonic() < deadline, self.shown
            ready, _, _ = select.select([self._ours], [], [], 1.0)
            if not ready:
                continue
            try:
                data = os.read(self._ours, 65_536)
            except OSError:  # Linux says EIO when the other end of a terminal is gone
                data = b""
            if not data:
                assert pattern is None, self.shown
                return
            self.shown += _ANSI.sub("", data.decode(errors="replace"))

    def wait_playing(self) -> None:
        """Wait until the listener has heard something."""
        self.read_until(_PLAYING)

    def children(self) -> list[int]:
        """The node process and its transmitter, in that order."""
        (node,) = children_of(self._process.pid)
        return [node, *children_of(node)]

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        """Read to the end and return the exit status."""
        self.read_until(None)
        return self._process.wait(DEADLINE_S)

    @property
    def error_lines(self) -> list[str]:
        """The lines that name what went wrong."""
        lines = (line.strip() for line in re.split(r"[\r\n]+", self.shown))
        return [line for line in lines if line.startswith(("error:", "stopped")) or "Traceback" in line]


def children_of(pid: int) -> list[int]:
    """Process ids of a process's children (Linux)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def wait_gone(pids: list[int], within_s: float) -> list[int]:
    """Wait until these processes have ended; return those that have not in time."""
    deadline = time.monotonic() + within_s
    left = list(pids)
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if is_running(pid)]
        select.select([], [], [], 0.05)
    return left


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
