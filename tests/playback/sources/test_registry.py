"""Sources are asked in order and their failures keep their words."""

from __future__ import annotations

import logging

import pytest

from voxlink.audio import Media
from voxlink.errors import LoadFailed, MediaUnreadable, UnknownFormat
from voxlink.playback.sources import Reference, SourceRegistry, details_of
from voxlink.protocol import Loaded, LoadedEmpty, LoadedError, LoadedTrack, Severity, Track, TrackInfo


def track(identifier: str, source: str, title: str = "T") -> Track:
    return Track("", TrackInfo(identifier, True, "A", 1, False, 0, title, identifier, source))


class Table:
    """A source that answers from a table."""

    def __init__(self, name: str, table: dict[str, Loaded | Reference | Exception]) -> None:
        self.name = name
        self.table = table
        self.asked: list[str] = []
        self.is_closed = False

    async def load(self, reference: Reference) -> Loaded | Reference | None:
        self.asked.append(reference.identifier)
        found = self.table.get(reference.identifier)
        if isinstance(found, Exception):
            raise found
        if found == LoadedEmpty(None) and reference.title:
            return LoadedTrack(track(reference.identifier, self.name, reference.title))
        return found

    async def open(self, track: Track) -> Media:
        raise LoadFailed(f"opened by {self.name}")

    async def close(self) -> None:
        self.is_closed = True


async def test_the_first_source_that_knows_an_identifier_has_it() -> None:
    found = LoadedTrack(track("b", "two"))
    one, two, three = Table("one", {}), Table("two", {"b": found}), Table("three", {"b": LoadedEmpty()})
    registry = SourceRegistry([one, two, three])
    assert await registry.load("b") == found
    assert (one.asked, two.asked, three.asked) == (["b"], ["b"], [])
    assert registry.names == ["one", "two", "three"]


async def test_an_identifier_is_passed_on_as_it_is_and_unknown_ones_are_empty() -> None:
    source = Table("one", {})
    for identifier in ("", " padded ", "foosearch:abc", "ÄÖ"):
        assert await SourceRegistry([source]).load(identifier) == LoadedEmpty()
    assert source.asked == ["", " padded ", "foosearch:abc", "ÄÖ"]


async def test_references_go_through_all_sources_with_their_title() -> None:
    one = Table("one", {"list": Reference("http://a", "From the list")})
    two = Table("two", {"http://a": Reference("http://b"), "http://b": LoadedEmpty()})
    loaded = await SourceRegistry([one, two]).load("list")
    assert isinstance(loaded, LoadedTrack)
    assert loaded.data.info.title == "From the list"
    assert one.asked == ["list", "http://a", "http://b"]


async def test_five_references_are_followed_and_no_more() -> None:
    hops: dict[str, Loaded | Reference | Exception] = {
        f"http://{number}": Reference(f"http://{number + 1}") for number in range(20)
    }
    source = Table("one", hops)
    assert await SourceRegistry([source]).load("http://0") == LoadedEmpty()
    assert source.asked == [f"http://{number}" for number in range(6)]


@pytest.mark.parametrize("target", ["/etc/hostname", "file:///etc/hostname", "relative.mp3", "ytsearch:x"])
async def test_a_reference_never_leads_to_a_file(target: str) -> None:
    source = Table("local", {"http://a": Reference(target), target: LoadedTrack(track(target, "local"))})
    assert await SourceRegistry([source]).load("http://a") == LoadedEmpty()
    assert source.asked == ["http://a"]


async def test_a_failure_is_an_answer_with_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    failure = LoadFailed("That URL is not playable.", "suspicious", "Status code 500")
    failure.__cause__ = ConnectionResetError("reset")
    address = "http://user:secret@host/a?key=hidden"
    source = Table("one", {"x": UnknownFormat(), address: failure})
    registry = SourceRegistry([source])
    unknown, failed = await registry.load("x"), None
    assert isinstance(unknown, LoadedError)
    assert (unknown.data.message, unknown.data.severity) == ("Unknown file format.", Severity.COMMON)
    assert unknown.data.cause == "UnknownFormat: Unknown file format."
    with caplog.at_level(logging.INFO, "voxlink.playback"):
        failed = await registry.load(address)
    assert isinstance(failed, LoadedError)
    assert (failed.data.message, failed.data.severity) == ("That URL is not playable.", Severity.SUSPICIOUS)
    assert failed.data.cause == "ConnectionResetError: reset"
    assert "Caused by: ConnectionResetError: reset" in failed.data.cause_stack_trace
    assert "Status code 500" in failed.data.cause_stack_trace
    assert "secret" not in caplog.text
    assert "hidden" not in caplog.text


def test_details_of_a_media_error_name_it() -> None:
    details = details_of(MediaUnreadable("No such file or directory"))
    assert details.message == "The file cannot be read."
    assert details.cause == "MediaUnreadable: The file cannot be read. (No such file or directory)"


async def test_a_track_is_opened_by_its_source_and_an_unknown_source_is_named() -> None:
    registry = SourceRegistry([Table("one", {}), Table("two", {})])
    with pytest.raises(LoadFailed, match="opened by two"):
        await registry.open(track("x", "two"))
    with pytest.raises(LoadFailed, match="'spotify' is not enabled"):
        await registry.open(track("x", "spotify"))


async def test_closing_closes_every_source() -> None:
    sources = [Table("one", {}), Table("two", {})]
    await SourceRegistry(sources).close()
    assert all(source.is_closed for source in sources)
