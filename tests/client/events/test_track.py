"""Events about tracks."""

from typing import Any, cast

from client.world import track
from voxlink.client import events
from voxlink.protocol import EndReason, Severity

PLAYER = cast("Any", type("P", (), {"guild_id": 5})())


def test_both_generations_of_the_exception_event_can_be_made() -> None:
    old = events.TrackExceptionEvent(PLAYER, track("x"), "m", Severity.COMMON, "c")
    new = events.TrackExceptionEvent(PLAYER, track("x"), "m", Severity.COMMON, "c", "trace")
    assert (old.cause_stacktrace, new.cause_stacktrace) == ("", "trace")


def test_a_track_may_be_missing_at_its_end() -> None:
    event = events.TrackEndEvent(PLAYER, None, EndReason.CLEANUP)
    assert (event.track, event.reason.may_start_next()) == (None, False)


def test_tracks_of_a_library_on_top_may_subclass_events() -> None:
    class Both(events.TrackStartEvent):
        extra = 1

    event = Both(PLAYER, track("x"))
    event.note = "attributes may be added"  # type: ignore[attr-defined]
    assert isinstance(event, events.TrackEvent)
