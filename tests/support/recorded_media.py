"""The media folder and the media server that lavalink-recorded.json describes, made anew with PyAV and aiohttp."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
from aiohttp import web

from support.media import make_media
from voxlink.audio import RATE_HZ, Block

TAGS = {"title": "Tone Three", "artist": "Rec Order"}


def tone(seconds: float) -> Block:
    """A sine, the same left and right."""
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def fill(folder: Path) -> None:
    """Put the described files into a folder; those that only Lavalink's own quirks need are left out."""
    three = make_media(folder / "tone3.mp3", tone(3), "mp3", tags=TAGS).read_bytes()
    make_media(folder / "tone1.mp3", tone(1), "mp3")
    make_media(folder / "tone120.mp3", tone(120), "mp3", tags={"title": "Tone Long", "artist": "Rec Order"})
    make_media(folder / "tone3.opus", tone(3), "ogg-opus", tags={"title": "Tone Opus", "artist": "Rec Order"})
    make_media(folder / "tone3.ogg", tone(3), "vorbis", tags={"title": "Tone Vorbis"})
    make_media(folder / "tone3.webm", tone(3), "webm-opus", tags={"title": "Tone WebM"})
    make_media(folder / "tone3.flac", tone(3), "flac", tags={"title": "Tone Flac", "artist": "Rec Order"})
    make_media(folder / "tone3.m4a", tone(3), "aac", tags={"title": "Tone M4A", "artist": "Rec Order"})
    make_media(folder / "tone3.wav", tone(3), "wav")
    for name in ("uni é ☃ 😀.mp3", "with space.mp3", "plus+name.mp3", "per%cent.mp3", "noext", "mp3.wav"):
        (folder / name).write_bytes(three)
    (folder / "text.mp3").write_text("one line of plain text\n")
    (folder / "empty.mp3").touch()
    (folder / "riff.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVE")
    (folder / "list.pls").write_text("[playlist]\nFile1=http://127.0.0.1:1/x.mp3\nNumberOfEntries=1\n")
    noise = np.random.default_rng(1).integers(0, 255, 20_000, dtype=np.uint8).tobytes()
    (folder / "corrupt.mp3").write_bytes(three[:6000] + noise)
    _video(folder / "video.mp4")


def _video(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))


class MediaServer:
    """Serves a folder in the ways that the recording names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.base = ""

    def _body(self, request: web.Request) -> bytes:
        return (self._folder / request.match_info["name"]).read_bytes()

    async def ok(self, request: web.Request) -> web.StreamResponse:
        path = self._folder / request.match_info["name"]
        if not path.is_file():
            return web.Response(status=404)
        return web.FileResponse(path)

    async def norange(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._body(request), content_type="audio/mpeg")

    async def chunked(self, request: web.Request) -> web.StreamResponse:
        how = request.match_info["how"]
        icy = {"icy": {"icy-name": "Rec FM", "icy-description": "All tones"}, "icyurl": {"icy-name": "Rec FM"}}
        response = web.StreamResponse(headers={"Content-Type": "audio/mpeg", **icy.get(how, {})})
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(self._body(request))
        return response

    async def status(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=int(request.match_info["status"]), text="x")

    async def redirect(self, request: web.Request) -> web.StreamResponse:
        status, name = request.match_info.get("status", "302"), request.match_info["name"]
        return web.Response(status=int(status), headers={"Location": f"/ok/{name}"})

    async def html(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="<html><body>A page</body></html>", content_type="text/html")

    async def text(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.match_info["name"].replace("@", f"{self.base}/ok/"))

    async def pls(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        return web.Response(text=f"[playlist]\nFile1={self.base}/ok/{name}\n", content_type="audio/x-scpls")


@asynccontextmanager
async def media_server(folder: Path) -> AsyncIterator[str]:
    """Serve a folder on a free port; the value is the base URL."""
    server = MediaServer(folder)
    app = web.Application()
    app.router.add_get("/ok/{name}", server.ok)
    app.router.add_get("/norange/{name}", server.norange)
    app.router.add_get("/{how:chunked|icy|icyurl}/{name}", server.chunked)
    app.router.add_get(r"/status{status:\d+}", server.status)
    app.router.add_get(r"/redirect{status:\d+}/{name}", server.redirect)
    app.router.add_get("/relredirect/{name}", server.redirect)
    app.router.add_get("/html", server.html)
    app.router.add_get("/text/{name:.*}", server.text)
    app.router.add_get("/pls/{name}", server.pls)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server.base
    finally:
        await runner.cleanup()
