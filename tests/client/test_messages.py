"""Messages become state and events; whatever a node sends, something sensible comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from client.world import GUILD, as_audio, join, track, world
from voxlink.client import (
    Event,
    PlayerUpdateEvent,
    TrackEndEvent,
    TrackExceptionEvent,
    TrackStartEvent,
    TrackStuckEvent,
    WebSocketClosedEvent,
)
from voxlink.client.messages import READERS, handle_event_message, handle_player_update, track_from_message
from voxlink.protocol import EndReason, Severity, encode
from voxlink.testing import make_track


def raw(title: str = "foreign", **user_data: Any) -> dict[str, Any]:
    return {**json.loads(encode(make_track(title))), "userData": user_data}


def message(kind: str, **fields: Any) -> dict[str, Any]:
    return {"op": "event", "type": kind, "guildId": str(GUILD), "track": raw(), **fields}


async def test_a_track_that_we_did_not_start_is_told_and_becomes_current() -> None:
    async with world() as (made, node, _fake):
        player = await join(made)
        starts = made.stream(TrackStartEvent)
        handle_event_message(node, message("TrackStartEvent", track=raw(voxlink={"requester": 7}, mine=1)))
        event = await anext(starts)
        assert (event.track.title, event.track.requester, event.track.user_data) == ("foreign", 7, {"mine": 1})
        assert player.current is event.track
        starts.close()


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("TrackEndEvent", {"reason": "stopped"}, {"reason": EndReason.STOPPED}),
        ("TrackEndEvent", {"reason": "brandNew"}, {"reason": EndReason.read("brandNew")}),
        ("TrackEndEvent", {"track": None, "reason": "cleanup"}, {"track": None}),
        ("TrackStuckEvent", {"thresholdMs": 5}, {"threshold": 5}),
        (
            "TrackExceptionEvent",
            {"exception": {"message": None, "severity": "odd"}},
            {"message": None, "severity": Severity.read("odd"), "cause": "", "cause_stacktrace": ""},
        ),
        (
            "TrackExceptionEvent",
            {"exception": {"message": "m", "severity": "common", "cause": "c", "causeStackTrace": "s"}},
            {"message": "m", "severity": Severity.COMMON, "cause": "c", "cause_stacktrace": "s"},
        ),
        ("TrackExceptionEvent", {"exception": None}, {"severity": Severity.FAULT}),
        ("WebSocketClosedEvent", {"code": 4014, "reason": "x", "byRemote": True}, {"code": 4014, "by_remote": True}),
    ],
)
async def test_fields_are_read_and_missing_ones_forgiven(
    kind: str, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    async with world() as (made, node, _fake):
        await join(made)
        stream = made.stream(Event)
        handle_event_message(node, message(kind, **fields))
        event = await anext(stream)
        while type(event).__name__ != kind:
            event = await anext(stream)
        assert {name: getattr(event, name) for name in expected} == expected
        stream.close()


async def test_the_state_is_there_before_the_hooks() -> None:
    async with world() as (made, node, _fake):
        started = made.stream(PlayerUpdateEvent)
        player = await join(made)
        await player.play(track("a"))
        await anext(started)
        await anext(started)
        started.close()
        seen: list[int] = []
        made.add_event_hook(lambda event: seen.append(event.player.position), event=PlayerUpdateEvent)
        state = {"time": 5, "position": 60_000, "connected": True, "ping": 3}
        delivery = made.stream(PlayerUpdateEvent)
        handle_player_update(node, {"op": "playerUpdate", "guildId": str(GUILD), "state": state})
        await anext(delivery)
        await node.get_version()
        assert 60_000 <= seen[0] < 61_000
        assert player.position_timestamp == 5
        delivery.close()


async def test_an_unreadable_track_is_no_track() -> None:
    async with world() as (made, _node, _fake):
        player = await join(made)
        assert track_from_message(player, {"info": {}}) == (None, None)
        assert track_from_message(player, None) == (None, None)


def test_every_event_of_lavalink_has_a_reader() -> None:
    kinds = (TrackStartEvent, TrackEndEvent, TrackExceptionEvent, TrackStuckEvent, WebSocketClosedEvent)
    assert set(READERS) == {kind.__name__ for kind in kinds}


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["track", "info", "userData", "voxlink", "reason", "exception", "state", "guildId", "position"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*READERS, "Other"]),
            st.dictionaries(
                st.sampled_from(["track", "reason", "exception", "thresholdMs", "code", "state"]),
                json_values,
                max_size=4,
            ),
        ),
        max_size=6,
    )
)
def test_no_message_breaks_the_session(parts: list[tuple[str, dict[str, Any]]]) -> None:
    import asyncio
    import logging

    logging.getLogger("voxlink").setLevel(logging.CRITICAL)

    async def feed() -> None:
        async with world() as (made, node, _fake):
            await join(made)
            for kind, fields in parts:
                node.session.message(json.dumps({"op": "event", "type": kind, "guildId": str(GUILD), **fields}))
                node.session.message(json.dumps({"op": "playerUpdate", "guildId": str(GUILD), **fields}))
            await asyncio.sleep(0)
            assert node.is_ready

    try:
        asyncio.run(feed())
    finally:
        logging.getLogger("voxlink").setLevel(logging.NOTSET)


def test_as_audio_is_a_track() -> None:
    assert as_audio(make_track("x")).title == "x"
