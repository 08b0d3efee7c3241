"""`import lavalink` gives Voxlink after `install_as_lavalink`."""

import subprocess
import sys

INSTALL = "import voxlink; voxlink.install_as_lavalink();"


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_lavalink_and_all_its_submodules_become_ours() -> None:
    code = INSTALL + (
        "import lavalink; from lavalink import *; from lavalink.events import TrackStartEvent as T;"
        "import lavalink.playermanager, lavalink.utils, lavalink.dataio, lavalink.errors, lavalink.client;"
        "print(lavalink is voxlink, T is voxlink.TrackStartEvent, lavalink.client.Client is Client, end=' ');"
        "print(lavalink.abc.Filter is Filter)"
    )
    assert run(code) == "True True True True"


def test_installing_twice_is_the_same_as_once() -> None:
    assert run(INSTALL + INSTALL + "import lavalink; print(lavalink.__title__)") == "voxlink"


def test_it_refuses_when_the_real_package_is_there_already() -> None:
    code = "import lavalink, voxlink\ntry: voxlink.install_as_lavalink()\n"
    code += "except voxlink.errors.UsageError as e: print(e.fault)"
    assert run("import voxlink.errors;" + code) == "caller"
