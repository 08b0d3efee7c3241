"""Java's modified UTF-8."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.protocol import read_utfm
from voxlink.protocol.utfm import decode_utfm, encode_utfm

any_text = st.text(st.characters(codec=None, exclude_categories=()))


def joined(text: str) -> str:
    """The text as Java sees it: two surrogates in a row are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@given(any_text)
def test_what_we_write_we_read(text: str) -> None:
    assert decode_utfm(encode_utfm(text)) == joined(text)


@given(any_text)
def test_what_we_write_is_what_java_writes(text: str) -> None:
    data = encode_utfm(text)
    assert b"\0" not in data
    assert not any(byte >= 0xF0 for byte in data)
    halves = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(halves[at : at + 2], "big") for at in range(0, len(halves), 2)]
    sizes = [1 if 0 < unit < 0x80 else 2 if unit < 0x800 else 3 for unit in units]
    assert len(data) == sum(sizes)


@pytest.mark.parametrize(
    ("text", "data"),
    [("A", "41"), ("\0", "c080"), ("é", "c3a9"), ("二", "e4ba8c"), ("😀", "eda0bdedb880"), ("\ud83d", "eda0bd"),
     ("\ude00", "edb880"), ("\ufeffx", "efbbbf78"), ("", "")],
)  # fmt: skip
def test_single_characters_have_these_bytes(text: str, data: str) -> None:
    assert encode_utfm(text).hex() == data
    assert decode_utfm(bytes.fromhex(data)) == text


@pytest.mark.parametrize(
    ("data", "text"), [("f09f9880", "😀"), ("c181", "A"), ("e08080", "\0"), ("e083a9", "é"), ("00", "\0")]
)
def test_what_others_write_can_be_read(data: str, text: str) -> None:
    assert decode_utfm(bytes.fromhex(data)) == text


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        ("80", 0),
        ("41c3", 1),
        ("41e4ba", 1),
        ("ff", 0),
        ("c0804180", 3),
        ("c181c18180", 4),
        ("f5808080", 0),
        ("c341", 0),
    ],
)
def test_what_is_no_text_is_refused_with_its_offset(data: str, offset: int) -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        decode_utfm(bytes.fromhex(data))
    assert caught.value.start == offset


@given(st.binary())
def test_any_bytes_give_text_or_a_decode_error(data: bytes) -> None:
    with contextlib.suppress(UnicodeDecodeError):
        text = decode_utfm(data)
        assert decode_utfm(encode_utfm(text)) == text


@given(st.binary())
def test_the_offset_of_what_is_no_text_lies_in_it(data: bytes) -> None:
    offset = None
    try:
        decode_utfm(data)
    except UnicodeDecodeError as error:
        offset = error.start
    assert offset is None or 0 <= offset < len(data)


def test_lavalink_pys_name_reads_the_first_bytes() -> None:
    assert read_utfm(2, b"abc") == "ab"
    with pytest.raises(UnicodeDecodeError):
        read_utfm(4, b"abc")
