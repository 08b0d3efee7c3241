"""Bad input over the API, with the real engine: one JSON error or one event that says why, and the node goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from support.file_server import FileServer
from support.media import make_media, plucks
from support.node_client import Client, a_config, running_node
from voxlink.playback import LocalEngine


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    song = make_media(folder / "song.mp3", plucks(2.0), "mp3").read_bytes()
    (folder / "truncated.mp3").write_bytes(song[: len(song) // 2])
    (folder / "empty.mp3").touch()
    (folder / "text.mp3").write_text("These are words.\n" * 100)
    (folder / "folder.mp3").mkdir()
    return folder


@pytest.fixture
async def real() -> AsyncIterator[Client]:
    config = a_config(local_files=True, socket_timeout_ms=300)
    async with running_node(LocalEngine(config.engine()), config=config) as client:
        yield client


@pytest.fixture
async def files(media: Path) -> AsyncIterator[FileServer]:
    served = {path.name: path.read_bytes() for path in media.iterdir() if path.is_file()}
    async with FileServer(served) as server:
        yield server


async def load(node: Client, identifier: str) -> dict[str, Any]:
    answer = await node.get(f"/v4/loadtracks?identifier={quote(identifier, safe='')}")
    assert answer.status == 200
    return answer.json


async def play(node: Client, identifier: str) -> dict[str, Any]:
    socket = await node.connect()
    path = f"/v4/sessions/{socket.session_id}/players/1"
    answer = await node.patch(path, {"track": {"identifier": identifier}})
    assert answer.status == 400
    player = (await node.get(path)).json
    assert player["track"] is None
    return answer.json


@pytest.mark.parametrize("name", ["missing.mp3", "folder.mp3", "", "missing/deep.mp3"])
async def test_what_is_no_file_is_found_nowhere(real: Client, media: Path, name: str) -> None:
    assert await load(real, str(media / name)) == {"loadType": "empty", "data": None}
    assert (await play(real, str(media / name)))["message"] == "No matches found for identifier"


@pytest.mark.parametrize(
    ("name", "message"), [("text.mp3", "Unknown file format."), ("empty.mp3", "Unknown file format.")]
)
async def test_what_is_no_music_says_so(real: Client, media: Path, name: str, message: str) -> None:
    loaded = await load(real, str(media / name))
    assert loaded["loadType"] == "error"
    assert list(loaded["data"]) == ["message", "severity", "cause", "causeStackTrace"]
    assert (loaded["data"]["message"], loaded["data"]["severity"]) == (message, "common")
    assert (await play(real, str(media / name)))["message"] == message


async def test_a_truncated_file_is_loaded_with_what_it_has(real: Client, media: Path) -> None:
    loaded = await load(real, str(media / "truncated.mp3"))
    assert loaded["loadType"] == "track"
    assert 0 < loaded["data"]["info"]["length"] <= 2200


async def test_a_server_that_refuses_answers_404_or_stalls_is_told_apart(real: Client, files: FileServer) -> None:
    assert (await load(real, f"{files.url}/ok/song.mp3"))["loadType"] == "track"
    assert (await load(real, f"{files.url}/status/404"))["loadType"] == "empty"
    assert (await play(real, f"{files.url}/status/404"))["message"] == "No matches found for identifier"
    broken = await load(real, f"{files.url}/status/503")
    assert broken["loadType"] == "error"
    assert broken["data"]["message"] == "That URL is not playable."
    refused = await load(real, "http://127.0.0.1:1/song.mp3")
    assert refused["data"]["message"] == "Connecting to the URL failed."
    assert refused["data"]["severity"] == "suspicious"
    assert (await play(real, "http://127.0.0.1:1/song.mp3"))["message"] == "Connecting to the URL failed."
    stalled = await load(real, f"{files.url}/silent/song.mp3")
    assert stalled["loadType"] == "error"


async def test_local_files_are_off_unless_they_are_allowed(media: Path) -> None:
    config = a_config()
    async with running_node(LocalEngine(config.engine()), config=config) as node:
        assert (await load(node, str(media / "song.mp3")))["loadType"] == "empty"
        assert (await node.get("/v4/info")).json["sourceManagers"] == ["http"]


@pytest.mark.parametrize("encoded", ["", "garbage", "QAAAQ", "////"])
async def test_a_text_that_is_no_track_is_refused_and_the_player_stays_free(real: Client, encoded: str) -> None:
    socket = await real.connect()
    path = f"/v4/sessions/{socket.session_id}/players/1"
    answer = await real.patch(path, {"track": {"encoded": encoded}, "volume": 40})
    assert answer.status == 400
    assert answer.json["message"]
    player = (await real.get(path)).json
    assert (player["track"], player["volume"]) == (None, 40)


async def test_a_voice_server_that_cannot_be_had_is_an_answer_and_no_hang(real: Client) -> None:
    socket = await real.connect()
    path = f"/v4/sessions/{socket.session_id}/players/1"
    for endpoint in ("127.0.0.1:1", "no.such.host.invalid", "not a host", "127.0.0.1:99999"):
        voice = {"token": "t", "endpoint": endpoint, "sessionId": "s", "channelId": "1"}
        answer = await real.patch(path, {"voice": voice})
        assert answer.status in {400, 500}
        assert answer.json["message"]
        player = (await real.get(path)).json
        assert player["state"]["connected"] is False
