"""Music on web servers: one GET to find out what it is, another to play it, reopened wherever it breaks off."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Annotated, BinaryIO, NamedTuple, cast
from urllib.parse import urljoin

import aiohttp
from msgspec import Meta, Struct
from yarl import URL

from voxlink._util.tasks import Tasks
from voxlink.audio import HEAD_BYTES, PLAYLISTS, Media, open_media, probe
from voxlink.errors import LoadFailed, MediaError
from voxlink.playback.sources.download import DownloadLimits
from voxlink.playback.sources.network_file import NetworkFile
from voxlink.playback.sources.playlist import MAX_BYTES, first_entry
from voxlink.playback.sources.source import Reference, in_thread, track_of
from voxlink.protocol import Loaded, LoadedEmpty, LoadedTrack, Track

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PLAYABLE = frozenset({200, 203, 206})
_MAX_REDIRECTS = 5

_NO_URL = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]")
"""Characters that a URL cannot hold (RFC 3986); one that is not ASCII is encoded."""

_log = logging.getLogger("voxlink.playback")


class HttpSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How patient the http source is."""

    connect_timeout_s: Annotated[float, Meta(gt=0)] = 5.0
    """Looking up a name and connecting may take so long."""
    read_timeout_s: Annotated[float, Meta(gt=0)] = 5.0
    """A server may be silent for so long; in mid-song it is then asked again."""
    limits: DownloadLimits = DownloadLimits()
    """How far ahead is read, and how often a broken download is tried again."""


class HttpSource:
    """The source `http`: `http://`, `https://` and `icy://` addresses.

    Make it anywhere, use it in one event loop. Any address that this machine can reach is accepted.
    """

    name = "http"

    def __init__(self, threads: Executor, settings: HttpSettings | None = None) -> None:
        """Read in these threads."""
        self._threads = threads
        self._settings = settings or HttpSettings()
        self._tasks = Tasks(_log)
        self._session: aiohttp.ClientSession | None = None

    async def load(self, reference: Reference) -> Loaded | Reference | None:
        """See `Source`: empty for a 404, a reference for a redirect or a playlist."""
        url = _address(reference.identifier)
        if url is None:
            return None
        answer = await self._get(url, follow=False)
        target = answer.headers.get("Location")
        if answer.status in _REDIRECTS and target:
            answer.close()
            return Reference(urljoin(url, target), reference.title)
        if answer.status == 404:
            answer.close()
            return LoadedEmpty()
        file = self._file(url, _checked(answer))
        try:
            return await in_thread(self._threads, _forget, _describe, file, url, _Headers.of(answer), reference.title)
        finally:
            file.close()

    async def open(self, track: Track) -> Media:
        """See `Source`: redirects are followed."""
        url = _address(track.info.identifier)
        if url is None:
            raise LoadFailed("Not a valid URL.", "common")
        answer = _checked(await self._get(url, follow=True))
        file = self._file(url, answer)
        try:
            return await in_thread(self._threads, Media.close, _open, file, _Headers.of(answer).kind)
        except BaseException:
            file.close()
            raise

    async def close(self) -> None:
        """See `Source`: every download stops, every connection is closed."""
        await self._tasks.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _get(self, url: str, *, follow: bool, at: int = 0) -> aiohttp.ClientResponse:
        """Ask for a file from an offset on, up to the head of the answer. Raises LoadFailed."""
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={at}-"} if at else {})}
        patience_s = (self._settings.connect_timeout_s + self._settings.read_timeout_s) * (1 + _MAX_REDIRECTS * follow)
        try:
            async with asyncio.timeout(patience_s):
                return await self._client().get(
                    _encoded(url), headers=headers, allow_redirects=follow, max_redirects=_MAX_REDIRECTS
                )
        except (aiohttp.InvalidURL, ValueError) as error:
            raise LoadFailed("Not a valid URL.", "common", _words(error)) from error
        except aiohttp.TooManyRedirects as error:
            raise LoadFailed("That URL is not playable.", "common", "too many redirects") from error
        except (aiohttp.ClientError, OSError) as error:
            raise LoadFailed("Connecting to the URL failed.", "suspicious", _words(error)) from error

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # a connection for each track that plays
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=settings.connect_timeout_s, sock_read=settings.read_timeout_s
                ),
                headers={"User-Agent": "Voxlink", "Accept": "*/*"},
            )
        return self._session

    def _file(self, url: str, answer: aiohttp.ClientResponse) -> NetworkFile:
        encoded = answer.headers.get("Content-Encoding", "identity") != "identity"
        size = None if encoded else answer.content_length
        settings = self._settings
        pauses_s = settings.limits.backoff_s * 2**settings.limits.retries
        attempt_s = settings.connect_timeout_s + settings.read_timeout_s

        async def reopen(at: int) -> _HttpBody:
            return await self._reopened(url, at, size)

        return NetworkFile(
            reopen,
            _HttpBody(answer, 0),
            size,
            tasks=self._tasks,
            limits=settings.limits,
            patience_s=(settings.limits.retries + 2) * attempt_s + pauses_s,
            is_live=size is None and any(name.lower().startswith("icy-") for name in answer.headers),
        )

    async def _reopened(self, url: str, at: int, size: int | None) -> _HttpBody:
        """Ask for the rest of a file. Raises LoadFailed for a refusal and ConnectionError for what may pass."""
        try:
            answer = await self._get(url, follow=True, at=0 if size is None else at)
        except LoadFailed as error:
            raise ConnectionError(error.cause or error.message) from error
        if answer.status >= 500 or answer.status == 429:
            answer.close()
            raise ConnectionError(f"Status code {answer.status}")
        begin = at if size is None else _begin_of(_checked(answer), size)
        return _HttpBody(answer, begin)


class _HttpBody:
    """The body of an answer, from an offset of the file on."""

    def __init__(self, answer: aiohttp.ClientResponse, begin: int) -> None:
        self._answer = answer
        self.begin = begin

    async def chunk(self) -> bytes:
        try:
            return await self._answer.content.readany()
        except TimeoutError as error:
            raise TimeoutError("the server stopped sending") from error
        except aiohttp.ClientError as error:
            raise ConnectionError(_words(error)) from error

    def close(self) -> None:
        self._answer.close()


class _Headers(NamedTuple):
    """What the headers say about the music."""

    kind: str
    title: str | None
    author: str | None

    @classmethod
    def of(cls, answer: aiohttp.ClientResponse) -> _Headers:
        """Take the MIME type and the ICY words: the station is the author, its description the title."""
        headers = answer.headers
        title = _icy(headers, "icy-description") or _icy(headers, "icy-url")
        return cls(headers.get("Content-Type", ""), title, _icy(headers, "icy-name"))


def _icy(headers: Mapping[str, str], name: str) -> str | None:
    raw = headers.get(name, "").encode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip() or None


def _address(identifier: str) -> str | None:
    if identifier.startswith("icy://"):
        return "http://" + identifier.removeprefix("icy://")
    return identifier if identifier.startswith(("http://", "https://")) else None


def _encoded(url: str) -> URL:
    """The URL as it is: signatures must not be spelled anew. Raises ValueError for what is none."""
    if found := _NO_URL.search(url):
        raise ValueError(f"illegal character {found[0]!r}")
    parsed = URL(url, encoded=url.isascii())
    if not parsed.host:
        raise ValueError("there is no host")
    return parsed


def _checked(answer: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    if answer.status not in _PLAYABLE:
        answer.close()
        raise LoadFailed("That URL is not playable.", "common", f"Status code {answer.status}")
    return answer


def _begin_of(answer: aiohttp.ClientResponse, size: int) -> int:
    """Where the body of an answer begins in the file. Raises LoadFailed if the file is another one by now."""
    if answer.status != 206:
        total, begin = answer.content_length, 0
    else:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
        total = int(match[2]) if match and match[2] != "*" else size
        begin = int(match[1]) if match else -1
    if total != size or begin < 0:
        answer.close()
        raise LoadFailed("That URL is not playable.", "suspicious", "the file changed on the server")
    return begin


def _words(error: BaseException) -> str:
    """An error in words that hold no URL, which may hold a password."""
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.strerror or type(error.os_error).__name__
    return type(error).__name__ if "://" in str(error) or not str(error) else str(error)


def _forget(_: object) -> None:
    """Nothing is open in what was loaded too late."""


def _describe(file: NetworkFile, url: str, headers: _Headers, title: str | None) -> Loaded | Reference:
    """Find out what a file holds. In a worker thread."""
    try:
        head = _read(file, HEAD_BYTES)
        if (kind := probe(head, headers.kind)) in PLAYLISTS:
            entry = first_entry(head + _read(file, MAX_BYTES), kind)
            return Reference(entry.address, entry.title or title)
    except OSError as error:
        raise LoadFailed("Connecting to the URL failed.", "suspicious", _words(error)) from error
    file.rewind()
    with _open(file, headers.kind) as media:
        return LoadedTrack(track_of("http", url, media.info, title=headers.title or title, author=headers.author))


def _open(file: NetworkFile, kind: str) -> Media:
    """Open a file's sound. In a worker thread."""
    try:
        return open_media(cast("BinaryIO", file), hint=kind)
    except MediaError as error:
        if file.failure is not None:
            raise LoadFailed("Connecting to the URL failed.", "suspicious", _words(file.failure)) from error
        raise


def _read(file: NetworkFile, count: int) -> bytes:
    parts: list[bytes] = []
    while count > 0 and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
