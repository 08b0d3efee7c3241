"""Events about players."""

from typing import Any, cast

from voxlink.client import events

PLAYER = cast("Any", type("P", (), {"guild_id": 5})())


def test_a_player_update_reads_the_raw_state() -> None:
    event = events.PlayerUpdateEvent(PLAYER, {"time": 9, "position": 3, "connected": True, "ping": 7})
    assert (event.timestamp, event.position, event.connected, event.ping) == (9, 3, True, 7)
    empty = events.PlayerUpdateEvent(PLAYER, {})
    assert (empty.timestamp, empty.position, empty.connected, empty.ping) == (0, 0, False, -1)


def test_events_of_a_player_belong_to_its_guild() -> None:
    assert events.QueueEndEvent(PLAYER)._guild_key() == 5
    assert events.UnknownTypeEvent(cast("Any", None), None, "x", {})._guild_key() is None
    assert events.UnknownTypeEvent(cast("Any", None), PLAYER, "x", {})._guild_key() == 5
