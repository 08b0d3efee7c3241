"""What a request brings is read as Lavalink reads it, or refused by name."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.fake_engine import FakeEngine, a_track
from support.node_client import Client, running_node
from voxlink.nodeserver import Timings
from voxlink.nodeserver.inputs import parse_guild_id


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["{}", " {} ", "{:+}"]))
def test_every_int64_is_a_guild_id(value: int, form: str) -> None:
    assert parse_guild_id(form.format(value)) == value


@given(st.text(max_size=30))
def test_any_text_is_a_guild_id_or_none(text: str) -> None:
    value = parse_guild_id(text)
    assert value is None or -(2**63) <= value < 2**63


@pytest.mark.parametrize(
    "text", ["", "-", "1e3", "1_000", "1,2", "null", "0x", "#", "9" * 5000, "١٢x", "9223372036854775808"]
)
def test_what_is_no_int64_is_none(text: str) -> None:
    assert parse_guild_id(text) is None


@pytest.mark.parametrize(("text", "value"), [("0x10", 16), ("-#ff", -255), ("007", 7), ("١٢", 12)])
def test_javas_spellings_are_known(text: str, value: int) -> None:
    assert parse_guild_id(text) == value


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("text/plain", "Content-Type 'text/plain;charset=UTF-8' is not supported."),
        ("text/plain; charset=ascii", "Content-Type 'text/plain; charset=ascii' is not supported."),
        ("*/*", "Content-Type '*/*;charset=UTF-8' is not supported."),
        ("json", "Could not parse Content-Type."),
        ("application/jsonx", "Content-Type 'application/jsonx;charset=UTF-8' is not supported."),
    ],
)
async def test_another_content_type_is_415_and_says_what_would_do(node: Client, label: str, message: str) -> None:
    answer = await node.request("PATCH", "/v4/sessions/x", data="{}", headers={**node.headers, "Content-Type": label})
    assert (answer.status, answer.json["message"]) == (415, message)
    assert answer.headers["Accept"] == answer.headers["Accept-Patch"] == "application/json, application/*+json"


@pytest.mark.parametrize(
    "label", ["application/json", "APPLICATION/JSON", "application/json;", "application/vnd.api+json; charset=x"]
)
async def test_every_kind_of_json_is_taken(node: Client, label: str) -> None:
    answer = await node.request("PATCH", "/v4/sessions/x", data="{}", headers={**node.headers, "Content-Type": label})
    assert answer.json["message"] == "Session not found"


async def test_two_megabytes_of_unknown_fields_are_fine(node: Client) -> None:
    socket = await node.connect()
    body = '{"a":"' + "x" * 2_000_000 + '","volume":6}'
    assert (await node.patch(f"/v4/sessions/{socket.session_id}/players/1", body)).json["volume"] == 6


async def test_a_body_without_end_is_refused(node: Client) -> None:
    answer = await node.patch("/v4/sessions/x", b" " * (17 * 1024 * 1024))
    assert answer.status == 413
    assert "16777216 bytes" in answer.json["message"]


async def test_a_body_that_never_arrives_is_not_waited_for_for_ever(engine: FakeEngine) -> None:
    async with running_node(engine, timings=Timings(body_within_s=0.05)) as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.server.port)
        writer.write(
            b"PATCH /v4/sessions/x HTTP/1.1\r\nHost: x\r\nAuthorization: "
            + node.headers["Authorization"].encode()
            + b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        async with asyncio.timeout(10):
            assert b"408" in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_many_tracks_travel_in_one_body(node: Client) -> None:
    body = "[" + ",".join(f'"{a_track(str(number)).encoded}"' for number in range(300)) + "]"
    answer = await node.request(
        "POST", "/v4/decodetracks", data=body, headers={**node.headers, "Content-Type": "application/json"}
    )
    assert [track["info"]["title"] for track in answer.json] == [str(number) for number in range(300)]


async def test_a_text_of_three_megabytes_is_no_track(node: Client) -> None:
    answer = await node.request(
        "POST",
        "/v4/decodetracks",
        data='["' + "x" * 3_000_000 + '"]',
        headers={**node.headers, "Content-Type": "application/json"},
    )
    assert answer.status == 400
    assert len(answer.body) < 1000


async def test_a_query_of_32_kilobytes_is_read(node: Client) -> None:
    answer = await node.get("/v4/decodetrack?encodedTrack=" + "A" * 32_768)
    assert answer.status == 400
    assert answer.json["message"] != ""
