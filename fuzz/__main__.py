"""Run fuzz targets: all of this folder, or those that are named.

A target is a module here with `check(data: bytes) -> None`, which raises if `data` shows a defect; an error that the
target expects it swallows itself. It may have `mutate(data, max_size, seed) -> bytes` in the place of libFuzzer's own
mutator, and `MAX_BYTES`. Its saved corpus is `corpus/<target>.txt`, one input a line in Base64.

    python -m fuzz track_codec --minutes 10          fuzz one target for ten minutes
    python -m fuzz track_codec --replay              run the saved corpus once
    python -m fuzz track_codec --minutes 1 --save    and keep in the corpus what reached new code

What is found stays in `work/<target>/`, and the exit status is not 0.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent
MAX_BYTES = 4096


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if not module.name.startswith("_"))


def corpus_of(target: str) -> list[bytes]:
    path = FOLDER / "corpus" / f"{target}.txt"
    return [base64.b64decode(line) for line in path.read_text().splitlines()] if path.exists() else []


def save_corpus(target: str, inputs: list[bytes]) -> None:
    lines = sorted({base64.b64encode(data).decode() for data in inputs}, key=lambda line: (len(line), line))
    (FOLDER / "corpus" / f"{target}.txt").write_text("".join(f"{line}\n" for line in lines))


def replay(target: str) -> None:
    check = importlib.import_module(f"fuzz.{target}").check
    inputs = corpus_of(target)
    for data in inputs:
        check(data)
    print(f"{target}: {len(inputs)} saved inputs, nothing found")


def run_libfuzzer(target: str, options: list[str]) -> None:
    """Hand this process to libFuzzer, which ends it."""
    atheris: Any = importlib.import_module("atheris")  # from the group `fuzz`, which is not always installed
    with atheris.instrument_imports(include=["voxlink", "json"], exclude=["voxlink.testing"]):
        module: ModuleType = importlib.import_module(f"fuzz.{target}")
    mutator = {"custom_mutator": module.mutate} if hasattr(module, "mutate") else {}
    max_bytes = getattr(module, "MAX_BYTES", MAX_BYTES)
    atheris.Setup([sys.argv[0], f"-max_len={max_bytes}", *options], module.check, **mutator)
    atheris.Fuzz()


def fuzz(target: str, seconds: int) -> None:
    work = FOLDER / "work" / target
    (work / "inputs").mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(corpus_of(target)):
        (work / "inputs" / f"saved-{number:05}").write_bytes(data)
    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048"]
    run_libfuzzer(target, [*limits, f"-artifact_prefix={work}/found-", "-print_final_stats=1", str(work / "inputs")])


def keep_what_reached_new_code(target: str) -> None:
    """libFuzzer writes an input only if it reaches something new, and removes one that a shorter one replaces."""
    save_corpus(target, [path.read_bytes() for path in (FOLDER / "work" / target / "inputs").iterdir()])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Coverage-guided fuzzing.")
    parser.add_argument("targets", nargs="*", choices=[[], *names()], help=f"of {', '.join(names())}; none: all")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each target (default: 10)")
    parser.add_argument("--replay", action="store_true", help="only run the saved corpus once")
    parser.add_argument("--save", action="store_true", help="keep in the corpus what reached new code")
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    failed = 0
    for target in options.targets or names():
        if options.replay:
            replay(target)
        elif options.in_this_process:
            fuzz(target, int(options.minutes * 60))
        else:
            command = [sys.executable, "-m", "fuzz", target, "--in-this-process", "--minutes", str(options.minutes)]
            failed |= subprocess.run(command, cwd=FOLDER.parent, check=False).returncode
            if options.save and not failed:
                keep_what_reached_new_code(target)
    return failed


if __name__ == "__main__":
    sys.exit(main())
