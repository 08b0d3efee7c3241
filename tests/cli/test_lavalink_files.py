"""`voxlink download` and `config` against a server on loopback that answers as GitHub does."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from voxlink.cli import main
from voxlink.cli.lavalink_files import ask, progress_bar
from voxlink.cli.releases import Release, read_version
from voxlink.errors import BadValue

EXAMPLE = "/lavalink-devs/Lavalink/{}/LavalinkServer/application.yml.example"


class GitHub:
    """Releases on pages of 100, their jars, and the example settings of two branches."""

    def __init__(self) -> None:
        self.releases: list[dict[str, Any]] = []
        self.pages = 0
        self.listing: web.Response | None = None
        self.base = ""

    def add(self, tag: str, **fields: Any) -> None:
        content = f"jar of {tag}".encode()
        names = fields.pop("names", ["Lavalink-musl.jar", "Lavalink.jar"])
        asset = {"size": len(content), "digest": f"sha256:{hashlib.sha256(content).hexdigest()}"}
        assets = [{"name": name, "browser_download_url": f"{self.base}/{tag}/{name}", **asset} for name in names]
        self.releases.append({"tag_name": tag, "assets": assets, "draft": False, "prerelease": False, **fields})

    async def listed(self, request: web.Request) -> web.Response:
        self.pages += 1
        if self.listing is not None:
            return self.listing
        start = 100 * (int(request.query["page"]) - 1)
        return web.json_response(self.releases[start : start + 100])

    async def jar(self, request: web.Request) -> web.Response:
        assert request.match_info["name"] == "Lavalink.jar"
        return web.Response(body=f"jar of {request.match_info['tag']}".encode())

    async def example(self, request: web.Request) -> web.Response:
        return web.Response(text=f"branch: {request.match_info['branch']}\n")


@pytest.fixture
async def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GitHub]:
    fake = GitHub()
    app = web.Application()
    app.router.add_get("/repos/lavalink-devs/Lavalink/releases", fake.listed)
    app.router.add_get("/{tag}/{name}", fake.jar)
    app.router.add_get(EXAMPLE.format("{branch}"), fake.example)
    monkeypatch.chdir(tmp_path)
    async with TestServer(app) as server:
        fake.base = str(server.make_url("")).rstrip("/")
        for tag in ("4.0.9", "4.0.10", "4.1.0", "3.7.13"):
            fake.add(tag)
        fake.add("5.0.0", draft=True)
        fake.add("4.2.0-beta.1", prerelease=True)
        fake.add("nightly")
        yield fake


async def run(*arguments: str) -> int:
    """Run the command in a thread: it has a loop of its own, and the server runs in ours."""
    return await asyncio.to_thread(main, list(arguments))


async def download(github: GitHub, *arguments: str) -> int:
    return await run("download", *arguments, "--base-url", github.base)


@pytest.mark.parametrize(
    ("version", "tag"), [("4.0.9", "4.0.9"), ("~=4.0.1", "4.0.10"), ("<4", "3.7.13"), (">=4", "4.1.0")]
)
async def test_the_release_that_was_asked_for_is_fetched(
    github: GitHub, tmp_path: Path, version: str, tag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await download(github, version) == 0
    assert (tmp_path / "lavalink.jar").read_text() == f"jar of {tag}"
    assert capsys.readouterr().out == f"fetched Lavalink {tag} to {tmp_path / 'lavalink.jar'}\n"


async def test_releases_of_later_pages_are_found(github: GitHub, tmp_path: Path) -> None:
    for patch in range(110):
        github.add(f"2.0.{patch}")
    assert await download(github, "2.0.109") == 0
    assert github.pages == 2
    assert (tmp_path / "lavalink.jar").read_text() == "jar of 2.0.109"


async def test_no_overwrite_is_an_option_wherever_it_stands(github: GitHub, tmp_path: Path) -> None:
    (tmp_path / "lavalink.jar").write_text("mine")
    assert await download(github, "--no-overwrite", "4.1.0") == 0
    assert (tmp_path / "lavalink.old.jar").read_text() == "mine"
    assert (tmp_path / "lavalink.jar").read_text() == "jar of 4.1.0"


async def test_without_a_version_the_user_is_asked(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("2\n"))
    assert await download(github) == 0
    assert (tmp_path / "lavalink.jar").read_text() == "jar of 4.1.0"
    shown = capsys.readouterr().err
    assert "[1] 4.2.0-beta.1 (pre-release)\n[2] 4.1.0\n[3] 3.7.13\n" in shown


@pytest.mark.parametrize("answer", ["", "0\n", "4\n", "x\n"])
async def test_an_answer_that_is_none_of_the_menu_fetches_nothing(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert await download(github) == 1
    assert list(tmp_path.iterdir()) == []


def test_one_release_is_no_question() -> None:
    only = Release("1.0.0", read_version("1"), None)
    assert ask([only]) is only
    with pytest.raises(BadValue):
        ask([])


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        ({"status": 403, "text": "rate limit"}, "403"),
        ({"text": "<html>"}, "no list of releases"),
        ({"text": '{"message": "x"}'}, "no list of releases"),
        ({"text": '[{"tag_name": 5}]'}, "no list of releases"),
    ],
)
async def test_a_listing_that_is_none_is_one_line(
    github: GitHub, capsys: pytest.CaptureFixture[str], listing: dict[str, Any], says: str
) -> None:
    github.listing = web.Response(**listing)
    assert await download(github, "4.1.0") == 1
    error = capsys.readouterr().err
    assert error.startswith("error: cannot fetch http://127.0.0.1")
    assert says in error


async def test_a_jar_of_another_size_than_announced_is_refused(github: GitHub, tmp_path: Path) -> None:
    for asset in github.releases[2]["assets"]:
        asset["size"] += 1
    assert await download(github, "4.1.0") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("options", "branch"), [((), "master"), (("--fetch-dev",), "dev")])
async def test_the_example_settings_are_fetched(
    github: GitHub, tmp_path: Path, options: tuple[str, ...], branch: str
) -> None:
    (tmp_path / "application.yml").write_text("mine")
    assert await run("config", *options, "--no-overwrite", "--base-url", github.base + "/") == 0
    assert (tmp_path / "application.yml").read_text() == f"branch: {branch}\n"
    assert (tmp_path / "application.old.yml").read_text() == "mine"


def test_the_bar_shows_what_has_come(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("Lavalink [4]") as told:
        told(500_000, None)
        told(1_000_000, 1_000_000)
    assert "Lavalink [4]" in capsys.readouterr().err
