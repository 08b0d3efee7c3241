"""`voxlink migrate-check` names file, line and what to do, and its status says whether there is anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxlink.cli import main


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    status = main(["migrate-check", str(path)])
    return status, capsys.readouterr().out.splitlines()


def test_a_bot_for_lavalink_py_is_told_about_both_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bot = tmp_path / "bot.py"
    bot.write_text("import discord\nimport lavalink\n")
    status, lines = check(bot, capsys)
    assert status == 1
    assert lines[0].startswith(f"{bot}:2: import voxlink instead, or call voxlink.install_as_lavalink()")
    assert lines[1:] == ["1 line to look at"]


def test_a_bot_that_installs_ours_first_has_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").write_text("import voxlink\nvoxlink.install_as_lavalink()\nimport lavalink\n")
    (tmp_path / "cogs").mkdir()
    (tmp_path / "cogs" / "music.py").write_text("from lavalink import listener\n")
    assert check(tmp_path, capsys) == (0, ["nothing to do"])


def test_an_import_above_the_call_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").write_text("import lavalink\nimport voxlink\nvoxlink.install_as_lavalink()\n")
    status, lines = check(tmp_path, capsys)
    assert status == 1
    assert "main.py:1: lavalink is imported before" in lines[0]


def test_notes_are_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("import voxlink\nclient._event_hooks.clear()\n")
    status, lines = check(tmp_path, capsys)
    assert status == 0
    assert "a.py:2: note: _event_hooks" in lines[0]
    assert lines[-1] == "nothing to do"


def test_files_and_lines_come_in_order_and_environments_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.py", "a.py", ".venv/x.py", "venv/x.py", "node_modules/x.py", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("import mafic\nimport wavelink\n")
    _, lines = check(tmp_path, capsys)
    places = [line.removeprefix(f"{tmp_path}/").partition(": ")[0] for line in lines]
    assert places == ["a.py:1", "a.py:2", "b.py:1", "b.py:2", "4 lines to look at"]


@pytest.mark.parametrize("content", [b"print 'two'\n", b"x = '\0'\n", b"# coding: nonsense\n", b"x = '\xff'\n"])
def test_what_cannot_be_read_is_named_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    (tmp_path / "good.py").write_text("import pomice\n")
    status, lines = check(tmp_path, capsys)
    assert status == 1
    assert "bad.py:1: cannot be read as Python" in lines[0]
    assert "good.py:1: pomice" in lines[1]


def test_a_path_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate-check", str(tmp_path / "none")]) == 1
    assert "no such file or folder" in capsys.readouterr().err


def test_lavalink_py_s_own_way_of_use_needs_nothing_but_the_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cog.py").write_text(
        "import lavalink\n"
        "from lavalink.errors import ClientError\n"
        "from lavalink.events import QueueEndEvent, TrackStartEvent\n"
        "from lavalink.filters import LowPass\n"
        "from lavalink.server import LoadType\n"
        "client = lavalink.Client(1)\n"
        "client.add_node(host='localhost', port=2333, password='x', region='us', name='default')\n"
        "found = LoadType.PLAYLIST\n"
    )
    status, lines = check(tmp_path, capsys)
    assert status == 1
    assert lines[-1] == "5 lines to look at"
