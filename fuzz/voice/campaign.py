"""The seeded campaign: the same cases from the same seed, in as many processes as wanted."""

from __future__ import annotations

import base64
import faulthandler
import multiprocessing
import random
import resource
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.voice.case import Case
from fuzz.voice.kinds import KINDS, MUTATOR, run
from fuzz.voice.newcomers import Newcomers
from fuzz.voice.still import still
from fuzz.voice.world import World

BLOCK = 50_000
"""Cases of one block; each block begins with a seed and a world of its own."""
STEP = 500
"""Cases between two looks at the clock."""
HANG_S = 60
"""So long for a step is no slowness any more: the process ends with a traceback."""
WORK = Path(__file__).parent.parent / "work" / "voice"


@dataclass
class Tally:
    """What a campaign did."""

    cases: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    """Cases that came past our own readers."""
    reached: Counter[str] = field(default_factory=Counter)
    """Cases that davey saw."""
    processor_s: float = 0.0
    davey: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(step, what davey said) -> how often."""
    spent: Counter[str] = field(default_factory=Counter)
    """Why a new world was set up."""
    slowest: tuple[float, str] = (0.0, "")
    memory_mb: int = 0
    finds: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.cases.update(other.cases)
        self.passed.update(other.passed)
        self.reached.update(other.reached)
        self.processor_s += other.processor_s
        self.davey.update(other.davey)
        self.spent.update(other.spent)
        self.slowest = max(self.slowest, other.slowest)
        self.memory_mb = max(self.memory_mb, other.memory_mb)
        self.finds += other.finds


class Runner:
    """Runs cases in one world after another, and keeps the tally. `number` chooses the first world."""

    def __init__(self, number: int = 0) -> None:
        self.tally = Tally()
        self._number = number
        self._world: World | None = None
        self._newcomers = Newcomers()
        self._watch = self._newcomers.watch
        self.tally.davey = self._watch.calls

    def run(self, cases: Iterable[Case]) -> None:
        """Run cases. Raises what a defect raises; then `history` leads there."""
        with still(self._watch, self._newcomers.loop):
            for case in cases:
                world = self._world
                if world is None or world.spent_by:
                    world = self._renew(world.spent_by if world else "the beginning of a block")
                self._run_one(world, case)

    @property
    def history(self) -> list[bytes]:
        """The cases of the present world."""
        return [case.encode() for case in self._world.history] if self._world else []

    def _renew(self, reason: str) -> World:
        self.tally.spent[reason] += 1
        world = self._world = World(self._number, self._newcomers)
        self._number += 1
        return world

    def _run_one(self, world: World, case: Case) -> None:
        tally, watch = self.tally, self._watch
        reached, passed, started = watch.reached, watch.passed, time.perf_counter()
        name = run(world, case).name
        took = time.perf_counter() - started
        tally.cases[name] += 1
        tally.passed[name] += watch.passed > passed
        tally.reached[name] += watch.reached > reached
        world.heal()
        if took > tally.slowest[0]:
            tally.slowest = (took, f"{name}: {base64.b64encode(case.encode()).decode()}")


def run_block(number: int, cases: int, seed: int) -> Tally:
    """Run one block; what is found is in the tally, and its way there in `work/voice`."""
    chance = random.Random(f"{seed}:{number}")
    runner = Runner(number)
    started = time.process_time()
    try:
        for start in range(0, cases, STEP):
            faulthandler.dump_traceback_later(HANG_S, exit=True)
            runner.run(MUTATOR.draw(chance) for _ in range(min(STEP, cases - start)))
    except KeyboardInterrupt:
        raise
    except BaseException:  # a panic of davey derives from BaseException
        path = save_history(f"block-{number}-seed-{seed}", runner.history)
        runner.tally.finds.append(f"block {number} of seed {seed}, {path}:\n{traceback.format_exc()}")
    finally:
        faulthandler.cancel_dump_traceback_later()
    runner.tally.processor_s = time.process_time() - started
    runner.tally.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return runner.tally


def save_history(name: str, history: list[bytes]) -> Path:
    """Write cases as a corpus file, one a line in Base64."""
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / f"{name}.txt"
    path.write_text("".join(f"{base64.b64encode(case).decode()}\n" for case in history))
    return path


def campaign(cases: int, seed: int, jobs: int = 1, report_every_s: float = 60) -> Tally:
    """Run so many cases and print how it goes. How many processes share the blocks changes nothing about the cases."""
    total = Tally()
    started = reported = time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        blocks = {
            pool.submit(run_block, number, min(BLOCK, cases - start), seed): number
            for number, start in enumerate(range(0, cases, BLOCK))
        }
        for block in as_completed(blocks):
            try:
                tally = block.result()
            except BrokenProcessPool:
                left = sorted(number for block, number in blocks.items() if not block.done() or block.exception())
                total.finds.append(f"a process died or hung, most likely in one of the blocks {left[: 2 * jobs]}")
                print(total.finds[-1])
                break
            total.add(tally)
            for find in tally.finds:
                print(find, flush=True)
            if time.monotonic() - reported >= report_every_s:
                reported = time.monotonic()
                print(progress(total, cases, reported - started), flush=True)
    print(report(total, seed, time.monotonic() - started))
    return total


def progress(tally: Tally, cases: int, seconds: float) -> str:
    """How far a campaign is."""
    done = tally.cases.total()
    rate = f"{done:12,} cases ({done / cases:.1%}), {done / seconds:,.0f} a second"
    return f"{rate}, {tally.memory_mb} MB, {len(tally.finds)} finds"


def report(tally: Tally, seed: int, seconds: float) -> str:
    """The figures of a campaign in words."""
    total = tally.cases.total()
    lines = [f"{'':22} {'cases':>11} {'share':>7} {'not refused by us':>17} {'seen by davey':>15}"]
    for kind in KINDS:
        count = tally.cases[kind.name]
        if count:
            passed = f"{tally.passed[kind.name] / count:.1%}" if kind.has_reader else ""
            lines.append(f"{kind.name:22} {count:11,} {count / total:7.2%} {passed:>17} {tally.reached[kind.name]:15,}")
    lines.append(f"{'':22} {total:11,} {1:7.0%} {'':17} {tally.reached.total():15,}")
    lines.append("What davey said:")
    for step in sorted({step for step, _ in tally.davey}):
        said = Counter({variant: count for (of, variant), count in tally.davey.items() if of == step})
        words = ", ".join(f"{variant} {count:,}" for variant, count in said.most_common(8))
        lines.append(f"  {step} {said.total():,}: {words}")
    worlds = ", ".join(f"{reason} {count:,}" for reason, count in tally.spent.most_common())
    lines.append(f"{tally.spent.total():,} worlds ({worlds}).")
    lines.append(f"The slowest case took {1000 * tally.slowest[0]:.0f} ms ({tally.slowest[1]}).")
    took = f"{seconds:.0f} s ({tally.processor_s:.0f} s of processor time)"
    found = f"{len(tally.finds)} FINDS" if tally.finds else "nothing but named errors"
    lines.append(f"{total:,} cases in {took}, seed {seed}, at most {tally.memory_mb} MB a process: {found}")
    return "\n".join(lines)
