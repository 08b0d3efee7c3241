"""The pipe's words: what we pack we parse however it is cut, garbage is refused by name, keys stay hidden."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink._util.framing import Splitter
from voxlink.errors import InvalidPipeMessage
from voxlink.voice.transmitter import pipe

IDS = st.integers(0, 2**40)
FRAMES = st.lists(st.binary(max_size=100), max_size=5)
TO_TRANSMITTER = st.one_of(
    st.builds(pipe.Hello, version=IDS),
    st.builds(pipe.CloseStream, stream=IDS),
    st.builds(pipe.QueueFrames, stream=IDS, generation=IDS, first_id=IDS, frames=FRAMES),
    st.builds(pipe.ReplaceFrames, stream=IDS, generation=IDS, first_id=IDS, frames=FRAMES),
    st.builds(pipe.OverwriteFrames, stream=IDS, generation=IDS, first_id=IDS, frames=FRAMES),
    st.builds(pipe.ClearFrames, stream=IDS, generation=IDS),
    st.builds(pipe.PauseStream, stream=IDS, paused=st.booleans()),
    st.builds(pipe.FinishStream, stream=IDS, last_id=IDS),
    st.builds(pipe.ExtendLease, stream=IDS, lease_end=IDS),
)


@given(st.lists(TO_TRANSMITTER, max_size=6), st.integers(1, 50))
def test_where_the_bytes_are_cut_changes_nothing(messages: list[pipe.ToTransmitter], step: int) -> None:
    data = b"".join(pipe.pack(message) for message in messages)
    splitter = Splitter(pipe.MAX_MESSAGE_BYTES)
    read: list[pipe.ToTransmitter] = []
    for start in range(0, len(data), step):
        read += [pipe.parse_to_transmitter(body) for body in splitter.feed(data[start : start + step])]
    assert read == messages


@given(st.binary(max_size=60))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    for parse in (pipe.parse_to_transmitter, pipe.parse_to_engine):
        with contextlib.suppress(InvalidPipeMessage):
            parse(data)


def test_a_message_beyond_the_limit_is_refused() -> None:
    with pytest.raises(InvalidPipeMessage, match="limit"):
        pipe.pack(pipe.QueueFrames(1, 0, 0, [bytes(pipe.MAX_MESSAGE_BYTES)]))


def test_the_key_is_not_in_the_repr() -> None:
    message = pipe.OpenStream(1, "mode", b"very-secret", 2, 3, 4, 5.0, 6, 7, 8, 9, paused=False)
    assert "secret" not in repr(message)
    assert pipe.parse_to_transmitter(pipe.pack(message)[4:]) == message
