"""Java's modified UTF-8, both ways, without a loop over characters.

It differs from UTF-8 in three things: U+0000 is written as `C0 80`, a character beyond U+FFFF as two surrogates of
three bytes each, and lone surrogates are allowed.
"""

from __future__ import annotations

import functools
import re

__all__ = ["decode_utfm", "decode_utfm_unlike_utf8", "encode_utfm", "read_utfm"]

_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_FOUR_BYTES = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]")


def read_utfm(utf_len: int, utf_bytes: bytes) -> str:
    """Lavalink.py's name for `decode_utfm`: the first `utf_len` bytes as text. Raises `UnicodeDecodeError`."""
    if utf_len > len(utf_bytes):
        raise UnicodeDecodeError("utf-8", utf_bytes, len(utf_bytes), len(utf_bytes) + 1, "unexpected end of data")
    return decode_utfm(utf_bytes[:utf_len])


def decode_utfm(data: bytes) -> str:
    """Text written by Java. Overlong forms are accepted as Java accepts them, and so is real 4-byte UTF-8.

    Raises `UnicodeDecodeError`, whose `start` is the offset of the first byte that cannot be read.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        return decode_utfm_unlike_utf8(data)


def decode_utfm_unlike_utf8(data: bytes) -> str:
    """The same for a text that is known to be no plain UTF-8; most hold an emoji."""
    try:
        return _PAIR.sub(_join, data).decode()
    except UnicodeDecodeError:
        pass
    try:
        halves = _OVERLONG.sub(_shorten, data).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        start = _offset_before_shortening(data, error.start)
        raise UnicodeDecodeError("utf-8", data, start, min(start + 1, len(data)), error.reason) from None
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def encode_utfm(text: str) -> bytes:
    """Text as Java writes it; any Python text can be written."""
    try:
        data = text.encode()
    except UnicodeEncodeError:  # lone surrogates
        data = text.encode("utf-8", "surrogatepass")
    if 0xF0 in data or 0xF1 in data or 0xF2 in data or 0xF3 in data or 0xF4 in data:  # five times faster than a search
        data = _FOUR_BYTES.sub(_halve, data)
    return data.replace(b"\0", b"\xc0\x80") if "\0" in text else data


def _join(found: re.Match[bytes]) -> bytes:
    return _joined(found[0])


@functools.lru_cache(1024)
def _joined(pair: bytes) -> bytes:
    """Two surrogates of three bytes as one character of four."""
    halves = pair.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le").encode()


def _halve(found: re.Match[bytes]) -> bytes:
    return _halved(found[0])


@functools.lru_cache(1024)
def _halved(four: bytes) -> bytes:
    """A character of four bytes as two surrogates of three."""
    code = ord(four.decode()) - 0x10000
    return (chr(0xD800 | code >> 10) + chr(0xDC00 | code & 0x3FF)).encode("utf-8", "surrogatepass")


def _shorten(found: re.Match[bytes]) -> bytes:
    """The shortest form of a character that was written with more bytes than it needs."""
    code = 0
    for byte in found[0][1:]:
        code = code << 6 | byte & 0x3F
    code |= (found[0][0] & 0x1F) << 6 if len(found[0]) == 2 else 0
    return chr(code).encode()


def _offset_before_shortening(data: bytes, offset: int) -> int:
    """Where the byte at `offset` of the shortened text was in `data`."""
    for found in _OVERLONG.finditer(data):
        if found.start() >= offset:
            break
        offset += len(found[0]) - len(_shorten(found))
    return offset
