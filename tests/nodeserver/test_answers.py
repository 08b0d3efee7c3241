"""Every failure is told in the same words, and every answer says whose it is."""

from __future__ import annotations

import pytest

from support.node_client import Client
from voxlink import __version__, errors
from voxlink.nodeserver.answers import verdict


async def test_every_answer_names_the_api_and_our_version(node: Client) -> None:
    for path in ("/version", "/nowhere", "/v4/sessions/x/players", "/v4/websocket", "/v4/decodetrack"):
        answer = await node.get(path)
        assert answer.headers["Lavalink-Api-Version"] == "4"
        assert answer.headers["Voxlink-Version"] == __version__
        assert "Server" not in answer.headers


async def test_the_error_body_has_lavalinks_fields_in_its_order(node: Client) -> None:
    body = (await node.get("/v4/sessions/x/players?a=b")).json
    assert list(body) == ["timestamp", "status", "error", "message", "path"]
    assert body["path"] == "/v4/sessions/x/players"
    assert (body["status"], body["error"], body["message"]) == (404, "Not Found", "Session not found")


@pytest.mark.parametrize("asked", ["trace", "trace=", "trace=true", "trace=no"])
async def test_a_trace_comes_when_it_is_asked_for(node: Client, asked: str) -> None:
    body = (await node.get(f"/v4/sessions/x/players?{asked}")).json
    assert list(body) == ["timestamp", "status", "error", "trace", "message", "path"]
    assert "RequestRefused" in body["trace"]


async def test_trace_false_is_no_wish_for_a_trace(node: Client) -> None:
    assert "trace" not in (await node.get("/v4/sessions/x/players?trace=False")).json


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.RequestRefused(415, "no"), 415),
        (errors.InvalidBody("$.volume", "an integer", "a text"), 400),
        (errors.NoMatches("x"), 400),
        (errors.NotOneTrack("x"), 400),
        (errors.FilterUnavailable(["karaoke"]), 400),
        (errors.InvalidTrack("no"), 400),
        (errors.LoadFailed("no", severity="common", cause="x"), 400),
        (errors.EngineClosed("no"), 404),
        (errors.VoiceTimeout("hello", 10), 500),
        (errors.TransmitterFailed("died"), 500),
        (errors.VoxlinkError("?"), 500),
    ],
)
def test_the_status_says_whose_fault_it_is(error: errors.VoxlinkError, status: int) -> None:
    answered, message = verdict(error)
    assert answered == status
    assert message
