"""How busy the machine and this process are, from /proc and `os`; elsewhere than on Linux what `os` knows.

Units: load 0 to 1, memory in bytes, times in seconds. Parsing and arithmetic are plain functions of texts and numbers.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

from voxlink.protocol import Cpu, Memory

SAMPLE_EVERY_S = 5.0
"""Loads are averages since the last sample; a sample is not taken more often than this."""


class CpuTimes(NamedTuple):
    """Processor seconds: of the machine, busy and in total, and of this process."""

    busy: float
    total: float
    process: float


class LoadMeter:
    """Two loads from readings that only grow. Owns no clock: the time comes with the reading."""

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._last: tuple[float, CpuTimes] | None = None
        self._loads = (0.0, 0.0)

    def sample(self, now: float, times: CpuTimes) -> tuple[float, float]:
        """Return the machine's and this process's share of all cores since the last sample; the first is 0, 0."""
        if self._last is None:
            self._last = (now, times)
            return self._loads
        before, old = self._last
        if now - before < SAMPLE_EVERY_S:
            return self._loads
        total = times.total - old.total
        system = (times.busy - old.busy) / total if total > 0 else 0.0
        process = (times.process - old.process) / ((now - before) * self._cores)
        self._loads = (_fraction(system), _fraction(process))
        self._last = (now, times)
        return self._loads


class Machine:
    """Readings of this machine and process, taken when they are asked for."""

    def __init__(self) -> None:
        self.started_at = time.monotonic()
        self.cores = os.cpu_count() or 1
        self._meter = LoadMeter(self.cores)
        self.cpu()

    def uptime_ms(self) -> int:
        """Return the milliseconds since the node was made."""
        return int((time.monotonic() - self.started_at) * 1000)

    def cpu(self) -> Cpu:
        """Return cores and loads. `lavalink_load` is this process alone, without the transmitter."""
        system, process = self._meter.sample(time.monotonic(), cpu_times())
        return Cpu(cores=self.cores, system_load=system, lavalink_load=process)

    def memory(self) -> Memory:
        """Return memory in bytes: `used` is resident now, `allocated` the most that ever was, `free` the difference.

        `reservable` is what the machine has, or the control group's limit where that is lower.
        """
        used, peak = process_memory()
        return Memory(free=peak - used, used=used, allocated=peak, reservable=max(memory_limit(), peak))


def cpu_times() -> CpuTimes:
    """Read the processor times; without /proc/stat the machine's are made up from the load average."""
    own = os.times()
    process = own.user + own.system
    first_line = _read("/proc/stat").partition("\n")[0]
    if first_line:
        return CpuTimes(*busy_and_total(first_line), process)
    if sys.platform == "win32":
        return CpuTimes(0.0, 0.0, process)
    now = time.monotonic()
    return CpuTimes(now * min(os.getloadavg()[0] / (os.cpu_count() or 1), 1.0), now, process)


def busy_and_total(stat_line: str) -> tuple[float, float]:
    """Parse the first line of /proc/stat, in ticks: user nice system idle iowait irq softirq steal (proc(5))."""
    ticks = [float(word) for word in stat_line.split()[1:9]]
    total = sum(ticks)
    return total - sum(ticks[3:5]), total


def process_memory() -> tuple[int, int]:
    """Return this process's resident bytes: now, and the most that ever was. 0 where the system does not tell."""
    status = dict(line.split(":", 1) for line in _read("/proc/self/status").splitlines() if ":" in line)
    if "VmRSS" in status:
        used = _kilobytes(status["VmRSS"])
        return used, max(_kilobytes(status.get("VmHWM", "0 kB")), used)
    if sys.platform == "win32":
        return 0, 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return peak, peak


def memory_limit() -> int:
    """Return the bytes that this process may have: its control group's limit or the machine's memory; 0 if unknown."""
    information = dict(line.split(":", 1) for line in _read("/proc/meminfo").splitlines() if ":" in line)
    total = _kilobytes(information.get("MemTotal", "0 kB"))
    limits = [
        int(text)
        for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
        if (text := _read(name).strip()).isdigit()
    ]
    return min([total, *limits]) if total else 0


def _kilobytes(text: str) -> int:
    return int(text.split()[0]) * 1024


def _fraction(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
