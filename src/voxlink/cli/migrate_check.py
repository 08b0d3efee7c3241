"""`voxlink migrate-check`: which lines of a bot need attention when it comes to Voxlink."""

from __future__ import annotations

import argparse
import tokenize
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from voxlink.cli.bot_code import ADVICE_IMPORT, Reading, Remark, read_code
from voxlink.cli.commands import Commands
from voxlink.errors import BadValue

SKIPPED = {"node_modules", "site-packages", "venv", "env", "build", "dist", "__pycache__"}


def add_migrate_check(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "migrate-check",
        help="show what to change in a bot that comes from another client",
        description="Read a bot's Python files, without running them, and print each line that needs attention when "
        "it comes to Voxlink from Lavalink.py, wavelink, mafic, pomice or hikari-ongaku, and what to do. Notes are "
        "about lines that work as they are. The exit status is 0 if nothing needs attention.",
    )
    parser.add_argument("path", metavar="PATH", type=Path, help="a Python file, or a folder")
    parser.set_defaults(command=check)


def check(args: argparse.Namespace) -> int:
    """Print the remarks as `file:line: text` and a summary; return 1 if there is something to do."""
    remarks = list(remarks_on(args.path))
    for path, remark in remarks:
        print(f"{path}:{remark.line}: {'note: ' if remark.is_note else ''}{remark.text}")
    to_do = sum(not remark.is_note for _, remark in remarks)
    print("nothing to do" if not to_do else f"{to_do} {'line' if to_do == 1 else 'lines'} to look at")
    return int(to_do > 0)


def remarks_on(path: Path) -> Iterator[tuple[Path, Remark]]:
    """Yield the remarks on a file or on a folder's files, in order; BadValue if the path is neither.

    Imports of lavalink are no remark where some file calls `install_as_lavalink()`, unless they stand above the call.
    """
    readings: dict[Path, Reading] = {}
    broken: dict[Path, Remark] = {}
    for file in python_files(path):
        try:
            with tokenize.open(file) as opened:
                readings[file] = read_code(opened.read())
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            broken[file] = Remark(line or 1, f"cannot be read as Python: {_reason(error)}")
    is_installed = any(reading.installs_at is not None for reading in readings.values())
    for file in sorted({*readings, *broken}):
        if file in broken:
            yield file, broken[file]
        else:
            imports = import_remarks(readings[file], is_installed=is_installed)
            yield from ((file, remark) for remark in sorted([*imports, *readings[file].remarks]))


def import_remarks(reading: Reading, *, is_installed: bool) -> Iterator[Remark]:
    """Yield what to do about a file's imports of lavalink."""
    remark = Remark(0, ADVICE_IMPORT)
    for line in sorted(set(reading.imports)):
        if not is_installed:
            yield replace(remark, line=line)
        elif reading.installs_at is not None and line < reading.installs_at:
            yield Remark(line, "lavalink is imported before install_as_lavalink() is called: call it first")


def python_files(path: Path) -> Iterator[Path]:
    """Yield the file, or the folder's Python files; hidden folders and those of environments are left out."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise BadValue(f"{path}: no such file or folder")
    for child in sorted(path.iterdir()):
        if child.is_dir():
            if child.name not in SKIPPED and not child.name.startswith(".") and not child.is_symlink():
                yield from python_files(child)
        elif child.suffix == ".py":
            yield child


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return error.msg if isinstance(error, SyntaxError) else str(error)
