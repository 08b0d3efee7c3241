"""A file that is fetched is whole, or everything stays as it was."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from voxlink.cli.fetch import fetch_file, fetch_text, free_name, web_session
from voxlink.errors import DownloadFailed

CONTENT = bytes(range(256)) * 2000


async def whole(request: web.Request) -> web.Response:
    return web.Response(body=CONTENT)


async def chunked(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(CONTENT)
    return response


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(CONTENT) * 2)})
    await response.prepare(request)
    await response.write(CONTENT)
    assert request.transport is not None
    request.transport.abort()
    return response


async def page(request: web.Request) -> web.Response:
    return web.Response(text="<html>sign in</html>", content_type="text/html")


async def empty(request: web.Request) -> web.Response:
    return web.Response(body=b"")


async def never(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(CONTENT) * 2)})
    await response.prepare(request)
    await response.write(CONTENT)
    await asyncio.Event().wait()
    return response


@pytest.fixture
async def base() -> AsyncIterator[str]:
    app = web.Application()
    for handler in (whole, chunked, cut, page, empty, never):
        app.router.add_get(f"/{handler.__name__}", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def fetch(url: str, path: Path, **options: object) -> list[tuple[int, int | None]]:
    told: list[tuple[int, int | None]] = []
    async with web_session() as session:
        await fetch_file(session, url, path, told=lambda *at: told.append(at), **options)  # type: ignore[arg-type]
    return told


@pytest.mark.parametrize("path", ["whole", "chunked"])
async def test_a_file_comes_whole_and_progress_is_told(base: str, tmp_path: Path, path: str) -> None:
    told = await fetch(f"{base}/{path}", tmp_path / "a.jar")
    assert (tmp_path / "a.jar").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT) if path == "whole" else None)
    assert [one.name for one in tmp_path.iterdir()] == ["a.jar"]


@pytest.mark.parametrize(
    ("path", "options", "says"),
    [
        ("missing", {}, "404"),
        ("cut", {}, ""),
        ("page", {}, "web page"),
        ("empty", {}, "0 bytes"),
        ("whole", {"size": 5}, "5 were announced"),
        ("chunked", {"size": len(CONTENT) + 1}, "were announced"),
        ("whole", {"sha256": "0" * 64}, "damaged"),
    ],
)
@pytest.mark.parametrize("keep", [False, True])
async def test_what_goes_wrong_is_named_and_leaves_the_old_file(
    base: str, tmp_path: Path, path: str, options: dict[str, object], says: str, keep: bool
) -> None:
    (tmp_path / "a.jar").write_bytes(b"old")
    with pytest.raises(DownloadFailed) as caught:
        await fetch(f"{base}/{path}", tmp_path / "a.jar", keep=keep, **options)
    assert says in str(caught.value)
    assert caught.value.url == f"{base}/{path}"
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.jar", b"old")]


async def test_the_announced_digest_is_met(base: str, tmp_path: Path) -> None:
    await fetch(f"{base}/whole", tmp_path / "a.jar", sha256=hashlib.sha256(CONTENT).hexdigest().upper())
    assert (tmp_path / "a.jar").stat().st_size == len(CONTENT)


async def test_cancelling_leaves_nothing_behind(base: str, tmp_path: Path) -> None:
    came = asyncio.Event()
    async with web_session() as session:
        work = asyncio.create_task(fetch_file(session, f"{base}/never", tmp_path / "a.jar", told=lambda *_: came.set()))
        await asyncio.wait_for(came.wait(), 10)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    assert list(tmp_path.iterdir()) == []


async def test_old_files_are_kept_on_request_and_never_overwritten(base: str, tmp_path: Path) -> None:
    path = tmp_path / "lavalink.jar"
    for content in (b"one", b"two"):
        path.write_bytes(content)
        await fetch(f"{base}/whole", path, keep=True)
    assert (tmp_path / "lavalink.old.jar").read_bytes() == b"one"
    assert (tmp_path / "lavalink.old.2.jar").read_bytes() == b"two"
    assert free_name(path).name == "lavalink.old.3.jar"


async def test_a_folder_that_is_not_there_is_named(base: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="No such file"):
        await fetch(f"{base}/whole", tmp_path / "none" / "a.jar")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "nonsense", "http://"])
async def test_an_address_that_answers_nothing_is_named(url: str) -> None:
    async with web_session() as session:
        with pytest.raises(DownloadFailed):
            await fetch_text(session, url)


async def test_texts_have_a_limit(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with web_session() as session:
        assert await fetch_text(session, f"{base}/whole") == CONTENT
        monkeypatch.setattr("voxlink.cli.fetch.TEXT_LIMIT", 1000)
        with pytest.raises(DownloadFailed, match="too long"):
            await fetch_text(session, f"{base}/whole")
