"""Messages on a pipe: lengths in front, limits on both sides, however the bytes are cut."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink._util.framing import LENGTH, Splitter, add, pack, read
from voxlink.errors import InvalidPipeMessage


class Word(msgspec.Struct, frozen=True):
    text: str


@given(st.lists(st.text(max_size=40), max_size=6), st.integers(1, 50))
def test_what_is_packed_is_cut_out_again_wherever_the_bytes_are_cut(texts: list[str], step: int) -> None:
    packed = bytearray()
    for text in texts:
        add(packed, Word(text), 1000)
    data = bytes(packed)
    assert data == b"".join(pack(Word(text), 1000) for text in texts)
    splitter = Splitter(1000)
    texts_read: list[str] = []
    for start in range(0, len(data), step):
        bodies = splitter.feed(data[start : start + step])
        texts_read += [msgspec.msgpack.decode(body, type=Word).text for body in bodies]
    assert texts_read == texts


@given(st.binary(max_size=60))
def test_garbage_is_cut_or_refused_by_name(data: bytes) -> None:
    with contextlib.suppress(InvalidPipeMessage):
        assert sum(map(len, Splitter(1000).feed(data))) <= len(data)


@pytest.mark.parametrize("body", [b"\x81\xa4text\xa1\xd4", b"\x81\xa1\xd4\x01", b"\x91" * 5000, b"", b"\xc1"])
def test_a_body_that_cannot_be_read_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(InvalidPipeMessage):
        read(msgspec.msgpack.Decoder(Word), body)
    with pytest.raises(InvalidPipeMessage):
        read(msgspec.msgpack.Decoder(object), body)


def test_a_length_beyond_the_limit_is_refused_before_the_body_comes() -> None:
    with pytest.raises(InvalidPipeMessage, match="message of 11 bytes; the limit is 10"):
        Splitter(10).feed(LENGTH.pack(11))


def test_a_message_beyond_the_limit_is_not_sent_and_spoils_nothing() -> None:
    packed = bytearray(b"before")
    with pytest.raises(InvalidPipeMessage, match="the limit is 10"):
        add(packed, Word("far too long"), 10)
    assert packed == b"before"
