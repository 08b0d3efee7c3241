"""How well this machine can sleep: a loop on the transmitter's own grid that sends nothing. Prints one line of JSON."""

from __future__ import annotations

import json
import sys
import time

from voxlink.voice.transmitter.child import raise_priority
from voxlink.voice.transmitter.core import BUCKET_S, BUCKETS, SLOT_S


def main() -> None:
    seconds = float(sys.argv[1])
    raise_priority(realtime=sys.argv[2] == "realtime")
    start = time.perf_counter()
    woken: list[float] = []
    for step in range(int(seconds / BUCKET_S)):
        wait = start + step * BUCKET_S - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        woken.append(time.perf_counter())
    errors = sorted(abs(woken[index + BUCKETS] - woken[index] - SLOT_S) for index in range(len(woken) - BUCKETS))
    print(json.dumps({"p50_ms": errors[len(errors) // 2] * 1e3, "p99_ms": errors[len(errors) * 99 // 100] * 1e3,
                      "max_ms": errors[-1] * 1e3}), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
