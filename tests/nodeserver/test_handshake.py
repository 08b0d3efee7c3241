"""The checks of a handshake, in Lavalink's order; each answer names the API version."""

from __future__ import annotations

import pytest

from support.node_client import Client

GOOD = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "User-Id": "1",
    "Client-Name": "tests/1.0",
}


async def shake(
    node: Client, changes: dict[str, str | None] | None = None, method: str = "GET"
) -> tuple[int, str, str | None]:
    headers = {**node.headers, **GOOD, **(changes or {})}
    sent = {name: text for name, text in headers.items() if text is not None}
    answer = await node.request(method, "/v4/websocket", headers=sent)
    assert answer.headers["Lavalink-Api-Version"] == "4"
    assert "Content-Type" not in answer.headers
    return answer.status, answer.body.decode(), answer.headers.get("Session-Resumed")


@pytest.mark.parametrize(
    ("changes", "status", "body"),
    [
        ({"Authorization": "wrong", "User-Id": "0"}, 401, ""),
        ({"Authorization": None}, 401, ""),
        ({"Authorization": ""}, 401, ""),
    ],
)
async def test_without_the_password_nothing_else_is_looked_at(
    node: Client, changes: dict[str, str | None], status: int, body: str
) -> None:
    assert await shake(node, changes) == (status, body, None)


@pytest.mark.parametrize("user", [None, "", "  ", "0", "000"])
async def test_a_user_is_needed(node: Client, user: str | None) -> None:
    assert await shake(node, {"User-Id": user}) == (400, "", None)


@pytest.mark.parametrize("user", ["abc", "1.5", "99999999999999999999", "9223372036854775808"])
async def test_a_user_id_that_is_no_id_is_refused_with_a_reason(node: Client, user: str) -> None:
    assert await shake(node, {"User-Id": user}) == (400, "User-Id must be a 64-bit integer.", None)


@pytest.mark.parametrize(
    ("changes", "status", "body"),
    [
        ({"Origin": "http://elsewhere.example"}, 403, ""),
        ({"Origin": "null", "Upgrade": None}, 403, ""),
        ({"Upgrade": None, "Connection": None}, 400, 'Can "Upgrade" only to "WebSocket".'),
        ({"Connection": "keep-alive", "Sec-WebSocket-Version": None}, 400, '"Connection" must be "upgrade".'),
        ({"Sec-WebSocket-Version": "12"}, 426, ""),
        ({"Sec-WebSocket-Version": None, "Sec-WebSocket-Key": None}, 426, ""),
        ({"Sec-WebSocket-Key": None}, 400, ""),
    ],
)
async def test_what_is_no_websocket_is_refused_in_order(
    node: Client, changes: dict[str, str | None], status: int, body: str
) -> None:
    assert await shake(node, changes) == (status, body, "false")


async def test_other_methods_are_refused(node: Client) -> None:
    assert await shake(node, method="POST") == (405, "", "false")
    assert await shake(node, method="HEAD") == (405, "", "false")


async def test_the_same_host_as_origin_and_a_negative_user_are_welcome(node: Client) -> None:
    await node.connect(user="-5", Origin=node.base)


async def test_a_client_without_a_name_gets_a_warning_in_the_log(
    node: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await node.connect(**{"Client-Name": ""})
    assert "does not send a Client-Name header" in caplog.text
