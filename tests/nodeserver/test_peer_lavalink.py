"""An unmodified Lavalink.py 5.11.1 cannot tell our node from Lavalink."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import lavalink
import pytest

from support.fake_engine import FakeEngine, a_track
from support.node_client import PASSWORD, WITHIN_S, Client, running_node
from voxlink.protocol import ExceptionDetails, LoadedError, LoadedSearch, Severity, TrackStuck, WebSocketClosed

pytestmark = pytest.mark.peer


class Seen:
    """Collects the client's events."""

    def __init__(self, client: lavalink.Client[Any]) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        client.add_event_hooks(self)

    @lavalink.listener()
    async def on_any(self, event: Any) -> None:
        self.queue.put_nowait(event)

    async def next(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(WITHIN_S):
            while not isinstance(event := await self.queue.get(), kind):
                pass
        return event


@pytest.fixture
async def client(node: Client) -> AsyncIterator[lavalink.Client[Any]]:
    made = lavalink.Client(user_id=1)
    made.add_node("127.0.0.1", node.server.port, PASSWORD, "eu", "ours")
    yield made
    await made.close()


@pytest.fixture
async def seen(client: lavalink.Client[Any]) -> Seen:
    events = Seen(client)
    await events.next(lavalink.NodeReadyEvent)
    return events


async def test_it_connects_and_reads_stats_and_info(client: lavalink.Client[Any], seen: Seen) -> None:
    node = client.node_manager.nodes[0]
    assert node.available
    assert node.session_id is not None
    assert await node.get_version() == "4.2.2"
    info = await node.get_info()
    assert info["version"]["semver"] == "4.2.2"
    assert (await node.get_stats())["players"] == 0
    assert await node.get_routeplanner_status() is None


async def test_it_loads_decodes_and_plays(client: lavalink.Client[Any], seen: Seen, engine: FakeEngine) -> None:
    engine.library["search"] = LoadedSearch([a_track("one"), a_track("two")])
    engine.library["bad"] = LoadedError(ExceptionDetails("Unknown file format.", Severity.COMMON, "x", ""))
    found = await client.get_tracks("search")
    assert found.load_type == lavalink.LoadType.SEARCH
    assert [track.title for track in found.tracks] == ["one", "two"]
    assert (await client.get_tracks("nothing")).load_type == lavalink.LoadType.EMPTY
    failed = await client.get_tracks("bad")
    assert failed.error is not None
    assert failed.error.message == "Unknown file format."
    assert (await client.decode_track(a_track("three").encoded)).title == "three"
    player = client.player_manager.create(7)
    await player._voice_server_update({"guild_id": "7", "token": "t", "endpoint": "e"})
    await player.play(found.tracks[0], requester=5)
    started = await seen.next(lavalink.TrackStartEvent)
    assert (started.track.title, started.player.guild_id) == ("one", 7)
    await player.set_volume(30)
    await player.set_pause(True)
    await player.seek(1000)
    fake = engine.players[7]
    assert (fake.volume, fake.paused) == (30, True)
    fake.say(WebSocketClosed("7", 4014, "Disconnected", by_remote=True))
    assert (await seen.next(lavalink.WebSocketClosedEvent)).code == 4014
    fake.update()
    await seen.next(lavalink.PlayerUpdateEvent)
    fake.say(TrackStuck("7", a_track("one"), 10_000))
    assert (await seen.next(lavalink.TrackStuckEvent)).threshold == 10_000
    # Lavalink.py goes on to the next track by itself when one is stuck; there is none, so it stops.
    assert (await seen.next(lavalink.TrackEndEvent)).reason == lavalink.EndReason.STOPPED
    await client.player_manager.destroy(7)
    assert fake.destroyed.is_set()


async def test_its_voice_updates_arrive_whole(client: lavalink.Client[Any], seen: Seen, engine: FakeEngine) -> None:
    client.player_manager.create(7)
    await client.voice_update_handler(
        {"t": "VOICE_STATE_UPDATE", "d": {"guild_id": "7", "user_id": "1", "session_id": "s", "channel_id": "70"}}
    )
    await client.voice_update_handler(
        {"t": "VOICE_SERVER_UPDATE", "d": {"guild_id": "7", "token": "t", "endpoint": "voice.example"}}
    )
    voice = engine.players[7].voice
    assert (voice.token, voice.endpoint, voice.session_id, voice.channel_id) == ("t", "voice.example", "s", "70")


async def test_a_refused_request_reaches_it_as_its_own_error(client: lavalink.Client[Any], seen: Seen) -> None:
    node = client.node_manager.nodes[0]
    with pytest.raises(lavalink.errors.RequestError) as refused:
        await node.update_player(7, filters=[lavalink.Karaoke()])  # type: ignore[call-overload]
    assert refused.value.status == 400
    assert "karaoke" in refused.value.message
    with pytest.raises(lavalink.errors.RequestError):
        await client.decode_track("garbage")


async def test_it_resumes(engine: FakeEngine) -> None:
    async with running_node(engine) as node:
        client = lavalink.Client(user_id=1)
        seen = Seen(client)
        try:
            lavalink_node = client.add_node("127.0.0.1", node.server.port, PASSWORD, "eu", "ours")
            await seen.next(lavalink.NodeReadyEvent)
            await lavalink_node.update_session(resuming=True, timeout=30)
            await client.player_manager.create(7).play(lavalink.decode_track(a_track("one").encoded))
            await seen.next(lavalink.TrackStartEvent)
            session_id = lavalink_node.session_id
            # Its own reconnect forgets the session's id; a connection that is asked for anew resumes.
            await lavalink_node._transport.close(reconnect=False)
            await lavalink_node.connect()
            engine.players[7].say(TrackStuck("7", a_track("one"), 1))
            ready = await seen.next(lavalink.NodeReadyEvent)
            assert ready.session_id == session_id
            assert ready.resumed
        finally:
            await client.close()


async def test_a_wrong_password_is_told(node: Client) -> None:
    client = lavalink.Client(user_id=1)
    try:
        client.add_node("127.0.0.1", node.server.port, "wrong", "eu", "ours", connect=False)
        with pytest.raises(lavalink.errors.AuthenticationError):
            await client.node_manager.nodes[0].get_version()
    finally:
        await client.close()
