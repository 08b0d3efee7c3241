"""Single fields of an encoded track."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxlink.errors import InvalidTrack
from voxlink.protocol import DataReader, DataWriter
from voxlink.protocol.data_io import read_base64


def reader(data: bytes) -> DataReader:
    return DataReader(base64.b64encode(data).decode())


@given(
    st.booleans(), st.integers(0, 2**16 - 1), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1),
    st.text(), st.none() | st.text(),
)  # fmt: skip
def test_what_is_written_is_read(
    boolean: bool, short: int, integer: int, long: int, text: str, maybe: str | None
) -> None:
    writer = DataWriter()
    writer.write_byte(b"\7")
    writer.write_boolean(boolean)
    writer.write_unsigned_short(short)
    writer.write_int(integer)
    writer.write_long(long)
    writer.write_utf(text)
    writer.write_nullable_utf(maybe)
    data = reader(writer.finish())
    assert data.read_int() == 1 << 30 | data.remaining
    assert data.read_byte() == b"\7"
    assert (data.read_boolean(), data.read_unsigned_short()) == (boolean, short)
    assert (data.read_int(), data.read_long()) == (integer, long)
    assert (data.read_utfm(), data.read_nullable_utf()) == (text, maybe)
    assert data.remaining == 0


def test_longs_are_signed_as_in_java() -> None:
    writer = DataWriter()
    writer.write_long(-1)
    assert writer.body() == b"\xff" * 8
    assert reader(b"\xff" * 8).read_long() == -1


def test_a_marked_place_can_be_gone_back_to_once() -> None:
    data = reader(b"\1\2\3")
    data.read_byte()
    data.mark()
    assert data.read_byte() + data.read_byte() == b"\2\3"
    data.rewind()
    assert (data.remaining, data.offset) == (2, 1)
    with pytest.raises(OSError, match="without a marker"):
        data.rewind()


def test_text_is_read_in_javas_encoding_by_either_reader_of_texts() -> None:
    java = b"\0\x0ba\xc0\x80\xed\xa0\xbd\xed\xb8\x80\xc3\xa9"
    assert reader(java).read_utfm() == "a\0😀é"
    for utfm in (False, True):
        assert reader(b"\1" + java).read_nullable_utf(utfm) == "a\0😀é"
        assert reader(b"\0" + java).read_nullable_utf(utfm=utfm) is None


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_raw_bytes_of_any_kind_are_written(kind: type) -> None:
    writer = DataWriter()
    writer.write_byte(kind(b"\7\xff"))
    assert writer.body() == b"\7\xff"


def test_raw_text_bytes_come_undecoded() -> None:
    assert reader(b"\0\3\xff\xfe\xfd").read_utf() == b"\xff\xfe\xfd"


@pytest.mark.parametrize(
    ("method", "data"),
    [("read_byte", b""), ("read_boolean", b""), ("read_unsigned_short", b"\1"), ("read_int", b"abc"),
     ("read_long", b"abcdefg"), ("read_utf", b"\0\2a"), ("read_utfm", b"\0"), ("read_nullable_utf", b"\1\0")],
)  # fmt: skip
def test_data_that_ends_early_is_no_track(method: str, data: bytes) -> None:
    with pytest.raises(InvalidTrack, match="the data ends at offset") as caught:
        getattr(reader(data), method)()
    assert caught.value.offset is not None


def test_text_that_is_no_modified_utf8_names_the_byte() -> None:
    with pytest.raises(InvalidTrack) as caught:
        reader(b"\0\3ab\xff").read_utfm()
    assert caught.value.offset == 4


@pytest.mark.parametrize(
    ("method", "value"),
    [("write_unsigned_short", -1), ("write_unsigned_short", 2**16), ("write_int", 2**31), ("write_long", 2**63)],
)
def test_a_number_that_does_not_fit_is_refused(method: str, value: int) -> None:
    with pytest.raises(InvalidTrack, match=str(value)):
        getattr(DataWriter(), method)(value)


def test_a_text_has_at_most_65535_bytes() -> None:
    writer = DataWriter()
    writer.write_utf("é" * 32_767 + "a")
    with pytest.raises(InvalidTrack, match="65536 bytes"):
        writer.write_utf("é" * 32_768)


@given(st.binary())
def test_padding_may_be_missing_and_spaces_stand_for_plus(data: bytes) -> None:
    text = base64.b64encode(data).decode()
    assert read_base64(text) == read_base64(text.rstrip("=")) == read_base64(text.replace("+", " ")) == data
    assert read_base64(text.encode()) == data


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("A", 1),
        ("AAAAA", 5),
        ("AA-A", 2),
        ("AAA_", 3),
        ("AAAA\n", 4),
        ("AAA=AAAA", 3),
        ("AAAA====", 4),
        ("é", 0),
        ("=", 0),
    ],
)
def test_text_that_is_no_base64_names_the_place(text: str, offset: int) -> None:
    with pytest.raises(InvalidTrack) as caught:
        read_base64(text)
    assert (caught.value.field, caught.value.offset) == ("base64", offset)


def test_what_is_no_text_is_no_track() -> None:
    with pytest.raises(InvalidTrack, match="not NoneType"):
        read_base64(None)  # pyright: ignore[reportArgumentType]
