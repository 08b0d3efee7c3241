"""Tracks are looked up and decoded; what is no track is told, with its place."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.fake_engine import FakeEngine, a_track
from support.node_client import Answer, Client
from voxlink.protocol import ExceptionDetails, LoadedError, Severity


async def decode_many(node: Client, body: str) -> Answer:
    return await node.request(
        "POST", "/v4/decodetracks", data=body, headers={**node.headers, "Content-Type": "application/json"}
    )


async def test_an_identifier_is_handed_to_the_engine_as_it_is(node: Client, engine: FakeEngine) -> None:
    found = await node.get("/v4/loadtracks?identifier=tone")
    assert found.json["loadType"] == "track"
    assert found.json["data"]["info"]["title"] == "Tone"
    for query, identifier in [("%20a+b%2Bc%00", " a b+c\x00"), ("", ""), ("a&identifier=b", "a,b")]:
        assert (await node.get(f"/v4/loadtracks?identifier={query}")).json == {"loadType": "empty", "data": None}
        assert engine.asked[-1] == identifier
    assert (await node.get("/v4/loadtracks?identifier")).json["loadType"] == "empty"


async def test_an_identifier_is_needed(node: Client) -> None:
    answer = await node.get("/v4/loadtracks?Identifier=x")
    assert (answer.status, answer.json["message"]) == (400, "Required parameter 'identifier' is not present.")


async def test_a_failed_look_up_is_an_answer_with_the_real_reason(node: Client, engine: FakeEngine) -> None:
    engine.library["bad"] = LoadedError(ExceptionDetails("Unknown file format.", Severity.COMMON, "UnknownFormat", ""))
    answer = await node.get("/v4/loadtracks?identifier=bad")
    assert answer.status == 200
    assert answer.json == {
        "loadType": "error",
        "data": {
            "message": "Unknown file format.",
            "severity": "common",
            "cause": "UnknownFormat",
            "causeStackTrace": "",
        },
    }


async def test_a_track_is_decoded_also_with_plus_signs_that_became_spaces(node: Client) -> None:
    track = next(found for number in range(200) if "+" in (found := a_track("~" * number)).encoded)
    for spelling in (quote(track.encoded, safe=""), track.encoded):
        answer = await node.get(f"/v4/decodetrack?encodedTrack={spelling}")
        assert answer.json["info"]["title"] == track.info.title
        assert answer.json["encoded"] == track.encoded
        assert answer.json["pluginInfo"] == {"probeInfo": "mp3"}
        assert answer.json["userData"] == {}


async def test_the_older_parameter_is_second(node: Client) -> None:
    track = quote(a_track().encoded, safe="")
    assert (await node.get(f"/v4/decodetrack?track={track}")).status == 200
    assert (await node.get(f"/v4/decodetrack?track={track}&encodedTrack=")).status == 400
    missing = await node.get("/v4/decodetrack")
    assert (missing.status, missing.json["message"]) == (400, "No track to decode provided")


async def test_one_bad_track_fails_the_whole_list(node: Client) -> None:
    good = a_track().encoded
    assert len((await decode_many(node, json.dumps([good, good]))).json) == 2
    assert (await decode_many(node, json.dumps([good, "bad"]))).status == 400
    assert (await decode_many(node, "[]")).json["message"] == "No tracks to decode provided"
    assert (await decode_many(node, "[1]")).status == 400


@given(text=st.text(max_size=40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_garbage_is_refused_in_the_error_body(node: Client, text: str) -> None:
    answer = await decode_many(node, json.dumps([text]))
    assert answer.status in {200, 400}
    if answer.status == 400:
        assert answer.json["message"]
