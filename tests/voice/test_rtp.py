"""RTP: what we pack we parse, garbage is refused by name, extension and padding come off in the right order."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import InvalidPacket
from voxlink.voice.rtp import RtpHeader, is_rtcp, parse_header, payload_of

U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFF_FFFF)


@given(U16, U32, U32, st.binary(max_size=50))
def test_what_we_pack_we_parse(sequence: int, timestamp: int, ssrc: int, payload: bytes) -> None:
    header = RtpHeader(sequence, timestamp, ssrc)
    assert parse_header(header.pack() + payload) == header
    assert len(header.pack()) == 12


@given(st.binary(max_size=80))
def test_garbage_is_refused_by_name(data: bytes) -> None:
    try:
        header = parse_header(data)
    except InvalidPacket:
        return
    if header is not None:
        assert 12 <= header.size <= len(data)


@given(U16, U32, U32, st.lists(U32, max_size=15), st.binary(max_size=60), st.integers(0, 4), st.integers(0, 255))
def test_csrcs_extension_and_padding_come_off(
    sequence: int, timestamp: int, ssrc: int, csrcs: list[int], opus: bytes, words: int, padding: int
) -> None:
    flags = 0x80 | len(csrcs) | 0x10 | (0x20 if padding else 0)
    clear = struct.pack("!BBHII", flags, 0x80 | 120, sequence, timestamp, ssrc)
    clear += struct.pack(f"!{len(csrcs)}I", *csrcs) + struct.pack("!HH", 0xBEDE, words)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    header = parse_header(clear + b"sealed")
    assert header is not None
    assert header.size == len(clear)
    assert payload_of(header, bytes(4 * words) + opus + tail) == opus


def test_a_padding_count_beyond_the_packet_is_ignored() -> None:
    header = RtpHeader(1, 2, 3, padded=True)
    assert payload_of(header, b"ab\xff") == b"ab\xff"
    assert payload_of(header, b"ab\x00") == b"ab\x00"
    assert payload_of(header, b"\x01") == b""


def test_an_extension_longer_than_the_packet_is_refused() -> None:
    with pytest.raises(InvalidPacket, match="extension of 8 bytes in 3"):
        payload_of(RtpHeader(1, 2, 3, extension_size=8), b"abc")


def test_video_is_no_error_and_no_audio() -> None:
    assert parse_header(struct.pack("!BBHII", 0x80, 101, 1, 2, 3)) is None


@pytest.mark.parametrize("kind", [200, 201, 205, 206])
def test_rtcp_is_told_by_its_raw_second_byte(kind: int) -> None:
    assert is_rtcp(bytes([0x80, kind]) + bytes(6))
    assert not is_rtcp(bytes([0x80, kind]))
    assert not is_rtcp(bytes([0x80, 120]) + bytes(6))
