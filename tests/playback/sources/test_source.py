"""Tracks of media files, and calls in threads."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from voxlink.audio import MediaInfo
from voxlink.playback.sources.source import in_thread, track_of
from voxlink.protocol import UNKNOWN_LENGTH_MS, decode_wire_track

INFO = MediaInfo("mp3", "mp3", "A title", "An author", "USIR19600978", 1234, True)


def test_a_file_becomes_a_track_that_its_text_says_again() -> None:
    track = track_of("local", "/music/a.mp3", INFO)
    assert track.info.title == "A title"
    assert track.info.author == "An author"
    assert track.info.isrc == "USIR19600978"
    assert (track.info.identifier, track.info.uri) == ("/music/a.mp3", "/music/a.mp3")
    assert (track.info.length, track.info.is_stream, track.info.is_seekable) == (1234, False, True)
    assert (track.info.source_name, track.plugin_info) == ("local", {"probeInfo": "mp3"})
    again = decode_wire_track(track.encoded)
    assert again.info == track.info
    assert again.plugin_info == track.plugin_info


@pytest.mark.parametrize(
    ("tag", "given", "title"), [("Tag", "List", "Tag"), (None, "List", "List"), (None, None, "Unknown title")]
)
def test_the_files_own_title_wins(tag: str | None, given: str | None, title: str) -> None:
    assert track_of("http", "http://a", INFO._replace(title=tag), title=given).info.title == title


def test_without_any_author_the_artist_is_unknown() -> None:
    assert track_of("http", "http://a", INFO._replace(author=None)).info.author == "Unknown artist"
    assert track_of("http", "http://a", INFO._replace(author=None), author="Radio").info.author == "Radio"


@pytest.mark.parametrize(("container", "is_stream"), [("mp3", True), ("ogg", True), ("wav", False)])
def test_an_unknown_length_is_a_stream_in_lavalinks_containers(container: str, is_stream: bool) -> None:
    info = track_of("http", "http://a", INFO._replace(container=container, length_ms=None, is_seekable=False)).info
    assert (info.length, info.is_stream, info.is_seekable) == (UNKNOWN_LENGTH_MS, is_stream, False)


async def test_what_comes_after_a_cancelled_call_is_discarded() -> None:
    begun, go_on, discarded = threading.Event(), threading.Event(), threading.Event()
    results: list[str] = []

    def work() -> str:
        begun.set()
        go_on.wait(10)
        return "late"

    def discard(result: str) -> None:
        results.append(result)
        discarded.set()

    with ThreadPoolExecutor(1) as threads:
        call = asyncio.create_task(in_thread(threads, discard, work))
        await asyncio.to_thread(begun.wait, 10)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        go_on.set()
        assert await asyncio.to_thread(discarded.wait, 10)
    assert results == ["late"]


async def test_what_a_call_raises_reaches_its_caller() -> None:
    def work() -> None:
        raise LookupError("no")

    with ThreadPoolExecutor(1) as threads, pytest.raises(LookupError):
        await in_thread(threads, lambda _: None, work)
