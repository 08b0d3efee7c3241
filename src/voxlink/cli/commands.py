"""What a command needs from argparse to add itself to the command line."""

from __future__ import annotations

import argparse
from typing import Any, Protocol


class Commands(Protocol):
    """The part of argparse's subparsers that a command needs; argparse has no public name for it."""

    def add_parser(self, name: str, **options: Any) -> argparse.ArgumentParser:
        """Add one command and return its parser."""
        ...
