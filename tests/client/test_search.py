"""Searching."""

from __future__ import annotations

import asyncio

import pytest

from client.world import add, client, world
from voxlink.client import SearchPolicy, SearchSource
from voxlink.client.search import search_query
from voxlink.errors import ClientError
from voxlink.protocol import LoadType
from voxlink.testing import FakeNode, make_track


@pytest.mark.parametrize(
    ("text", "source", "query"),
    [
        (" some words ", SearchSource.YOUTUBE, "ytsearch:some words"),
        ("words", "dzsearch", "dzsearch:words"),
        ("words", "mysource", "mysource:words"),
        ("scsearch:x", SearchSource.YOUTUBE, "scsearch:x"),
        ("https://example.org/a?b=c", SearchSource.SPOTIFY, "https://example.org/a?b=c"),
        ("time: a song", SearchSource.SPOTIFY, "spsearch:time: a song"),
    ],
)
def test_words_get_a_prefix_and_links_do_not(text: str, source: SearchSource | str, query: str) -> None:
    assert search_query(text, source) == query


def test_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        search_query("  ")


async def test_other_sources_are_asked_until_one_finds_something() -> None:
    async with world() as (made, _node, fake):
        fake.add_search("scsearch:x", make_track("found"))
        found = await made.search("x", fallback=[SearchSource.DEEZER, SearchSource.SOUNDCLOUD])
        assert found.tracks[0].title == "found"
        assert [call.query["identifier"] for call in fake.calls("GET", "loadtracks")] == [
            "ytsearch:x",
            "dzsearch:x",
            "scsearch:x",
        ]
        assert (await made.search("nothing")).load_type == LoadType.EMPTY


async def test_the_same_question_is_asked_once_and_its_answer_kept() -> None:
    async with world() as (made, _node, fake):
        fake.add_search("ytsearch:x", make_track("found"))
        async with fake.stall("GET", "loadtracks"):
            asking = [asyncio.ensure_future(made.search("x")) for _ in range(5)]
            await fake.wait_request("GET", "loadtracks")
            asking[0].cancel()
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result).__name__ for result in results] == ["CancelledError"] + ["LoadResult"] * 4
        await made.search("x")
        assert len(fake.calls("GET", "loadtracks")) == 1


async def test_whoever_asks_gets_tracks_of_his_own() -> None:
    async with world() as (made, _node, fake):
        fake.add_search("ytsearch:x", make_track("found"))
        async with fake.stall("GET", "loadtracks"):
            asking = [asyncio.ensure_future(made.search("x")) for _ in range(2)]
            await fake.wait_request("GET", "loadtracks")
        results = [*await asyncio.gather(*asking), await made.search("x")]
        for guild, result in enumerate(results, 1):
            made.player_manager.create(guild).add(result.tracks[0], requester=guild)
        assert [player.queue[0].requester for _, player in made.player_manager] == [1, 2, 3]
        assert len(fake.calls("GET", "loadtracks")) == 1


async def test_answers_are_forgotten_in_time_and_failures_at_once() -> None:
    async with world(search=SearchPolicy(keep_s=0.0, keep_count=1)) as (made, _node, fake):
        fake.add_search("ytsearch:x", make_track("found"))
        await made.search("x")
        await made.search("x")
        await made.search("nothing")
        await made.search("nothing")
        assert len(fake.calls("GET", "loadtracks")) == 4


async def test_another_node_answers_when_one_fails() -> None:
    async with FakeNode() as one, FakeNode() as two, client(retries=0) as made:
        for fake in (one, two):
            await add(made, fake).wait_ready()
            fake.add_search("ytsearch:x", make_track("found"))
        one.fail_next("GET", "loadtracks", status=500, times=None)
        assert (await made.search("x")).tracks[0].title == "found"
        two.fail_next("GET", "loadtracks", status=500, times=None)
        with pytest.raises(Exception, match="500"):
            await made.search("y")


async def test_links_are_allowed_and_denied_by_host() -> None:
    policy = SearchPolicy(
        allowed_hosts=frozenset({"example.org", "youtube.com"}), denied_hosts=frozenset({"bad.example.org"})
    )
    async with world(search=policy) as (made, _node, _fake):
        for url in ("https://example.org/a", "https://music.youtube.com/x"):
            await made.search(url)
        for url in (
            "https://evil.net/a",
            "https://bad.example.org/a",
            "https://x.bad.example.org/a",
            "file:///etc/passwd",
        ):
            with pytest.raises(ValueError, match="not allowed"):
                await made.search(url)


async def test_without_a_node_there_is_no_answer() -> None:
    async with client() as made:
        with pytest.raises(ClientError):
            await made.search("x")
