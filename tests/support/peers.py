"""Environments for libraries that cannot live in ours: made once beside the virtual environment, by pip alone."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(sys.prefix) / "peers"
TIMEOUT_S = 300
"""Each step of pip may take so long."""


class Peer:
    """One environment: its Python, and the folder that things are unpacked into."""

    def __init__(self, name: str) -> None:
        self.folder = PEERS / name
        self.python = self.folder / "bin" / "python"

    def run(self, *arguments: str, cwd: Path = ROOT, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess[str]:
        """Run this environment's Python."""
        return subprocess.run(
            [str(self.python), *arguments], cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def pip(self, *arguments: str) -> None:
        """Run pip; its words are in the error if it fails."""
        done = self.run("-m", "pip", "--disable-pip-version-check", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def peer(name: str, *requirements: str, sdist: str | None = None) -> Peer:
    """The environment `name` with voxlink in place and these requirements; made if it is not there.

    `sdist` names a requirement whose source distribution is unpacked into `folder/sdist` as well: the tests that a
    library ships. Several processes may ask at once: one makes it, the others wait.
    """
    PEERS.mkdir(parents=True, exist_ok=True)
    made = Peer(name)
    stamp = made.folder / "requirements"
    wanted = "\n".join([*requirements, sdist or ""])
    with (PEERS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return made
        venv.create(made.folder, clear=True, with_pip=True)
        made.pip("install", "--quiet", "--editable", str(ROOT), *requirements)
        if sdist is not None:
            package = sdist.partition("=")[0]
            made.pip("download", "--quiet", "--no-deps", "--no-binary", package, "--dest", str(made.folder), sdist)
            (archive,) = made.folder.glob(f"{package}-*.tar.gz")
            with tarfile.open(archive) as packed:
                packed.extractall(made.folder / "sdist", filter="data")
        stamp.write_text(wanted, encoding="utf-8")
    return made
