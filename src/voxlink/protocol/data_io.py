"""Reading and writing the fields of an encoded track one by one, under Lavalink.py's names."""

from __future__ import annotations

import functools
import struct
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Self

from voxlink.errors import InvalidTrack
from voxlink.protocol.utfm import decode_utfm, encode_utfm

__all__ = ["MAX_TEXT_BYTES", "DataReader", "DataWriter", "pack_name", "pack_nullable", "pack_text", "read_base64"]

MAX_TEXT_BYTES = 2**16 - 1
"""A text's length is written in two bytes."""

_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_U16 = struct.Struct(">H")
_I32 = struct.Struct(">i")
_I64 = struct.Struct(">q")


def read_base64(text: str | bytes) -> bytes:
    """The bytes of a Base64 text in the standard alphabet; raises `InvalidTrack` with the offset in the text.

    Padding may be missing (some databases and chat systems strip it), and a space means `+` (an unescaped query does
    that).
    """
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    elif not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users pass None here
        raise InvalidTrack(f"a track is a text, not {text.__class__.__name__}", field="base64", offset=0)
    if " " in text:
        text = text.replace(" ", "+")
    digits = text.rstrip("=")
    padding = -len(digits) % 4
    if padding == 3 or len(text) - len(digits) > padding:
        raise _bad_base64(text, "has one character too many")
    try:
        return a2b_base64(digits + "=" * padding, strict_mode=True)
    except (Base64Error, ValueError):
        raise _bad_base64(text, "holds a character that is no Base64") from None


def _bad_base64(text: str, what: str) -> InvalidTrack:
    bad = (at for at, char in enumerate(text) if ord(char) > 127 or ord(char) not in _BASE64)
    offset = next(bad, len(text))
    return InvalidTrack(f"the text {what} (offset {offset})", field="base64", offset=offset)


_SIZES = [_U16.pack(size) for size in range(512)]
_THERE = [b"\1" + size for size in _SIZES]
"""The sizes of almost all texts, plain and behind a boolean."""


def pack_text(text: str) -> bytes:
    """A text's size and its modified UTF-8; raises `InvalidTrack` for a text that is too long, or none."""
    try:
        data = text.encode() if text.isascii() and "\0" not in text else encode_utfm(text)
        return _SIZES[len(data)] + data
    except IndexError:
        data = encode_utfm(text)
    except (AttributeError, TypeError):
        raise InvalidTrack(f"{text!r} is no text") from None
    if len(data) > MAX_TEXT_BYTES:
        raise InvalidTrack(f"a text of {len(data)} bytes is longer than {MAX_TEXT_BYTES}")
    return _U16.pack(len(data)) + data


@functools.lru_cache(64)
def pack_name(text: str) -> bytes:
    """`pack_text` for the names of sources and containers: there are few, and many tracks."""
    return pack_text(text)


def pack_nullable(text: str | None) -> bytes:
    """A boolean and, unless it is None, a text."""
    if text is None:
        return b"\0"
    try:
        data = text.encode() if text.isascii() and "\0" not in text else encode_utfm(text)
        return _THERE[len(data)] + data
    except (AttributeError, IndexError, TypeError):
        return b"\1" + pack_text(text)


class DataReader:
    """Reads the fields of a Base64 text from front to back.

    All numbers are big-endian and signed where Java's are. Data that ends too early, text that is no modified UTF-8
    and text that is no Base64 raise `InvalidTrack` with the `offset`.
    """

    __slots__ = ("_at", "_data", "_end", "_mark")

    def __init__(self, base64_str: str) -> None:
        self._begin(read_base64(base64_str), 0)

    @classmethod
    def over(cls, data: bytes, start: int = 0) -> Self:
        """A reader over bytes, from the offset `start` on."""
        self = cls.__new__(cls)
        self._begin(data, start)
        return self

    def _begin(self, data: bytes, start: int) -> None:
        self._data = data
        self._at = start
        self._end = len(data)
        self._mark: int | None = None

    @property
    def remaining(self) -> int:
        """How many bytes are left."""
        return self._end - self._at

    @property
    def offset(self) -> int:
        """How many bytes of the data lie before the next field."""
        return self._at

    def mark(self) -> None:
        """Remember this place for `rewind`."""
        self._mark = self._at

    def rewind(self) -> None:
        """Go back to the marked place and forget it; raises `OSError` if none is marked."""
        if self._mark is None:
            raise OSError("Cannot rewind buffer without a marker!")
        self._at, self._mark = self._mark, None

    def _take(self, count: int, what: str) -> int:
        """Move on by `count` bytes; gives the offset of the first."""
        start = self._at
        if start + count > self._end:
            raise self._ends_in(what, start)
        self._at = start + count
        return start

    def _ends_in(self, what: str, start: int) -> InvalidTrack:
        message = f"the data ends at offset {self._end}, before the end of {what} that starts at {start}"
        return InvalidTrack(message, offset=start)

    def read_byte(self) -> bytes:
        """One byte."""
        start = self._take(1, "a byte")
        return self._data[start : start + 1]

    def read_boolean(self) -> bool:
        """One byte; anything but 0 is true."""
        start = self._at
        if start >= self._end:
            raise self._ends_in("a boolean", start)
        self._at = start + 1
        return self._data[start] != 0

    def read_unsigned_short(self) -> int:
        """Two bytes, 0 to 65,535."""
        return _U16.unpack_from(self._data, self._take(2, "a short"))[0]

    def read_int(self) -> int:
        """Four bytes, signed."""
        return _I32.unpack_from(self._data, self._take(4, "an int"))[0]

    def read_long(self) -> int:
        """Eight bytes, signed."""
        return _I64.unpack_from(self._data, self._take(8, "a long"))[0]

    def read_nullable_utf(self, utfm: bool = False) -> str | None:
        """A boolean and, if it is true, a text. Modified UTF-8 is read either way; `utfm` changes nothing."""
        del utfm
        return self.read_utfm() if self.read_boolean() else None

    def read_utf(self) -> bytes:
        """A text's bytes, undecoded."""
        start = self._at
        try:
            end = start + 2 + _U16.unpack_from(self._data, start)[0]
        except struct.error:
            end = self._end + 1
        if end > self._end:
            raise self._ends_in("a text", start)
        self._at = end
        return self._data[start + 2 : end]

    def read_utfm(self) -> str:
        """A text in Java's modified UTF-8; real 4-byte UTF-8 is read as well."""
        data = self.read_utf()
        try:
            return decode_utfm(data)
        except UnicodeDecodeError as error:
            offset = self._at - len(data) + error.start
            raise InvalidTrack(f"no modified UTF-8 at offset {offset}", offset=offset) from None


class DataWriter:
    """Writes the fields of an encoded track from front to back; `finish` gives the bytes with their header.

    A number that does not fit and a text of more than 65,535 bytes raise `InvalidTrack`.
    """

    __slots__ = ("_data",)

    def __init__(self) -> None:
        self._data = bytearray()

    def write_byte(self, byte: bytes | bytearray | memoryview) -> None:
        """Raw bytes."""
        self._data += byte

    def write_boolean(self, boolean: bool) -> None:
        """One byte, 1 or 0."""
        self._data.append(1 if boolean else 0)

    def write_unsigned_short(self, short: int) -> None:
        """Two bytes, 0 to 65,535."""
        self._pack(_U16, short)

    def write_int(self, integer: int) -> None:
        """Four bytes, signed."""
        self._pack(_I32, integer)

    def write_long(self, long_value: int) -> None:
        """Eight bytes, signed."""
        self._pack(_I64, long_value)

    def write_nullable_utf(self, utf_string: str | None) -> None:
        """A boolean and, unless it is None, a text."""
        self._data += pack_nullable(utf_string)

    def write_utf(self, utf_string: str) -> None:
        """A text in Java's modified UTF-8."""
        self._data += pack_text(utf_string)

    def body(self) -> bytes:
        """What was written, without a header."""
        return bytes(self._data)

    def finish(self) -> bytes:
        """What was written, behind the header: the flag "versioned" and the size."""
        return _I32.pack(1 << 30 | len(self._data)) + self._data

    def _pack(self, form: struct.Struct, number: int) -> None:
        try:
            self._data += form.pack(number)
        except struct.error as error:
            raise InvalidTrack(f"{number!r} cannot be written: {error}") from None
