"""A jar's version is what Java says; what Java says on the side is no failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxlink.cli import main
from voxlink.cli.jar import find_jar, jar_version
from voxlink.errors import BadValue, JavaFailed


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called java, first in PATH; write its body."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "java"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return program


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / "Lavalink.jar"
    path.write_bytes(b"PK")
    return path


def test_the_version_is_printed(java: Path, jar: Path, capsys: pytest.CaptureFixture[str]) -> None:
    java.write_text('#!/bin/sh\necho "Picked up JAVA_TOOL_OPTIONS" >&2\necho "Version: 4.1.0 ($1 $3)"\n')
    assert main(["info", str(jar)]) == 0
    assert capsys.readouterr().out == "Version: 4.1.0 (-jar --version)\n"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("echo 'java.lang.UnsupportedClassVersionError: (class file version 61.0)' >&2; exit 1", "needs Java 17"),
        ("echo 'Error: Unable to access jarfile' >&2; exit 1", "Unable to access jarfile"),
        ("exit 3", "status 3"),
    ],
)
def test_what_java_refuses_is_one_line(java: Path, jar: Path, body: str, says: str) -> None:
    java.write_text(f"#!/bin/sh\n{body}\n")
    with pytest.raises(JavaFailed, match=says):
        jar_version(jar)


def test_a_machine_without_java_says_so(jar: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaFailed, match="no Java"):
        jar_version(jar)


def test_a_jar_is_found_by_its_usual_names_or_named(jar: Path, tmp_path: Path) -> None:
    assert find_jar(None, tmp_path).read_bytes() == b"PK"
    assert find_jar(jar, tmp_path / "elsewhere") == jar
    with pytest.raises(BadValue, match="no such file"):
        find_jar(tmp_path / "other.jar", tmp_path)
    with pytest.raises(BadValue, match="voxlink info FILE"):
        find_jar(None, tmp_path / "elsewhere")
