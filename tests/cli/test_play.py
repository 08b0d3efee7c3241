"""`voxlink play` says plainly how a song went, and leaves nothing behind whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import wave
from pathlib import Path

import pytest

from support.file_server import FileServer
from support.media import make_media, plucks
from support.play_command import PlayCommand, wait_gone

ORPHANS_GONE_S = 5.0


def refused_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_media(tmp_path_factory.mktemp("songs") / "song.mp3", plucks(4), "mp3")


def test_a_span_of_a_song_is_heard_whole_and_written_down(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "heard.wav"
    with PlayCommand(song, "--start", "1", "--seconds", "2", "--volume", "50", "--out", out) as command:
        assert command.wait() == 0, command.shown
    assert command.error_lines == []
    assert "transcode" in command.shown
    with wave.open(str(out)) as heard:
        assert (heard.getnchannels(), heard.getframerate()) == (2, 48_000)
        assert heard.getnframes() >= 2 * 48_000


def bad_files(folder: Path, song: Path) -> dict[str, tuple[Path, str]]:
    (folder / "text.mp3").write_text("This is no music.\n" * 100)
    (folder / "empty.mp3").touch()
    (folder / "cut.mp3").write_bytes(song.read_bytes()[: song.stat().st_size // 3])
    return {
        "a missing file": (folder / "missing.mp3", "nothing found there"),
        "a directory": (folder, "is a directory"),
        "a text file named .mp3": (folder / "text.mp3", "Unknown file format."),
        "an empty file": (folder / "empty.mp3", "Unknown file format."),
        "a truncated mp3": (folder / "cut.mp3", "The file is cut off."),
    }


BAD_FILES = ["a missing file", "a directory", "a text file named .mp3", "an empty file", "a truncated mp3"]


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_gives_one_clear_line_and_a_failure(case: str, song: Path, tmp_path: Path) -> None:
    path, words = bad_files(tmp_path, song)[case]
    with PlayCommand(path) as command:
        assert command.wait() == 1
    (line,) = command.error_lines
    assert words in line


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/status/404/song.mp3", "nothing found there"),
        ("/silent/song.mp3", "Connecting to the URL failed."),
        (None, "Connecting to the URL failed."),
    ],
    ids=["404", "stalls", "refuses"],
)
async def test_a_bad_address_gives_one_clear_line_and_a_failure(path: str | None, words: str, song: Path) -> None:
    async with FileServer({"song.mp3": song.read_bytes()}) as server:
        url = f"{server.url}{path}" if path is not None else f"http://127.0.0.1:{refused_port()}/song.mp3"
        with PlayCommand(url) as command:
            assert await asyncio.to_thread(command.wait) == 1
    (line,) = command.error_lines
    assert words in line


def test_a_start_behind_the_end_is_refused(song: Path) -> None:
    with PlayCommand(song, "--start", "60") as command:
        assert command.wait() == 1
    (line,) = command.error_lines
    assert "lies behind the end" in line


def test_ctrl_c_in_mid_song_ends_everything() -> None:
    with PlayCommand() as command:
        command.wait_playing()
        children = command.children()
        assert len(children) == 2
        command.interrupt()
        assert command.wait() == 130
    assert command.error_lines == ["stopped by Ctrl-C"]
    assert wait_gone(children, ORPHANS_GONE_S) == []


def test_a_killed_node_is_named_in_one_line_and_leaves_no_orphan() -> None:
    with PlayCommand() as command:
        command.wait_playing()
        children = command.children()
        os.kill(children[0], signal.SIGKILL)
        assert command.wait() == 1
    (line,) = command.error_lines
    assert "the node was lost in mid-song" in line
    assert wait_gone(children, ORPHANS_GONE_S) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seconds", "0"], "--seconds must be more than 0"),
        (["--out", "/no/such/folder/heard.wav"], "there is no such folder"),
    ],
)
def test_an_impossible_wish_is_refused_before_anything_starts(arguments: list[str], words: str) -> None:
    with PlayCommand(*arguments) as command:
        assert command.wait() == 1
    (line,) = command.error_lines
    assert words in line
