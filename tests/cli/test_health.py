"""Each check finds what is there, says what is not, and never raises for it."""

from __future__ import annotations

import socket
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from support.fake_engine import FakeEngine
from support.node_client import PASSWORD, running_node
from voxlink import __version__
from voxlink._util.secret import Secret
from voxlink.cli import health
from voxlink.cli.health import Finding
from voxlink.testing import trust


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}


def test_every_package_of_every_extra_is_looked_at() -> None:
    findings = by_name(health.versions())
    assert findings["Voxlink"].details == __version__
    assert all(findings[name].state == "ok" for name in ("aiohttp", "msgspec", "rich", "av", "numpy", "PyYAML"))


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(health, "version", missing)
    findings = by_name(health.versions())
    assert findings["davey"] == Finding("davey", "note", 'not installed: pip install "voxlink[node]"')
    assert findings["aiohttp"].state == "problem"


def test_codecs_are_tried() -> None:
    findings = by_name(health.codecs())
    assert "flac" in findings["decoders"].details
    assert findings["Opus"].details.startswith("a frame of 960 samples")


def test_a_missing_decoder_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxlink.audio.codecs.DECODERS", ("nonsense",))
    assert by_name(health.codecs())["decoders"] == Finding("decoders", "problem", "this FFmpeg lacks nonsense")


async def test_without_the_extra_sound_is_only_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("voxlink.audio", "voxlink.testing"):
        monkeypatch.setitem(sys.modules, name, None)
    assert {finding.state for finding in [*health.codecs(), *await health.loopback()]} == {"note"}


async def test_packets_go_through_the_loopback_voice_server() -> None:
    findings = by_name(await health.loopback())
    assert findings["voice"].state == "ok", findings
    assert findings["sender process"].details.startswith("scheduled ")


async def test_a_voice_server_that_cannot_be_reached_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "trusted", lambda _: pytest.MonkeyPatch.context())
    findings = by_name(await health.loopback())
    assert findings["voice"].state == "problem"
    assert "certificate" in findings["voice"].details.lower()


async def test_a_node_is_asked_for_everything() -> None:
    async with running_node(FakeEngine()) as client:
        findings = by_name(await health.node(client.base, Secret(PASSWORD)))
    assert findings["node"].details == f"{client.base} is Voxlink {__version__} (Lavalink 4.2.2)"
    assert findings["node sources"].details == "http"
    assert findings["node plugins"].details == "none"
    assert findings["node socket"].state == "ok"


async def test_a_wrong_password_and_a_wrong_server_are_problems() -> None:
    async with running_node(FakeEngine()) as client:
        assert await health.node(client.base, Secret("wrong")) == [
            Finding("node", "problem", f"{client.base} refuses the password")
        ]
        [finding] = await health.node(f"{client.base}/elsewhere", Secret(PASSWORD))
        assert finding.state == "problem"


async def test_a_node_that_is_not_there_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    [finding] = await health.node(f"http://127.0.0.1:{port}", Secret("x"))
    assert finding.state == "problem"
    assert "cannot be reached" in finding.details
