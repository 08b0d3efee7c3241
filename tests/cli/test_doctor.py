"""The doctor's table names every problem, and its exit status says whether there is one."""

from __future__ import annotations

import io
from typing import Any

import pytest

from voxlink.cli import health, main
from voxlink.cli.doctor import node_url
from voxlink.cli.health import Finding
from voxlink.errors import BadValue


async def _nothing(*_: object) -> list[Finding]:
    return []


@pytest.fixture
def no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "versions", list)
    monkeypatch.setattr(health, "codecs", list)
    monkeypatch.setattr(health, "loopback", _nothing)


def test_a_sound_machine_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "Voxlink" in printed
    assert "25 packets through the loopback voice server" in printed.replace("\n", " ")


@pytest.mark.usefixtures("no_checks")
@pytest.mark.parametrize(("state", "status"), [("ok", 0), ("note", 0), ("problem", 1)])
def test_only_a_problem_is_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: Any, status: int
) -> None:
    monkeypatch.setattr(health, "codecs", lambda: [Finding("a [b] thing", state, "[/] it is so")])
    assert main(["doctor"]) == status
    printed = capsys.readouterr().out
    assert "a [b] thing" in printed
    assert "[/] it is so" in printed
    assert state in printed


@pytest.mark.usefixtures("no_checks")
def test_the_password_may_come_over_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    async def ask(url: str, password: health.Secret) -> list[Finding]:
        asked.append((url, password.reveal()))
        return []

    monkeypatch.setattr(health, "node", ask)
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\r\n"))
    assert main(["doctor", "--node", "127.0.0.1:2333/", "--password-stdin"]) == 0
    assert asked == [("http://127.0.0.1:2333", "secret")]


@pytest.mark.parametrize("text", ["", "ftp://x", "http://", "://"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="--node"):
        node_url(text)
