"""Files of this machine as a source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.media import KINDS, make_media, plucks
from voxlink.errors import MediaUnreadable, UnknownFormat
from voxlink.playback.sources import LocalSource, Reference
from voxlink.protocol import LoadedTrack


@pytest.fixture
def source() -> Iterator[LocalSource]:
    with ThreadPoolExecutor(2) as threads:
        yield LocalSource(threads)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_is_loaded_and_opened(kind: str, source: LocalSource, tmp_path: Path) -> None:
    path = make_media(tmp_path / f"a b+ü.{KINDS[kind].extension}", plucks(1), kind, tags={"title": "T"})
    loaded = await source.load(Reference(str(path)))
    assert isinstance(loaded, LoadedTrack)
    info = loaded.data.info
    assert (info.identifier, info.uri, info.source_name, info.title) == (str(path), str(path), "local", "T")
    assert info.length == pytest.approx(1000, abs=30)
    assert loaded.data.plugin_info == {"probeInfo": KINDS[kind].container}
    media = await source.open(loaded.data)
    blocks = await asyncio.to_thread(lambda: list(media.blocks()))
    media.close()
    assert sum(len(block.samples) for block in blocks) == pytest.approx(48_000, abs=1920)


@pytest.mark.parametrize("identifier", ["", "no-such-file.mp3", "http://127.0.0.1/a", "a\0b", "x" * 5000, "."])
async def test_what_is_no_file_is_not_this_sources(identifier: str, source: LocalSource) -> None:
    assert await source.load(Reference(identifier)) is None


async def test_a_relative_path_counts_from_the_working_directory(
    source: LocalSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_media(tmp_path / "a.wav", plucks(0.1), "wav")
    monkeypatch.chdir(tmp_path)
    loaded = await source.load(Reference("a.wav"))
    assert isinstance(loaded, LoadedTrack)
    assert loaded.data.info.identifier == "a.wav"


async def test_a_file_that_is_no_music_is_an_error(source: LocalSource, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_text("words")
    with pytest.raises(UnknownFormat):
        await source.load(Reference(str(path)))


async def test_a_playlist_points_to_its_first_address(source: LocalSource, tmp_path: Path) -> None:
    path = tmp_path / "a.m3u"
    path.write_text("#EXTM3U\n#EXTINF:3,Its title\nhttp://127.0.0.1/a.mp3\n")
    assert await source.load(Reference(str(path))) == Reference("http://127.0.0.1/a.mp3", "Its title")


async def test_a_file_that_vanished_cannot_be_opened(source: LocalSource, tmp_path: Path) -> None:
    path = make_media(tmp_path / "a.wav", plucks(0.1), "wav")
    loaded = await source.load(Reference(str(path)))
    assert isinstance(loaded, LoadedTrack)
    path.unlink()
    with pytest.raises(MediaUnreadable):
        await source.open(loaded.data)
    await source.close()
