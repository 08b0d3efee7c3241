"""How evenly packets leave: 1 to 1,000 streams with DAVE, beside a bot that is busy in pure Python.

Gaps are measured at the receiver by the kernel's time stamps; "error" is the distance of a gap from 20 ms. The floor is
a loop that sleeps on the same grid and sends nothing, beside the same busy bot, right before. discord.py's sender runs
alone in its process, as bots use it, beside the same busy bot. "Stolen" is the share of the machine's processor time
that a host gave to other machines during the row (Linux counts it): where it is above one or two percent, the row tells
of the host.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import table

SECONDS = 12.0
ROUNDS = 3
STREAMS = (1, 25, 50, 100, 200, 500, 1000)
THEIR_STREAMS = (1, 25, 100)
PART = "benchmarks.voice_parts"


def start(part: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"{PART}.{part}", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a process; its last line is JSON."""
    output, _ = process.communicate(timeout=180)
    return json.loads(output.splitlines()[-1])


@contextlib.contextmanager
def busy_bot() -> Iterator[None]:
    bot = start("busy")
    try:
        yield
    finally:
        bot.kill()
        bot.communicate()


def measured(sender: str, streams: int, mode: str, *arguments: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a sender against a sink; return what the sink and what the sender say."""
    sink = start("sink", SECONDS - 1, mode)
    assert sink.stdout is not None
    port = sink.stdout.readline().strip()
    said = answer(start(sender, port, streams, SECONDS, *arguments))
    return answer(sink), said


def theft() -> Callable[[], str]:
    """Begin to count stolen time; the function returned says how many percent it was, or nothing where none counts."""
    counts = Path("/proc/stat")
    if not counts.exists():
        return str
    began, before = time.monotonic(), _stolen_ticks(counts)

    def percent() -> str:
        available = (time.monotonic() - began) * os.sysconf("SC_CLK_TCK") * (os.cpu_count() or 1)
        return f"{(_stolen_ticks(counts) - before) / available:.1%}"

    return percent


def _stolen_ticks(counts: Path) -> int:
    return int(counts.read_text().split(maxsplit=9)[8])


def our_row(streams: int, priority: str) -> list[str]:
    stolen = theft()
    with busy_bot():
        floor = answer(start("floor", 4, priority))
        heard, said = measured("engine", streams, "aes", priority)
    above = heard["p99_ms"] - floor["p99_ms"]
    assert not heard["bad"], "packets that do not open"
    return [
        f"voxlink, {said['priority']}", str(streams), f"{heard['p50_ms']:.2f}", f"{heard['p99_ms']:.2f}",
        f"{heard['max_ms']:.1f}", f"{heard['jitter_ms']:.2f}", f"{floor['p99_ms']:.2f}", f"{above:.2f}",
        f"{said['transmitter_us']:.1f}", f"{said['transmitter_us'] + said['engine_us']:.1f}",
        f"{(said['transmitter_us'] + said['engine_us']) * 50 / 1e4:.2f}", str(said["underruns"]), str(said["skipped"]),
        stolen(),
    ]  # fmt: skip


def their_row(streams: int) -> list[str]:
    stolen = theft()
    with busy_bot():
        heard, said = measured("discordpy", streams, "xchacha")
    return [
        "discord.py", str(streams), f"{heard['p50_ms']:.2f}", f"{heard['p99_ms']:.2f}", f"{heard['max_ms']:.1f}",
        f"{heard['jitter_ms']:.2f}", "", "", "", f"{said['process_us']:.1f}", f"{said['process_us'] * 50 / 1e4:.2f}",
        "", "", stolen(),
    ]  # fmt: skip


def in_turns() -> str:
    """Say the figures that there are goals for, as medians of runs that take turns: moods of a machine hit all."""
    ours: list[float] = []
    theirs: list[float] = []
    sending: list[float] = []
    bare: list[float] = []
    above: list[float] = []
    stolen = theft()
    for _ in range(ROUNDS):
        with busy_bot():
            _, said = measured("engine", 100, "aes", "realtime")
            ours.append(said["transmitter_us"] + said["engine_us"])
            theirs.append(measured("discordpy", 100, "xchacha")[1]["process_us"])
            floor = answer(start("floor", 4, "realtime"))
            bare.append(measured("bare", 500, "aes", "realtime")[1]["bare_us"])
            heard, said = measured("engine", 500, "aes", "realtime")
            sending.append(said["transmitter_us"])
            above.append(heard["p99_ms"] - floor["p99_ms"])
    ratio = median(own / other for own, other in zip(ours, theirs, strict=True))
    return (
        f"in turns, medians of {ROUNDS} with real-time priority, {stolen() or 'unknown'} stolen meanwhile:\n"
        f"100 streams: {median(ours):.1f} us a packet in all, discord.py {median(theirs):.1f}, ratio {ratio:.2f}\n"
        f"500 streams: {median(sending):.1f} us a packet sending (a loop that seals and sends and does nothing else: "
        f"{median(bare):.1f}), p99 {median(above):.2f} ms above the floor"
    )


def main() -> None:
    header = [
        "sender", "streams", "error p50", "p99", "max ms", "jitter", "floor p99", "above", "us/packet sending",
        "us/packet in all", "% CPU/stream", "underruns", "skipped",
        "stolen",
    ]  # fmt: skip
    rows = [our_row(streams, priority) for priority in ("realtime", "normal") for streams in STREAMS]
    rows += [their_row(streams) for streams in THEIR_STREAMS]
    print(table(header, rows))
    print(in_turns())


if __name__ == "__main__":
    main()
