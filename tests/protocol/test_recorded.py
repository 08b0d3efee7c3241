"""Everything that a real Lavalink 4.2.2 was recorded to say or to accept is read, and written back to the same text."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.tracks import blob, text_of
from voxlink.errors import InvalidBody
from voxlink.protocol import (
    ErrorBody,
    Info,
    Player,
    ServerStats,
    Session,
    Track,
    UpdatePlayer,
    UpdateSession,
    decode_body,
    decode_loaded,
    decode_message,
    decode_wire_track,
    encode,
)

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "lavalink-recorded.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = RECORDED["cases"]
MARKERS: dict[str, Any] = {"<int>": 61_500, "<int>=0": 0, "<float>": 0.25, "<bool>": True, "<str>": "x"}


def filled(value: Any) -> Any:
    """A recorded value with values put in for its markers."""
    if isinstance(value, str):
        return MARKERS.get(value, value)
    if isinstance(value, list):
        return [filled(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$encoded" in value:
        return encoded(filled(value["$encoded"]))
    return {key: "\n".join(item) if key == "causeStackTrace" else filled(item) for key, item in value.items()}


def encoded(fields: dict[str, Any]) -> str:
    tail = fields["tail"]
    is_hex = len(tail) > 10 and set(tail) <= set("0123456789abcdef")
    track = {**fields, "sourceName": fields["source"], "probe_info": tail}
    data = blob(track, fields["version"], bytes.fromhex(tail) if is_hex else None)
    return text_of(data)


def answers() -> Iterator[tuple[str, Any]]:
    for case in CASES:
        for step in case["steps"]:
            body = step.get("answer", {}).get("body") if isinstance(step.get("answer"), dict) else None
            if isinstance(body, dict) and "json" in body:
                yield case["id"], filled(body["json"])


def messages() -> Iterator[tuple[str, Any]]:
    for case in CASES:
        for step in case["steps"]:
            yield from ((case["id"], filled(message)) for message in step.get("messages", []))


KINDS: dict[str, type[Any]] = {
    "timestamp": ErrorBody, "guildId": Player, "resuming": Session, "version": Info, "frameStats": ServerStats,
    "encoded": Track,
}  # fmt: skip


def read(body: Any) -> Any:
    text = written(body)
    if isinstance(body, list):
        return [decode_body(written(item), KINDS[next(iter(item))]) for item in body]
    if "loadType" in body:
        return decode_loaded(text)
    return decode_body(text, KINDS[next(iter(body))])


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def tracks_in(value: Any) -> Iterator[Track]:
    for item in value if isinstance(value, list) else [value]:
        track = item if isinstance(item, Track) else getattr(item, "track", None) or getattr(item, "data", None)
        if isinstance(track, Track):
            yield track


def check_that_the_text_says_what_the_info_does(track: Track) -> None:
    found = decode_wire_track(track.encoded)
    assert found.plugin_info == track.plugin_info
    names = ["identifier", "author", "length", "is_stream", "title", "uri", "source_name", "artwork_url", "isrc"]
    assert [getattr(found.info, name) for name in names] == [getattr(track.info, name) for name in names]


def test_every_recorded_body_is_written_back_to_the_same_text() -> None:
    seen = list(answers())
    for case, body in seen:
        value = read(body)
        assert encode(value).decode() == written(body), case
        for track in tracks_in(value):
            if track.encoded:
                check_that_the_text_says_what_the_info_does(track)
    assert len(seen) > 600


def test_every_recorded_message_is_written_back_to_the_same_text() -> None:
    seen = list(messages())
    for case, body in seen:
        message = decode_message(written(body))
        assert not type(message).__name__.startswith("Unknown"), case
        assert encode(message).decode() == written(body), case
        for track in tracks_in(message):
            check_that_the_text_says_what_the_info_does(track)
    assert len(seen) > 200


def changes() -> Iterator[Any]:
    """Each body that was sent to change a player or a session, and whether Lavalink could read it."""
    for case in CASES:
        for number, step in enumerate(case["steps"]):
            request = step.get("request", {})
            path = request.get("path", "").partition("?")[0]
            if request.get("method") != "PATCH" or not path.startswith("/v4/sessions/{sid}"):
                continue
            kind = UpdatePlayer if "/players/{guild" in path else UpdateSession if path.endswith("{sid}") else None
            status, body = step["answer"].get("status"), request["body"]
            if kind is None or body is None or status in {404, 405, 415, None} or "noReplace" in request["path"]:
                continue
            if isinstance(body, str) and body.endswith("…"):
                continue
            data = base64.b64decode(body["base64"]) if isinstance(body, dict) else body.encode()
            message = (step["answer"].get("body") or {}).get("json", {}).get("message")
            yield pytest.param(
                kind, data, not (status == 400 and message == "Bad Request"), id=f"{case['id']}-{number}"
            )


REFUSED_BY_US = {
    "coerce/userData-infinity-0": "a number beyond a double cannot be written again",
    "syntax/badutf8-0": "invalid UTF-8 is no JSON",
    "syntax/badutf8-used-0": "invalid UTF-8 is no JSON",
    "syntax/leadzero-0": "a leading zero is no JSON",
}


@pytest.mark.parametrize(("kind", "data", "accepted"), list(changes()))
def test_what_lavalink_could_read_we_read_and_nothing_else(
    request: pytest.FixtureRequest, kind: type[Any], data: bytes, accepted: bool
) -> None:
    case = request.node.callspec.id
    if accepted and case not in REFUSED_BY_US:
        decode_body(data, kind)
    else:
        with pytest.raises(InvalidBody):
            decode_body(data, kind)
