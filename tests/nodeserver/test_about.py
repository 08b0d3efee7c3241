"""What the node says about itself, and to clients that are in the wrong place."""

from __future__ import annotations

import platform

import pytest

from support.fake_engine import FakeEngine
from support.node_client import Client, a_config, running_node
from voxlink import __version__


async def test_info_names_lavalinks_version_and_ours(engine: FakeEngine) -> None:
    async with running_node(engine, config=a_config(local_files=True, http=False)) as node:
        info = (await node.get("/v4/info")).json
    assert info["version"] == {"semver": "4.2.2", "major": 4, "minor": 2, "patch": 2, "preRelease": ""}
    assert info["git"] == {"branch": "voxlink", "commit": __version__, "commitTime": 0}
    assert info["jvm"] == f"CPython {platform.python_version()}"
    assert info["lavaplayer"] == f"voxlink {__version__}"
    assert info["sourceManagers"] == ["local"]
    assert info["plugins"] == []


async def test_the_version_is_a_bare_text_that_clients_parse(node: Client) -> None:
    answer = await node.get("/version")
    assert answer.body == b"4.2.2"
    assert answer.headers["Content-Type"] == "text/plain;charset=ISO-8859-1"


async def test_stats_begin_with_the_frames_that_rest_never_has(node: Client) -> None:
    stats = (await node.get("/v4/stats")).json
    assert list(stats) == ["frameStats", "players", "playingPlayers", "uptime", "memory", "cpu"]
    assert stats["frameStats"] is None


async def test_there_is_no_route_planner(node: Client) -> None:
    assert (await node.get("/v4/routeplanner/status")).status == 204
    headers = {**node.headers, "Content-Type": "application/json"}
    for path, body in [("address", '{"address":"1.2.3.4"}'), ("all", None)]:
        answer = await node.request("POST", f"/v4/routeplanner/free/{path}", data=body, headers=headers)
        assert (answer.status, answer.json["message"]) == (500, "Can't access disabled route planner")


@pytest.mark.parametrize("path", ["/", "/v3/websocket"])
async def test_a_client_of_the_old_api_is_told_where_to_go(
    node: Client, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await node.get(path)
    assert (answer.status, answer.body) == (200, b"")
    assert "/v4/websocket" in caplog.text
