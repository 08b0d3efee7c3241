"""The words of the voice gateway: every opcode is read, garbage is refused by name, what we say has the right form."""

from __future__ import annotations

import contextlib
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import InvalidVoiceMessage
from voxlink.voice import gateway_message as words
from voxlink.voice.login import VoiceLogin

LOGIN = VoiceLogin(41771983423143937, 104694319306248192, 3, "my_session", "my_token", "host:443")


def text(op: int, payload: Any, **more: Any) -> str:
    return json.dumps({"op": op, "d": payload, **more})


@pytest.mark.parametrize(
    ("op", "payload", "message"),
    [
        (8, {"v": 8, "heartbeat_interval": 13750.0}, words.Hello(13750.0)),
        (8, {"heartbeat_interval": 13750}, words.Hello(13750.0)),
        (
            2,
            {"ssrc": 1, "ip": "1.2.3.4", "port": 9, "modes": ["a"], "heartbeat_interval": 1, "streams": []},
            words.Ready(1, "1.2.3.4", 9, ["a"]),
        ),
        (
            4,
            {"mode": "m", "secret_key": list(range(32)), "dave_protocol_version": 1, "audio_codec": "opus"},
            words.SessionDescription("m", list(range(32)), 1),
        ),
        (4, {"mode": "m", "secret_key": [0] * 32}, words.SessionDescription("m", [0] * 32, 0)),
        (5, {"ssrc": 2, "user_id": "77", "speaking": 1}, words.Speaking(2, 77, 1)),
        (6, {"t": 5}, words.HeartbeatAck()),
        (6, None, words.HeartbeatAck()),
        (3, None, words.HeartbeatRequest()),
        (9, None, words.Resumed()),
        (11, {"user_ids": ["1", "18446744073709551615"]}, words.ClientsConnect([1, 2**64 - 1])),
        (12, {"user_id": "5", "audio_ssrc": 9, "video_ssrc": 10}, words.Video(5, 9)),
        (13, {"user_id": "5"}, words.ClientDisconnect(5)),
        (21, {"transition_id": 4, "protocol_version": 0}, words.PrepareTransition(4, 0)),
        (22, {"transition_id": 4}, words.ExecuteTransition(4)),
        (24, {"epoch": 1, "protocol_version": 1}, words.PrepareEpoch(1, 1)),
        (18, {"user_id": "5", "flags": 3}, words.Unknown(18)),
        (250, [1, 2], words.Unknown(250)),
    ],
)
def test_each_text_opcode_is_read(op: int, payload: Any, message: words.ServerMessage) -> None:
    assert words.parse_text(text(op, payload)) == (message, None)


def test_sequence_number_zero_is_a_number() -> None:
    assert words.parse_text(text(13, {"user_id": "5"}, seq=0)).seq == 0
    assert words.parse_text(text(13, {"user_id": "5"}, seq=None)).seq is None


@pytest.mark.parametrize(
    ("opcode", "body", "message"),
    [
        (25, b"sender", words.ExternalSender(b"sender")),
        (27, b"\0adds", words.Proposals(revoke=False, data=b"adds")),
        (27, b"\1refs", words.Proposals(revoke=True, data=b"refs")),
        (29, b"\1\2commit", words.AnnounceCommit(0x0102, b"commit")),
        (30, b"\0\0welcome", words.Welcome(0, b"welcome")),
        (99, b"", words.Unknown(99)),
    ],
)
def test_each_binary_opcode_is_read(opcode: int, body: bytes, message: words.ServerMessage) -> None:
    assert words.parse_binary(struct.pack("!HB", 65535, opcode) + body) == (message, 65535)


@pytest.mark.parametrize(
    "garbage",
    ["", "[]", "{}", "\ud800", text(2, {}), text(2, None), text(4, {"mode": "m", "secret_key": [1]}), text(5, "x"),
     text(8, {"heartbeat_interval": 0}), text(11, {"user_ids": ["a"]}), text(21, {"transition_id": 70000}),
     '{"op": 5, "d": ' + "[" * 5000 + "]" * 5000 + "}", '{"op": 5, "d": {"x": ' + "[" * 5000],
)  # fmt: skip
def test_malformed_text_is_refused_by_name(garbage: str) -> None:
    with pytest.raises(InvalidVoiceMessage):
        words.parse_text(garbage)


@pytest.mark.parametrize("garbage", [b"", b"\0\0", b"\0\0\x1b", b"\0\0\x1b\x02", b"\0\0\x1d\0", b"\0\0\x1e"])
def test_malformed_binary_is_refused_by_name(garbage: bytes) -> None:
    with pytest.raises(InvalidVoiceMessage):
        words.parse_binary(garbage)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), lambda inner: st.lists(inner))


@given(st.integers(-1, 40), st.dictionaries(st.text(), JSON) | JSON)
def test_no_payload_raises_anything_else(op: int, payload: Any) -> None:
    with contextlib.suppress(InvalidVoiceMessage):
        words.parse_text(json.dumps({"op": op, "d": payload}))


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(InvalidVoiceMessage):
        words.parse_binary(data)
    with contextlib.suppress(InvalidVoiceMessage):
        words.parse_text(data)


def test_identify_has_the_documented_form() -> None:
    assert json.loads(words.identify(LOGIN, max_dave_version=1)) == {
        "op": 0,
        "d": {
            "server_id": "41771983423143937",
            "user_id": "104694319306248192",
            "session_id": "my_session",
            "token": "my_token",
            "max_dave_protocol_version": 1,
        },
    }


def test_resume_has_the_documented_form() -> None:
    assert json.loads(words.resume(LOGIN, 10)) == {
        "op": 7,
        "d": {"server_id": "41771983423143937", "session_id": "my_session", "token": "my_token", "seq_ack": 10},
    }


@pytest.mark.parametrize(
    ("said", "op", "payload"),
    [
        (words.select_protocol("1.2.3.4", 5, "m"), 1,
         {"protocol": "udp", "data": {"address": "1.2.3.4", "port": 5, "mode": "m"}}),
        (words.heartbeat(7, -1), 3, {"t": 7, "seq_ack": -1}),
        (words.speaking(9), 5, {"speaking": 1, "delay": 0, "ssrc": 9}),
        (words.media_sink_wants(anything=False), 15, {"any": 0}),
        (words.media_sink_wants(anything=True), 15, {"any": 100}),
        (words.transition_ready(3), 23, {"transition_id": 3}),
        (words.invalid_commit_welcome(3), 31, {"transition_id": 3}),
    ],
)  # fmt: skip
def test_what_we_say_has_the_documented_form(said: str, op: int, payload: Any) -> None:
    assert json.loads(said) == {"op": op, "d": payload}


def test_binary_messages_of_ours_carry_no_sequence_number() -> None:
    assert words.pack_binary(words.Opcode.MLS_KEY_PACKAGE, b"kp") == b"\x1akp"


def test_the_session_key_is_not_in_the_repr() -> None:
    description = words.SessionDescription("m", list(range(100, 132)))
    assert "101" not in repr(description)
    assert description.key == bytes(range(100, 132))
