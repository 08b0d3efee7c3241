"""Asks a Lavalink jar for its version, by Java."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from voxlink.errors import BadValue, JavaFailed

NAMES = ("lavalink.jar", "Lavalink.jar", "LAVALINK.JAR")
TIMEOUT_S = 60
CLASS_FILE = re.compile(r"class file version (\d+)")
JAVA_BEFORE_1 = 44
"""A class file's major version less this is the Java that it needs (JVMS 4.1, table 4.1-A)."""


def find_jar(named: Path | None, folder: Path) -> Path:
    """Return the named file, or the folder's jar; BadValue if it is not there."""
    candidates = [named] if named is not None else [folder / name for name in NAMES]
    for path in candidates:
        if path.is_file():
            return path
    raise BadValue(f"{candidates[0]}: no such file" + ("" if named else "; name one: voxlink info FILE"))


def jar_version(path: Path) -> str:
    """Return what `java -jar PATH --version` prints; JavaFailed if it ends otherwise than with status 0.

    What Java says on stderr while it succeeds (JAVA_TOOL_OPTIONS does that) is no failure.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell, the arguments are a list
            ["java", "-jar", str(path), "--version"],  # noqa: S607 - the user's own Java
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise JavaFailed("there is no Java on this machine (or it is not in PATH)") from None
    except subprocess.TimeoutExpired:
        raise JavaFailed(f"{path} did not answer within {TIMEOUT_S} s") from None
    except OSError as error:
        raise JavaFailed(error.strerror or str(error)) from error
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.strip()
    raise JavaFailed(_reason(done.stderr, done.returncode))


def _reason(stderr: str, status: int) -> str:
    if "UnsupportedClassVersionError" in stderr:
        needed = CLASS_FILE.search(stderr)
        return f"this Java is too old: the jar needs Java {int(needed[1]) - JAVA_BEFORE_1 if needed else '17'} or later"
    last = next((line for line in reversed(stderr.splitlines()) if line.strip()), "")
    return last.strip() or f"Java ended with status {status} and said nothing"
