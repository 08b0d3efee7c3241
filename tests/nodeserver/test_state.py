"""Every route finds the node and the session that its request is about."""

from __future__ import annotations

from support.node_client import Client


async def test_a_session_is_found_by_its_exact_id_only(node: Client) -> None:
    socket = await node.connect()
    assert (await node.get(f"/v4/sessions/{socket.session_id}/players")).status == 200
    for other in (socket.session_id.upper() + "A", f"%20{socket.session_id}", "null"):
        answer = await node.get(f"/v4/sessions/{other}/players")
        assert (answer.status, answer.json["message"]) == (404, "Session not found")


async def test_sessions_are_apart(node: Client) -> None:
    first, second = await node.connect(), await node.connect()
    await node.patch(f"/v4/sessions/{first.session_id}/players/1", {})
    assert (await node.get(f"/v4/sessions/{second.session_id}/players")).json == []
