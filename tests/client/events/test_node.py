"""Events about nodes."""

from voxlink.client import events


def test_node_events_share_a_base() -> None:
    for name in (
        "NodeConnectedEvent",
        "NodeDisconnectedEvent",
        "NodeReadyEvent",
        "NodeStatsEvent",
        "NodeReconnectingEvent",
    ):
        assert issubclass(getattr(events, name), events.NodeEvent)


def test_a_session_id_stays_out_of_the_repr() -> None:
    assert "secret" not in repr(events.NodeReadyEvent(None, "secret", True))  # type: ignore[arg-type]
