"""What each kind of answer becomes, and what is sent again."""

from __future__ import annotations

import pytest

from client.world import world
from voxlink.client.rest import as_query
from voxlink.errors import AuthenticationError, ClientError, NodeTimeout, NodeUnreachable, RequestError


async def test_204_is_true_and_to_chooses_the_form() -> None:
    async with world() as (_, node, _fake):
        assert await node.request("GET", "routeplanner/status") is True
        assert await node.request("GET", "version", to=str, versioned=False) == "4.2.2"
        assert (await node.request("GET", "info"))["version"]["semver"] == "4.2.2"


@pytest.mark.parametrize("status", [400, 404, 500, 503])
@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", "", "{}", '{"message":"why"}', "[1]"])
async def test_an_error_of_any_form_is_a_request_error_with_its_status(status: int, body: str) -> None:
    async with world(retries=0) as (_, node, fake):
        fake.fail_next("GET", "/v4/info", status=status, body=body, content_type="text/html", times=2)
        with pytest.raises(RequestError) as caught:
            await node.get_info()
        assert (caught.value.status, caught.value.node, caught.value.path) == (status, node, "/v4/info")
        if body.startswith("<"):
            assert "Bad Gateway" in caught.value.message


async def test_401_and_a_bare_403_are_the_password_and_a_403_with_a_reason_is_not() -> None:
    async with world() as (_, node, fake):
        for status in (401, 403):
            fake.fail_next("GET", "/v4/info", status=status)
            with pytest.raises(AuthenticationError) as caught:
                await node.get_info()
            assert (caught.value.status, caught.value.node) == (status, node)
        fake.fail_next("GET", "/v4/info", status=403, body={"message": "the plugin says no"})
        with pytest.raises(RequestError, match="the plugin says no"):
            await node.get_info()


async def test_success_of_a_plugin_is_success_and_a_page_is_not_json() -> None:
    async with world() as (_, node, fake):
        fake.fail_next("POST", "/v4/plugin", status=202, body={"ok": 1})
        assert await node.request("POST", "plugin", json={}) == {"ok": 1}
        fake.fail_next("POST", "/v4/plugin", status=201)
        assert await node.request("POST", "plugin", json={}) is True
        fake.fail_next("GET", "/v4/plugin", status=200, body="<html>welcome</html>")
        with pytest.raises(ClientError, match="expected JSON"):
            await node.request("GET", "plugin")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_502_and_a_cut_connection_are_tried_once_more(method: str) -> None:
    async with world() as (_, node, fake):
        fake.fail_next(method, "/v4/x", status=502)
        fake.fail_next(method, "/v4/x", status=200, body={"fine": True})
        assert await node.request(method, "x", json={}) == {"fine": True}
        fake.cut(method, "/v4/y")
        fake.fail_next(method, "/v4/y", status=200, body={"fine": True})
        assert await node.request(method, "y", json={}) == {"fine": True}


async def test_post_is_never_sent_twice() -> None:
    async with world() as (_, node, fake):
        fake.cut("POST", "/v4/x", times=None)
        with pytest.raises(NodeUnreachable):
            await node.request("POST", "x")
        assert len(fake.calls("POST", "/v4/x")) == 1


async def test_a_node_that_does_not_answer_is_given_up_in_time() -> None:
    async with world() as (_, node, fake), fake.stall("PATCH", "/v4/x"):
        with pytest.raises(NodeTimeout):
            await node.request("PATCH", "x", timeout=0.05)
        assert len(fake.calls("PATCH", "/v4/x")) == 1


async def test_a_node_that_is_not_there_is_unreachable() -> None:
    async with world() as (_, node, fake):
        await fake.stop_listening()
        with pytest.raises(NodeUnreachable):
            await node.get_info()
        with pytest.raises(ConnectionError):
            await node.get_info()


async def test_requests_share_kept_connections() -> None:
    async with world() as (_, node, fake):
        for _ in range(20):
            await node.get_version()
        assert len({call.peer for call in fake.requests}) <= 3


async def test_tracebacks_are_asked_for_when_wanted() -> None:
    async with world(request_tracebacks=True) as (client, node, fake):
        await node.get_info()
        client.set_request_tracebacks(False)
        await node.get_info()
        assert [call.query.get("trace") for call in fake.calls("GET", "/v4/info")[-2:]] == ["true", None]


async def test_a_closed_client_says_so() -> None:
    async with world() as (client, node, _fake):
        await client.close()
        with pytest.raises(ClientError, match="closed"):
            await node.get_info()


def test_query_values_are_texts() -> None:
    assert as_query({"a": True, "b": False, "c": 5, "d": "a+b c"}) == {
        "a": "true",
        "b": "false",
        "c": "5",
        "d": "a+b c",
    }
