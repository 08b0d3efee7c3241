"""The body of a PATCH is checked before anything is sent."""

from typing import Any

import pytest

from voxlink.client import LowPass, Volume
from voxlink.client.update import player_body
from voxlink.errors import BadType, BadValue


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({}, {}),
        ({"encoded_track": "x"}, {"track": {"encoded": "x"}}),
        ({"encoded_track": None}, {"track": {"encoded": None}}),
        ({"identifier": "x", "user_data": {"a": 1}}, {"track": {"identifier": "x", "userData": {"a": 1}}}),
        ({"user_data": {"a": 1}}, {"track": {"userData": {"a": 1}}}),
        ({"position": 1500.7}, {"position": 1500}),
        ({"position": None, "volume": None, "paused": None}, {}),
        ({"end_time": None}, {"endTime": None}),
        ({"end_time": 5, "volume": 1000, "paused": False}, {"endTime": 5, "volume": 1000, "paused": False}),
        ({"filters": None}, {"filters": {}}),
        ({"filters": (LowPass(5), Volume(2))}, {"filters": {"lowPass": {"smoothing": 5.0}, "volume": 2.0}}),
        ({"voice_state": {"token": "t"}}, {"voice": {"token": "t"}}),
        ({"extra": {"mixer": 1}}, {"mixer": 1}),
    ],
)
def test_what_is_given_is_sent(given: dict[str, Any], body: dict[str, Any]) -> None:
    assert player_body(**given) == body


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"encoded_track": "x", "identifier": "y"}, BadValue),
        ({"position": -1}, BadValue),
        ({"position": True}, BadValue),
        ({"end_time": 0}, BadValue),
        ({"volume": 1001}, BadValue),
        ({"volume": -1}, BadValue),
        ({"volume": True}, BadType),
        ({"volume": 50.0}, BadType),
        ({"paused": 1}, BadType),
        ({"filters": [5]}, BadType),
        ({"user_data": "text"}, BadType),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        player_body(**given)
