"""What a node says on its WebSocket."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.exact import FAILURE, STATE, TRACK
from voxlink.errors import InvalidBody
from voxlink.protocol import (
    EndReason,
    PlayerUpdate,
    Ready,
    StatsMessage,
    TrackEnd,
    TrackException,
    TrackStart,
    TrackStuck,
    UnknownEvent,
    UnknownMessage,
    WebSocketClosed,
    decode_message,
    encode,
)

STATS = (
    '"frameStats":{"sent":1,"nulled":2,"deficit":3},"players":1,"playingPlayers":1,"uptime":5,'
    '"memory":{"free":1,"used":2,"allocated":3,"reservable":4},"cpu":{"cores":2,"systemLoad":0.5,"lavalinkLoad":0.25}'
)
EVENT = '{"op":"event","type":"'

TEXTS: list[tuple[type[Any], str]] = [
    (Ready, '{"op":"ready","resumed":false,"sessionId":"la3kfsdf5eafe848"}'),
    (PlayerUpdate, f'{{"op":"playerUpdate","state":{STATE},"guildId":"7"}}'),
    (StatsMessage, f'{{"op":"stats",{STATS}}}'),
    (TrackStart, f'{EVENT}TrackStartEvent","guildId":"7","track":{TRACK}}}'),
    (TrackEnd, f'{EVENT}TrackEndEvent","guildId":"7","track":{TRACK},"reason":"loadFailed"}}'),
    (TrackException, f'{EVENT}TrackExceptionEvent","guildId":"7","track":{TRACK},"exception":{FAILURE}}}'),
    (TrackStuck, f'{EVENT}TrackStuckEvent","guildId":"7","track":{TRACK},"thresholdMs":10000}}'),
    (WebSocketClosed, f'{EVENT}WebSocketClosedEvent","guildId":"7","code":4006,"reason":"","byRemote":true}}'),
    (UnknownEvent, f'{EVENT}SegmentSkipped","guildId":"7","segment":{{"category":"intro","start":0,"end":5}}}}'),
    (UnknownMessage, '{"op":"hello","a":[1,{"b":null}],"c":1.5}'),
]


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_each_message_is_read_and_written_unchanged(kind: type[Any], text: str) -> None:
    for form in (text, text.encode()):
        message = decode_message(form)
        assert type(message) is kind
        assert encode(message).decode() == text


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_a_key_that_a_newer_server_adds_is_kept(kind: type[Any], text: str) -> None:
    longer = text[:-1] + ',"added":{"x":1}}'
    message = decode_message(longer)
    assert type(message) is kind
    assert encode(message).decode() == longer


def test_values_are_built_by_position() -> None:
    update = decode_message(TEXTS[1][1])
    assert isinstance(update, PlayerUpdate)
    assert PlayerUpdate("7", update.state) == update
    assert decode_message(TEXTS[7][1]) == WebSocketClosed("7", 4006, "", True)
    end = decode_message(TEXTS[4][1])
    assert isinstance(end, TrackEnd)
    assert end.reason is EndReason.LOAD_FAILED


def test_an_unknown_event_names_its_type_and_guild() -> None:
    event = decode_message(TEXTS[8][1])
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.guild_id, event.data["segment"]["end"]) == ("SegmentSkipped", "7", 5)
    bare = decode_message('{"op":"event","type":"x"}')
    assert isinstance(bare, UnknownEvent)
    assert bare.guild_id is None


def test_the_order_of_the_keys_that_arrive_does_not_matter() -> None:
    assert decode_message('{"sessionId":"s","resumed":true,"op":"ready"}') == Ready(True, "s")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "$"),
        ("[]", "$"),
        ("null", "$"),
        ("{}", "$.op"),
        ('{"op":5}', "$.op"),
        ('{"op":"event"}', "$.type"),
        ('{"op":"ready"}', "$.resumed"),
        ('{"op":"ready","resumed":1,"sessionId":"s"}', "$.resumed"),
        ('{"op":"playerUpdate","guildId":"1","state":{"time":1.5}}', "$.state.time"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(text: str, path: str) -> None:
    with pytest.raises(InvalidBody) as caught:
        decode_message(text)
    assert caught.value.path == path
