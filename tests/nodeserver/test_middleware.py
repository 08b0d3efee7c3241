"""Who may come in, and what is said at the wrong door."""

from __future__ import annotations

import pytest

from support.node_client import Client

PATHS = ["/", "/version", "/v4/info", "/v4/stats", "/v4/loadtracks", "/v4/sessions/x/players/abc", "/v3/websocket"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"Authorization": "wrong"}, 403), ({"Authorization": ""}, 403)]
)
async def test_nobody_comes_in_without_the_password(
    node: Client, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await node.request("GET", path, headers=headers)
    assert (answer.status, answer.body) == (status, b"")
    assert "Content-Type" not in answer.headers


async def test_the_wrong_password_is_logged_without_its_text(node: Client, caplog: pytest.LogCaptureFixture) -> None:
    await node.request("GET", "/version", headers={"Authorization": "hunter2"})
    await node.request("GET", "/v4/websocket", headers={"Authorization": "hunter2"})
    assert caplog.text.count("authorization failed for 127.0.0.1") == 2
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v4", "/v4/info/", "//v4/info", "/V4/INFO", "/v4/info.json", "/%2e%2e/x"]
)
async def test_an_unknown_path_is_told_to_anybody(node: Client, path: str) -> None:
    answer = await node.request("GET", path, headers={})
    assert (answer.status, answer.json["message"]) == (404, f"No endpoint GET {path}.")


async def test_a_wrong_method_is_told_to_anybody_with_the_right_ones(node: Client) -> None:
    answer = await node.request("POST", "/v4/sessions/x/players/1", headers={})
    assert (answer.status, answer.json["message"]) == (405, "Method 'POST' is not supported.")
    assert answer.headers["Allow"] == "DELETE,GET,PATCH"


async def test_options_are_for_those_who_may_come_in(node: Client) -> None:
    assert (await node.request("OPTIONS", "/version", headers={})).status == 401
    answer = await node.request("OPTIONS", "/version")
    assert (answer.status, answer.headers["Allow"], answer.body) == (200, "GET,HEAD,OPTIONS", b"")


async def test_head_is_get_without_a_body(node: Client) -> None:
    answer = await node.request("HEAD", "/v4/info")
    assert (answer.status, answer.body) == (200, b"")
