"""IP discovery and keepalive datagrams."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import InvalidPacket
from voxlink.voice import discovery


def response(
    ssrc: int = 7, address: bytes = b"203.0.113.5", port: int = 4000, kind: int = 2, length: int = 70
) -> bytes:
    return struct.pack("!HHI64sH", kind, length, ssrc, address, port)


def test_the_request_has_the_documented_form() -> None:
    assert discovery.pack_request(0x01020304) == bytes([0, 1, 0, 70, 1, 2, 3, 4]) + bytes(66)


def test_the_answer_names_address_and_port() -> None:
    assert discovery.parse_response(response(), 7) == ("203.0.113.5", 4000)


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (response()[:-1], "73 bytes"),
        (response(kind=1), "kind 1"),
        (response(length=71), "length 71"),
        (response(ssrc=8), "for ssrc 8, not 7"),
        (response(port=0), "port 0"),
        (response(address=b"nonsense"), "nonsense"),
        (response(address=b"\xff\xff"), "ascii"),
    ],
)
def test_anything_else_is_refused(datagram: bytes, reason: str) -> None:
    with pytest.raises(InvalidPacket, match=reason):
        discovery.parse_response(datagram, 7)


@given(st.binary(max_size=80))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    with contextlib.suppress(InvalidPacket):
        discovery.parse_response(data, 7)
    discovery.parse_keepalive_reply(data)


def test_a_keepalive_is_known_by_its_counter() -> None:
    assert discovery.pack_keepalive(5) == bytes.fromhex("1337cafe00000005")
    assert discovery.parse_keepalive_reply(bytes.fromhex("1337f00d00000005")) == 5
    assert discovery.parse_keepalive_reply(bytes.fromhex("1337cafe00000005")) is None
