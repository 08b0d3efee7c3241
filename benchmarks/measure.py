"""What the benchmarks share: samples, rates, tables, and a line about the machine."""

from __future__ import annotations

import collections
import importlib.metadata
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LIBRARIES = ["msgspec", "lavalink", "aiohttp", "av", "numpy", "cryptography", "davey"]


def measure(work: Callable[[], object], rounds: int = 5_000) -> tuple[float, float]:
    """Median and 99th percentile of one call, in microseconds, after a warm-up of a tenth of the rounds."""
    for _ in range(rounds // 10):
        work()
    samples: list[int] = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        work()
        samples.append(time.perf_counter_ns() - start)
    samples.sort()
    return samples[rounds // 2] / 1e3, samples[rounds * 99 // 100] / 1e3


def rates_of_each(
    works: Mapping[str, Callable[[T], object]], items: Sequence[T], batch: int = 100, rounds: int = 9
) -> dict[str, float]:
    """How many items a second each work gets through.

    The works take turns with one small batch after the other, and of each batch the best round counts: a busy moment
    of the machine hits all of them, and is forgotten. Results are dropped at once.
    """
    total = dict.fromkeys(works, 0.0)
    for at in range(0, len(items), batch):
        part = items[at : at + batch]
        best = dict.fromkeys(works, float("inf"))
        for _ in range(rounds):
            for name, work in works.items():
                start = time.perf_counter()
                collections.deque(map(work, part), maxlen=0)
                best[name] = min(best[name], time.perf_counter() - start)
        for name in works:
            total[name] += best[name]
    return {name: len(items) / seconds for name, seconds in total.items()}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side; the first is aligned left, the others right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        return "  ".join([row[0].ljust(widths[0]), *cells]).rstrip()

    return "\n".join([line(header), "  ".join("-" * width for width in widths), *map(line, rows)])


def about_this_machine() -> str:
    """Processor, system, Python and the libraries that are measured, on two lines."""
    system = f"{platform.system()} {platform.release()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    versions = ", ".join(filter(None, map(_version, LIBRARIES)))
    return f"{_processor()}, {os.cpu_count()} cores, {system}, {python}\n{versions}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(library: str) -> str:
    try:
        return f"{library} {importlib.metadata.version(library)}"
    except importlib.metadata.PackageNotFoundError:
        return ""
