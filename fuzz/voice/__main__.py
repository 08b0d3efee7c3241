"""Run the seeded campaign, or cases that were found: `python -m fuzz.voice --help`."""

from __future__ import annotations

import argparse
import base64
import sys
from pathlib import Path

from fuzz.voice.campaign import Runner, campaign
from fuzz.voice.case import Case


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.voice", description="The seeded campaign on voice.")
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the cases (default: 1)")
    parser.add_argument("--replay", type=Path, help="run the cases of a file, one world for all, and nothing else")
    options = parser.parse_args()
    if options.replay:
        Runner().run(Case.decode(base64.b64decode(line)) for line in options.replay.read_text().splitlines())
        print(f"{options.replay}: nothing found")
        return 0
    return 1 if campaign(options.cases, options.seed, options.jobs).finds else 0


if __name__ == "__main__":
    sys.exit(main())
