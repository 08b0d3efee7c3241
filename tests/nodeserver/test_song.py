"""One song over REST and WebSocket with real sound: what is answered, what is told, and what a listener hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import lavalink
import numpy as np
import pytest

from support.media import make_media, plucks
from support.node_client import PASSWORD, WITHIN_S, Client, Socket, a_config, running_node
from voxlink.playback import LocalEngine
from voxlink.testing import Heard, VoiceServer

GUILD, USER, CHANNEL = 81_384_788, 1, 70
SONG_S = 2.0
SONG_FRAMES = 100


class Stage(NamedTuple):
    """A node, a client's socket, and a voice server that listens."""

    node: Client
    socket: Socket
    voice: VoiceServer

    @property
    def path(self) -> str:
        return f"/v4/sessions/{self.socket.session_id}/players/{GUILD}"

    @property
    def heard(self) -> Heard:
        return self.voice.listener(GUILD, USER)

    async def change(self, body: dict[str, Any], query: str = "") -> dict[str, Any]:
        answer = await self.node.patch(self.path + query, body)
        assert answer.status == 200, answer.body
        return answer.json

    async def join(self) -> dict[str, Any]:
        login = self.voice.admit(GUILD, USER, CHANNEL)
        state = {
            "token": login.token,
            "endpoint": login.endpoint,
            "sessionId": login.session_id,
            "channelId": str(login.channel_id),
        }
        player = await self.change({"voice": state})
        assert player["voice"] == state
        assert player["state"]["connected"] is True
        return player

    async def event(self, kind: str) -> dict[str, Any]:
        event = await self.socket.next("event")
        assert event["type"] == kind
        assert event["guildId"] == str(GUILD)
        return event


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "song.flac"
    return make_media(path, plucks(SONG_S), "flac", tags={"title": "A Song", "artist": "Nobody"})


@pytest.fixture(scope="module")
def long_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_media(tmp_path_factory.mktemp("media") / "long.opus", np.tile(plucks(5.0), (12, 1)), "ogg-opus")


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    config = a_config(local_files=True, player_update_interval_s=0.2)
    async with VoiceServer() as voice:
        monkeypatch.setenv("SSL_CERT_FILE", str(voice.certificate))
        async with running_node(LocalEngine(config.engine()), config=config) as node:
            yield Stage(node, await node.connect(), voice)


async def test_a_song_is_heard_whole_and_told_in_lavalinks_order(stage: Stage, song: Path) -> None:
    await stage.join()
    player = await stage.change({"track": {"identifier": str(song), "userData": {"who": "me"}}})
    assert player["track"]["info"]["title"] == "A Song"
    assert player["track"]["userData"] == {"who": "me"}
    assert player["paused"] is False
    started = await stage.event("TrackStartEvent")
    assert started["track"]["info"]["position"] == 0
    update = await stage.socket.next("playerUpdate")
    assert list(update) == ["op", "state", "guildId"]
    assert update["state"]["connected"] is True
    ended = await stage.event("TrackEndEvent")
    assert ended["reason"] == "finished"
    assert ended["track"]["userData"] == {"who": "me"}
    await stage.heard.wait_frames(SONG_FRAMES, WITHIN_S)
    assert SONG_FRAMES <= len(stage.heard.music_frames) <= SONG_FRAMES + 2
    assert stage.heard.faults == []
    assert (await stage.node.get(stage.path)).json["track"] is None


async def test_position_is_what_was_sent(stage: Stage, long_song: Path) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}, "position": 30_000})
    assert (await stage.event("TrackStartEvent"))["track"]["info"]["position"] == 30_000
    await stage.heard.wait_frames(50, WITHIN_S)
    position = (await stage.node.get(stage.path)).json["state"]["position"]
    sent_ms = len(stage.heard.music_frames) * 20
    assert abs(position - 30_000 - sent_ms) <= 200


async def test_pause_stops_the_sound_and_resume_goes_on(stage: Stage, long_song: Path) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}})
    await stage.heard.wait_frames(10, WITHIN_S)
    assert (await stage.change({"paused": True}))["paused"] is True
    at = (await stage.node.get(stage.path)).json["state"]["position"]
    for _ in range(3):
        await stage.socket.next("playerUpdate")
    assert (await stage.node.get(stage.path)).json["state"]["position"] - at <= 40
    count = len(stage.heard.music_frames)
    await stage.change({"paused": False})
    await stage.heard.wait_frames(count + 20, WITHIN_S)


async def test_seek_volume_end_and_stop(stage: Stage, long_song: Path) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}})
    await stage.event("TrackStartEvent")
    await stage.heard.wait_frames(5, WITHIN_S)
    assert (await stage.change({"volume": 5000}))["volume"] == 1000
    assert (await stage.change({"volume": 50, "position": 50_000}))["volume"] == 50
    position = (await stage.node.get(stage.path)).json["state"]["position"]
    assert 50_000 <= position < 52_000
    await stage.change({"endTime": 50_500})
    assert (await stage.event("TrackEndEvent"))["reason"] == "finished"
    await stage.change({"encodedTrack": None})
    await stage.change({"track": {"identifier": str(long_song)}})
    await stage.change({"track": {"encoded": None}})
    assert (await stage.event("TrackStartEvent"))["track"]["info"]["position"] == 0
    assert (await stage.event("TrackEndEvent"))["reason"] == "stopped"


async def test_a_second_song_replaces_the_first_and_no_replace_does_not(
    stage: Stage, song: Path, long_song: Path
) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}})
    kept = await stage.change({"track": {"identifier": str(song)}}, "?noReplace=true")
    assert kept["track"]["info"]["identifier"] == str(long_song)
    await stage.change({"track": {"identifier": str(song)}})
    assert (await stage.event("TrackStartEvent"))["track"]["info"]["identifier"] == str(long_song)
    ended = await stage.event("TrackEndEvent")
    assert (ended["reason"], ended["track"]["info"]["identifier"]) == ("replaced", str(long_song))
    assert (await stage.event("TrackStartEvent"))["track"]["info"]["identifier"] == str(song)
    assert (await stage.event("TrackEndEvent"))["reason"] == "finished"


async def test_a_filter_that_would_be_heard_changes_nothing(stage: Stage, long_song: Path) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}})
    answer = await stage.node.patch(stage.path, {"filters": {"karaoke": {}}, "volume": 10, "encodedTrack": None})
    assert answer.status == 400
    assert "karaoke" in answer.json["message"]
    player = (await stage.node.get(stage.path)).json
    assert (player["volume"], player["filters"]) == (100, {})
    assert player["track"] is not None


async def test_the_sound_goes_on_while_the_client_is_away(stage: Stage, song: Path) -> None:
    await stage.node.patch(f"/v4/sessions/{stage.socket.session_id}", {"resuming": True, "timeout": 30})
    await stage.join()
    await stage.change({"track": {"identifier": str(song)}})
    await stage.event("TrackStartEvent")
    await stage.socket.vanish()
    await stage.heard.wait_frames(SONG_FRAMES, WITHIN_S)
    async with asyncio.timeout(WITHIN_S):
        while (await stage.node.get(stage.path)).json["track"] is not None:
            pass
    again = await stage.node.connect(stage.socket.session_id)
    assert again.resumed == "true"
    assert (await again.next("event"))["reason"] == "finished"
    update = await again.next("playerUpdate")
    assert (update["guildId"], update["state"]["connected"]) == (str(GUILD), True)


async def test_a_discord_that_closes_the_voice_socket_is_told(stage: Stage, long_song: Path) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}})
    await stage.event("TrackStartEvent")
    await stage.voice.close_session(GUILD, USER, 4014)
    closed = await stage.event("WebSocketClosedEvent")
    assert (closed["code"], closed["byRemote"]) == (4014, True)
    async with asyncio.timeout(WITHIN_S):
        while (await stage.socket.next("playerUpdate"))["state"]["connected"]:
            pass
    player = await stage.join()
    assert player["track"] is not None
    count = len(stage.heard.music_frames)
    await stage.heard.wait_frames(count + 10, WITHIN_S)


async def test_deleting_the_player_leaves_the_voice_channel(stage: Stage, long_song: Path) -> None:
    await stage.join()
    await stage.change({"track": {"identifier": str(long_song)}})
    await stage.event("TrackStartEvent")
    assert (await stage.node.request("DELETE", stage.path)).status == 204
    assert (await stage.event("TrackEndEvent"))["reason"] == "stopped"
    closed = await stage.event("WebSocketClosedEvent")
    assert (closed["code"], closed["reason"], closed["byRemote"]) == (1000, "", False)


@pytest.mark.peer
async def test_lavalink_py_plays_the_song_to_its_end(stage: Stage, song: Path) -> None:
    client: lavalink.Client[Any] = lavalink.Client(user_id=USER)
    events: asyncio.Queue[Any] = asyncio.Queue()

    class Hooks:
        @lavalink.listener()
        async def on_any(self, event: Any) -> None:
            events.put_nowait(event)

    async def until(kind: type[Any]) -> Any:
        async with asyncio.timeout(WITHIN_S):
            while not isinstance(event := await events.get(), kind):
                pass
        return event

    client.add_event_hooks(Hooks())
    try:
        client.add_node("127.0.0.1", stage.node.server.port, PASSWORD, "eu", "ours")
        await until(lavalink.NodeReadyEvent)
        player = client.player_manager.create(GUILD)
        login = stage.voice.admit(GUILD, USER, CHANNEL)
        await client.voice_update_handler(
            {
                "t": "VOICE_STATE_UPDATE",
                "d": {
                    "guild_id": str(GUILD),
                    "user_id": str(USER),
                    "session_id": login.session_id,
                    "channel_id": str(CHANNEL),
                },
            }
        )
        await client.voice_update_handler(
            {
                "t": "VOICE_SERVER_UPDATE",
                "d": {"guild_id": str(GUILD), "token": login.token, "endpoint": login.endpoint},
            }
        )
        found = await client.get_tracks(str(song))
        await player.play(found.tracks[0])
        assert (await until(lavalink.TrackStartEvent)).track.title == "A Song"
        assert (await until(lavalink.TrackEndEvent)).reason == lavalink.EndReason.FINISHED
        assert len(stage.heard.music_frames) >= SONG_FRAMES
    finally:
        await client.close()
