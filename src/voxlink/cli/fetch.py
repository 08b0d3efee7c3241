"""Fetches files over HTTP for the command line: status, size and digest checked, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import aiohttp

from voxlink._version import __version__
from voxlink.errors import DownloadFailed

TIMEOUT = aiohttp.ClientTimeout(total=None, connect=15, sock_connect=15, sock_read=30)
TEXT_LIMIT = 16 << 20
FILE_LIMIT = 1 << 30
CHUNK = 1 << 16

Told = Callable[[int, int | None], object]
"""Called with the bytes that have come, and how many there are in all, if that is known."""


@asynccontextmanager
async def web_session() -> AsyncGenerator[aiohttp.ClientSession, None]:
    """A session that honours the proxies of the environment and asks for files as they are, not compressed."""
    headers = {"User-Agent": f"voxlink/{__version__}", "Accept-Encoding": "identity"}
    async with aiohttp.ClientSession(timeout=TIMEOUT, headers=headers, trust_env=True) as session:
        yield session


async def fetch_text(session: aiohttp.ClientSession, url: str) -> bytes:
    """Return the body of an address; DownloadFailed if it is not there or longer than 16 MiB."""
    body = bytearray()
    async with answer(session, url) as response:
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > TEXT_LIMIT:
                raise DownloadFailed(url, "it is too long")
    return bytes(body)


async def fetch_file(
    session: aiohttp.ClientSession,
    url: str,
    path: Path,
    *,
    told: Told,
    size: int | None = None,
    sha256: str | None = None,
    keep: bool = False,
) -> None:
    """Fetch a file; it stands at `path` only once it is complete and has the size and digest that were announced.

    With `keep`, a file that is there already is renamed first (`lavalink.old.jar`). Raises DownloadFailed; then, and
    when cancelled, everything is as it was before.
    """
    digest = hashlib.sha256()
    came = 0
    with whole_file(path, keep=keep) as file:
        async with answer(session, url) as response:
            if response.content_type == "text/html":
                raise DownloadFailed(url, "the answer is a web page, not the file")
            announced = size if size is not None else response.content_length
            async for chunk in response.content.iter_chunked(CHUNK):
                file.write(chunk)
                digest.update(chunk)
                came += len(chunk)
                if came > FILE_LIMIT:
                    raise DownloadFailed(url, "it is longer than 1 GiB")
                told(came, announced)
        if came == 0 or (announced is not None and came != announced):
            raise DownloadFailed(url, f"{came} bytes came, {announced or 'more'} were announced")
        if sha256 is not None and digest.hexdigest() != sha256.lower():
            raise DownloadFailed(url, "it is damaged: its SHA-256 is not the announced one")


@asynccontextmanager
async def answer(session: aiohttp.ClientSession, url: str) -> AsyncGenerator[aiohttp.ClientResponse, None]:
    """Open an address; DownloadFailed for any status but 200 and for everything that goes wrong on the way."""
    try:
        async with session.get(url) as response:
            if response.status != 200:
                raise DownloadFailed(url, f"the server answered {response.status} {response.reason or ''}".rstrip())
            yield response
    except TimeoutError:
        raise DownloadFailed(url, "the server did not answer in time") from None
    except aiohttp.InvalidURL:
        raise DownloadFailed(url, "that is no address") from None
    except aiohttp.ClientError as error:
        raise DownloadFailed(url, str(error) or type(error).__name__) from error


@contextmanager
def whole_file(path: Path, *, keep: bool) -> Generator[IO[bytes], None, None]:
    """Give a file to write that takes the place of `path` at the end of the block, and vanishes if it raises."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if keep and path.exists():
            path.rename(free_name(path))
        part.replace(path)
    except OSError as error:
        raise DownloadFailed(str(path), error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def free_name(path: Path) -> Path:
    """`lavalink.old.jar` for `lavalink.jar`, or with a number if that is taken: nothing is overwritten."""
    name = path.with_name(f"{path.stem}.old{path.suffix}")
    number = 2
    while name.exists():
        name = path.with_name(f"{path.stem}.old.{number}{path.suffix}")
        number += 1
    return name
