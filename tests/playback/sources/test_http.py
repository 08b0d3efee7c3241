"""Music on web servers, good ones and bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest

from support.file_server import FileServer
from support.media import KINDS, make_media, opus_packets, plucks
from voxlink.audio import Media, open_media
from voxlink.errors import DecodeFailed, LoadFailed, MediaError, UnknownFormat
from voxlink.playback.sources import HttpSettings, HttpSource, LocalSource, Reference, SourceRegistry
from voxlink.playback.sources.download import DownloadLimits
from voxlink.protocol import UNKNOWN_LENGTH_MS, LoadedEmpty, LoadedError, LoadedTrack, Severity, Track

SECONDS = 12
QUICK = HttpSettings(
    connect_timeout_s=5,
    read_timeout_s=0.3,
    limits=DownloadLimits(read_ahead_bytes=64 << 10, history_bytes=16 << 10, retries=2, backoff_s=0.01),
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, sound = tmp_path_factory.mktemp("http"), plucks(SECONDS)
    tags = {"title": "T", "artist": "A"}
    made = {kind: make_media(folder / f"a.{KINDS[kind].extension}", sound, kind, tags=tags) for kind in KINDS}
    made["bare"] = make_media(folder / "bare.mp3", sound, "mp3")
    return made


@pytest.fixture
async def server(paths: dict[str, Path]) -> AsyncIterator[FileServer]:
    async with FileServer({path.name: path.read_bytes() for path in paths.values()}) as server:
        server.files["words.mp3"] = b"These are only words.\n" * 100
        server.files["empty.mp3"] = b""
        yield server


@pytest.fixture
async def source() -> AsyncIterator[HttpSource]:
    with ThreadPoolExecutor(4) as threads:
        source = HttpSource(threads, QUICK)
        yield source
        await source.close()


async def loaded(source: HttpSource, url: str) -> Track:
    answer = await source.load(Reference(url))
    assert isinstance(answer, LoadedTrack), answer
    return answer.data


def elsewhere(track: Track, identifier: str) -> Track:
    """The same track at another address."""
    return Track("", msgspec.structs.replace(track.info, identifier=identifier))


def heard(media: Media) -> np.ndarray:
    with media:
        return np.concatenate([block.samples for block in media.blocks()])


def sound_of(path: Path) -> np.ndarray:
    return heard(open_media(path))


async def all_heard(source: HttpSource, track: Track) -> np.ndarray:
    return await asyncio.to_thread(heard, await source.open(track))


# Good servers


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_is_loaded_and_sounds_like_the_local_one(
    kind: str, server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    url = f"{server.url}/ok/{paths[kind].name}?q=1#part"
    track = await loaded(source, url)
    info = track.info
    assert (info.identifier, info.uri, info.source_name) == (url, url, "http")
    assert (info.title, info.author, info.is_stream, info.is_seekable) == ("T", "A", False, True)
    assert info.length == pytest.approx(SECONDS * 1000, abs=30)
    assert track.plugin_info == {"probeInfo": KINDS[kind].container}
    np.testing.assert_array_equal(await all_heard(source, track), sound_of(paths[kind]))


@pytest.mark.parametrize("how", ["ok", "norange"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_seek_lands_where_it_lands_in_a_file(
    how: str, kind: str, server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    track = await loaded(source, f"{server.url}/{how}/{paths[kind].name}")
    media = await source.open(track)

    def run() -> None:
        with media, open_media(paths[kind]) as local:
            for position_ms in (8_000, 500, 11_000, 0):
                media.seek(position_ms)
                local.seek(position_ms)
                ours, theirs = next(media.blocks()), next(local.blocks())
                assert ours.position_ms == theirs.position_ms
                np.testing.assert_array_equal(ours.samples, theirs.samples)

    await asyncio.to_thread(run)


@pytest.mark.parametrize("kind", ["ogg-opus", "webm-opus"])
async def test_opus_passes_through_untouched(
    kind: str, server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    media = await source.open(await loaded(source, f"{server.url}/cut/50000/{paths[kind].name}"))

    def run() -> list[bytes]:
        with media:
            assert media.is_passthrough
            return [packet.data for packet in media.packets()]

    assert await asyncio.to_thread(run) == opus_packets(paths[kind])


async def test_few_requests_are_made(server: FileServer, source: HttpSource, paths: dict[str, Path]) -> None:
    track = await loaded(source, f"{server.url}/ok/{paths['flac'].name}")
    assert [request.has_range for request in server.requests] == [False]
    server.requests.clear()
    await all_heard(source, track)
    assert [request.has_range for request in server.requests] == [False]


@pytest.mark.parametrize("kind", ["flac", "webm-opus"])
async def test_without_a_length_the_header_may_still_tell_it(
    kind: str, server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    track = await loaded(source, f"{server.url}/chunked/{paths[kind].name}")
    assert track.info.length == pytest.approx(SECONDS * 1000, abs=30)
    assert not track.info.is_stream
    assert len(await all_heard(source, track)) == pytest.approx(SECONDS * 48_000, abs=1920)


@pytest.mark.parametrize("kind", ["mp3", "vorbis", "ogg-opus"])
async def test_without_a_length_the_rest_are_streams(
    kind: str, server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    track = await loaded(source, f"{server.url}/chunked/{paths[kind].name}")
    assert (track.info.length, track.info.is_stream, track.info.is_seekable) == (UNKNOWN_LENGTH_MS, True, False)
    assert len(await all_heard(source, track)) == pytest.approx(SECONDS * 48_000, abs=2400)


@pytest.mark.parametrize(("words", "title"), [("described", "Café music"), ("plain", "http://s")])
async def test_a_radio_station_gives_its_name_and_description(
    words: str, title: str, server: FileServer, source: HttpSource
) -> None:
    track = await loaded(source, f"icy://{server.host}/radio/{words}/bare.mp3")
    assert (track.info.title, track.info.author) == (title, "The Station")
    assert track.info.identifier == f"{server.url}/radio/{words}/bare.mp3"
    assert (track.info.is_stream, track.info.length) == (True, UNKNOWN_LENGTH_MS)
    assert len(await all_heard(source, track)) == pytest.approx(SECONDS * 48_000, abs=2400)


async def test_tags_win_over_the_stations_words(server: FileServer, source: HttpSource) -> None:
    assert (await loaded(source, f"{server.url}/radio/described/a.mp3")).info.title == "T"


# Redirects and playlists


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_and_the_track_is_the_last_address(
    status: int, server: FileServer, source: HttpSource
) -> None:
    registry = SourceRegistry([source])
    answer = await registry.load(f"{server.url}/redirect/{status}/a.mp3")
    assert isinstance(answer, LoadedTrack)
    assert answer.data.info.identifier == f"{server.url}/ok/a.mp3"


async def test_a_redirect_is_followed_when_a_track_is_opened(
    server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    track = await loaded(source, f"{server.url}/ok/a.wav")
    moved = elsewhere(track, f"{server.url}/redirect/302/a.wav")
    np.testing.assert_array_equal(await all_heard(source, moved), sound_of(paths["wav"]))


async def test_an_endless_redirect_names_nothing(server: FileServer, source: HttpSource) -> None:
    assert await SourceRegistry([source]).load(f"{server.url}/loop/0") == LoadedEmpty()
    assert len(server.requests) == 6


async def test_a_redirect_never_leads_to_a_local_file(server: FileServer, source: HttpSource) -> None:
    with ThreadPoolExecutor(1) as threads:
        registry = SourceRegistry([LocalSource(threads), source])
        assert await registry.load(f"{server.url}/escape/x") == LoadedEmpty()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("#EXTM3U\n#EXTINF:5,Listed\n{server}/ok/bare.mp3\n", "Listed"),
        ("[playlist]\nFile1={server}/ok/bare.mp3\nTitle1=Listed\n", "Listed"),
        ("{server}/ok/bare.mp3\n", "Unknown title"),
        ("#EXTM3U\n#EXTINF:5,Listed\n{server}/ok/a.mp3\n", "T"),
    ],
)
async def test_a_playlist_gives_its_first_address(
    text: str, title: str, server: FileServer, source: HttpSource
) -> None:
    server.texts["list"] = text
    answer = await SourceRegistry([source]).load(f"{server.url}/text/list")
    assert isinstance(answer, LoadedTrack)
    assert answer.data.info.title == title


# Bad addresses and answers


@pytest.mark.parametrize("identifier", ["HTTP://127.0.0.1/a", "ftp://127.0.0.1/a", "a.mp3", "data:,x", ""])
async def test_other_identifiers_are_not_this_sources(identifier: str, source: HttpSource) -> None:
    assert await source.load(Reference(identifier)) is None


@pytest.mark.parametrize(
    "url",
    ["http://", "https://", "http:///x", "http://a b/c", "http://127.0.0.1/not a url", "http://[::1", "http://h:x/"],
)
async def test_a_bad_address_is_named(url: str, source: HttpSource) -> None:
    with pytest.raises(LoadFailed, match="Not a valid URL") as caught:
        await source.load(Reference(url))
    assert caught.value.severity == "common"


async def test_not_found_is_empty(server: FileServer, source: HttpSource) -> None:
    assert await source.load(Reference(f"{server.url}/status/404")) == LoadedEmpty()


@pytest.mark.parametrize("status", [204, 400, 401, 410, 429, 500, 503, 304])
async def test_another_status_is_named(status: int, server: FileServer, source: HttpSource) -> None:
    answer = await SourceRegistry([source]).load(f"{server.url}/status/{status}")
    assert isinstance(answer, LoadedError)
    assert (answer.data.message, answer.data.severity) == ("That URL is not playable.", Severity.COMMON)
    assert f"Status code {status}" in answer.data.cause


async def test_a_refused_connection_is_named(source: HttpSource) -> None:
    async with FileServer({}) as gone:
        url = f"http://user:secret@{gone.host}/a.mp3"
    with pytest.raises(LoadFailed) as caught:
        await source.load(Reference(url))
    assert (caught.value.message, caught.value.severity) == ("Connecting to the URL failed.", "suspicious")
    assert "secret" not in str(caught.value)
    assert caught.value.cause


async def test_a_server_that_never_answers_is_named_in_time(server: FileServer, source: HttpSource) -> None:
    with pytest.raises(LoadFailed, match="Connecting to the URL failed") as caught:
        await asyncio.wait_for(source.load(Reference(f"{server.url}/silent/x")), 20)
    assert "did not answer in time" in str(caught.value)


@pytest.mark.parametrize("limit", [0, 100, 3000])
async def test_a_server_that_falls_silent_while_loading_is_named_in_time(
    limit: int, server: FileServer, source: HttpSource
) -> None:
    with pytest.raises((LoadFailed, MediaError)) as caught:
        await asyncio.wait_for(source.load(Reference(f"{server.url}/stall/{limit}/a.m4a")), 60)
    assert caught.value.message == "Connecting to the URL failed."


@pytest.mark.parametrize("name", ["words.mp3", "empty.mp3"])
async def test_what_is_no_music_is_named(name: str, server: FileServer, source: HttpSource) -> None:
    with pytest.raises(UnknownFormat, match="Unknown file format"):
        await source.load(Reference(f"{server.url}/ok/{name}"))


async def test_opening_fails_by_name(server: FileServer, source: HttpSource) -> None:
    track = await loaded(source, f"{server.url}/ok/a.mp3")
    server.files["a.mp3"] = b"not music any more"
    with pytest.raises(UnknownFormat):
        await source.open(track)
    for path, cause in (("status/404", "Status code 404"), ("loop/0", "too many redirects")):
        gone = elsewhere(track, f"{server.url}/{path}")
        with pytest.raises(LoadFailed, match=cause):
            await source.open(gone)


# Trouble in mid-song


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg-opus", "aac"])
async def test_a_connection_that_is_cut_again_and_again_is_not_heard(
    kind: str, server: FileServer, source: HttpSource, paths: dict[str, Path]
) -> None:
    track = await loaded(source, f"{server.url}/cut/20000/{paths[kind].name}")
    np.testing.assert_array_equal(await all_heard(source, track), sound_of(paths[kind]))
    assert len(server.requests) > 8


async def failure_of(media: Media) -> tuple[int, DecodeFailed]:
    """Play until it fails; return how many samples came and the error."""

    def run() -> tuple[int, DecodeFailed]:
        samples = 0
        with media, pytest.raises(DecodeFailed) as caught:
            for block in media.blocks():
                samples += len(block.samples)
        return samples, caught.value

    return await asyncio.wait_for(asyncio.to_thread(run), 60)


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ("stall/150000", "the server"),
        ("short/x", "of"),
        ("failing/403", "Status code 403"),
        ("failing/503", "Status code 503"),
        ("changing/x", "the file changed on the server"),
    ],
)
async def test_what_cannot_go_on_plays_what_came_and_ends_with_one_error(
    how: str, cause: str, server: FileServer, source: HttpSource
) -> None:
    track = await loaded(source, f"{server.url}/ok/a.mp3")
    bad = elsewhere(track, f"{server.url}/{how}/a.mp3")
    samples, error = await failure_of(await source.open(bad))
    assert 0.1 * SECONDS * 48_000 < samples < SECONDS * 48_000
    assert error.message == "Something went wrong when decoding the track."
    assert cause in str(error)
    assert error.__cause__ is not None


async def test_little_is_held_in_memory_while_nothing_is_read(server: FileServer, source: HttpSource) -> None:
    media = await source.open(await loaded(source, f"{server.url}/ok/a.wav"))
    file = media._file._file
    held = [len(download.window._data) for download in file._downloads]  # pyright: ignore[reportAttributeAccessIssue]
    assert sum(held) < 2 * (QUICK.limits.read_ahead_bytes + QUICK.limits.history_bytes + (128 << 10))
    await asyncio.to_thread(media.close)


# Ending


async def test_closing_the_source_ends_a_waiting_reader(server: FileServer) -> None:
    with ThreadPoolExecutor(2) as threads:
        source = HttpSource(threads, HttpSettings(read_timeout_s=60))
        track = await loaded(source, f"{server.url}/ok/a.wav")
        bad = elsewhere(track, f"{server.url}/stall/200000/a.wav")
        playing = asyncio.create_task(failure_of(await source.open(bad)))
        await server.stalled.wait()
        await source.close()
        _, error = await playing
        assert "stopped" in str(error)


async def test_an_interrupted_reader_stops_waiting(server: FileServer) -> None:
    with ThreadPoolExecutor(2) as threads:
        source = HttpSource(threads, HttpSettings(read_timeout_s=60))
        track = await loaded(source, f"{server.url}/ok/a.wav")
        media = await source.open(elsewhere(track, f"{server.url}/stall/200000/a.wav"))
        playing = asyncio.create_task(failure_of(media))
        await server.stalled.wait()
        media.interrupt()
        _, error = await asyncio.wait_for(playing, 20)
        assert "closed" in str(error)
        await source.close()


async def test_a_cancelled_load_leaves_no_thread_waiting(server: FileServer) -> None:
    with ThreadPoolExecutor(1) as threads:
        source = HttpSource(threads, HttpSettings(read_timeout_s=60))
        loading = asyncio.create_task(source.load(Reference(f"{server.url}/stall/100/a.wav")))
        await server.stalled.wait()
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
        assert await asyncio.wait_for(asyncio.wrap_future(threads.submit(lambda: "free")), 10) == "free"
        await source.close()


async def test_closed_media_leave_no_connection(server: FileServer, source: HttpSource) -> None:
    media = await source.open(await loaded(source, f"{server.url}/ok/a.wav"))
    await asyncio.to_thread(media.close)
    await source.close()
    await source.close()
    assert len(source._tasks) == 0
