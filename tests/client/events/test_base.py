"""Every event is a plain value."""

import inspect

import pytest

from voxlink.client import events
from voxlink.client.events import Event

CLASSES = [getattr(events, name) for name in events.__all__]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_event_shows_and_lists_its_attributes(kind: type[Event]) -> None:
    names = [name for name in inspect.signature(kind).parameters if name != "raw_state"]
    event = kind(
        **{name: {} for name in names}
        | ({"raw_state": {}} if "raw_state" in inspect.signature(kind).parameters else {})
    )
    shown = event.to_dict()
    assert shown.pop("class") == kind.__name__
    assert set(names) <= set(shown)
    assert repr(event).startswith(f"<{kind.__name__}")
    assert (kind.__doc__ or "").strip()


def test_events_are_not_equal_by_chance() -> None:
    assert Event() != Event()
