"""What the fake node answers agrees with what a real Lavalink 4.2.2 answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voxlink.testing import FakeLavalink, make_track

DATA = Path(__file__).parents[1] / "data" / "lavalink-recorded.json"
RECORDED = json.loads(DATA.read_text(encoding="utf-8"))
PASSWORD = "youshallnotpass"

PREFIXES = (
    "auth/", "session/", "player/", "resume/", "routeplanner/", "coerce/", "syntax/", "filters/", "http/query-trace",
    "http/trace",
)  # fmt: skip
LEFT_OUT = {
    "auth/options-without-password": "the fake does not answer OPTIONS",
    "auth/right-GET_v4_info": "it has other sources than the recorded node",
    "syntax/leadzero": "the house refuses 01",
    "syntax/big": "its body is recorded in short",
    "coerce/encodedTrack=empty-q": "other words for the same refusal",
    "coerce/encodedTrack=garbage-q": "other words for the same refusal",
    "coerce/track=encoded-14": "other words for the same refusal",
    "coerce/voice-odd-host": "the fake connects to nobody",
    "coerce/guild=2310": "Java's hexadecimal guild ids",
    "coerce/noReplace=20true": "the recording's query is decoded by the HTTP layer",
    "filters/equalizer-5": "the fake takes the band that makes Lavalink fail with a 500",
    "filters/equalizer-6": "the fake takes the band that makes Lavalink fail with a 500",
    "filters/pluginFilters-0": "the fake has every plugin's filters and shows what it was sent",
    "filters/pluginFilters-1": "the fake has every plugin's filters and shows what it was sent",
    "filters/pluginFilters-5": "the fake has every plugin's filters and shows what it was sent",
}
"""Cases that are not compared, each with its reason."""
UNKNOWN_PATHS = ("metrics", "youtube", "GET_error", "websocket", "none-GET", "wrong-GET", "415", "nobody")
"""Parts of case names: paths that the fake does not have, and the empty body's content type."""


def is_plain(case: dict[str, Any]) -> bool:
    steps = case["steps"]
    texts = json.dumps(steps)
    markers = ("{enc:", "{media}", "{http}", "{voice", "{refused}", "{sid2}", "base64", "<html")
    return all(step["do"] == "http" for step in steps) and not any(marker in texts for marker in markers)


CASES = [
    case for case in RECORDED["cases"]
    if case["id"].startswith(PREFIXES) and is_plain(case) and case["id"] not in LEFT_OUT
    and not any(part in case["id"] for part in UNKNOWN_PATHS)
]  # fmt: skip


def test_enough_of_the_recording_is_compared() -> None:
    assert len(CASES) >= 200


def same(recorded: Any, given: Any) -> bool:
    if recorded == "<int>":
        return isinstance(given, int)
    if recorded == "<int>=0":
        return isinstance(given, int) and given >= 0
    if recorded in ("<str>", "<float>", "<bool>"):
        return True
    if isinstance(recorded, dict):
        return (
            isinstance(given, dict)
            and list(recorded) == list(given)
            and all(same(recorded[key], given[key]) for key in recorded)
        )
    if isinstance(recorded, list):
        return isinstance(given, list) and len(recorded) == len(given) and all(map(same, recorded, given))
    return recorded == given


def fill(text: Any, session_id: str) -> Any:
    if not isinstance(text, str):
        return text
    return text.replace("{sid}", session_id).replace("{password}", PASSWORD).replace("{guild}", "1")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_answers_agree_with_the_recording(case: dict[str, Any]) -> None:
    node = FakeLavalink()
    session = node.open_session({"Authorization": PASSWORD, "User-Id": "1"})
    assert not isinstance(session, int)
    session.connect(lambda text: None, resumed=False)
    for step in case["steps"]:
        request, recorded = step["request"], step["answer"]
        path, _, query_text = fill(request["path"], session.id).partition("?")
        query = dict(part.partition("=")[::2] for part in query_text.split("&") if part)
        headers = {key: fill(value, session.id) for key, value in (request.get("headers") or {}).items()}
        body = fill(request.get("body") or "", session.id).encode()
        answer = node.answer(request["method"], path, query, headers, body)
        assert answer.status == recorded["status"], answer.body
        wanted = recorded.get("body")
        if isinstance(wanted, dict) and "json" in wanted:
            expected = json.loads(json.dumps(wanted["json"]).replace("{sid}", session.id).replace("{guild}", "1"))
            assert same(expected, json.loads(answer.body)), answer.body


def test_sessions_expire_after_their_timeout() -> None:
    now = [0.0]
    node = FakeLavalink(now=lambda: now[0])
    headers = {"Authorization": PASSWORD, "User-Id": "1"}
    first = node.open_session(headers)
    assert not isinstance(first, int)
    first.resuming, first.timeout_s = True, 10
    node.close_session(first)
    now[0] = 9
    assert node.open_session({**headers, "Session-Id": first.id}) is first
    node.close_session(first)
    now[0] = 25
    assert node.open_session({**headers, "Session-Id": first.id}) is not first


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "x"}, 401),
        ({"Authorization": PASSWORD}, 400),
        ({"Authorization": PASSWORD, "User-Id": "000"}, 400),
    ],
)
def test_handshakes_are_refused_as_lavalink_does(headers: dict[str, str], status: int) -> None:
    assert FakeLavalink().open_session(headers) == status


def test_made_tracks_differ_and_can_be_decoded() -> None:
    one, two = make_track(), make_track()
    assert one.encoded != two.encoded
    answer = FakeLavalink().answer(
        "GET", "/v4/decodetrack", {"encodedTrack": one.encoded}, {"authorization": PASSWORD}, b""
    )
    assert json.loads(answer.body)["info"]["title"] == one.info.title
