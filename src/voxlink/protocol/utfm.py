"""Java's modified UTF-8, both ways, without a loop over characters.

It differs from UTF-8 in three things: U+0000 is written as `C0 80`, a character beyond U+FFFF as two surrogates of
three bytes each, and lone surrogates are allowed.
"""

from __future__ import annotations

import re

__all__ = ["decode_utfm", "encode_utfm", "read_utfm"]

_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_BEYOND_UTF8 = re.compile("[\0\ud800-\udfff\U00010000-\U0010ffff]")


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
        return _decode_slowly(data)


def _decode_slowly(data: bytes) -> str:
    plain = _OVERLONG.sub(_shortened, data)
    try:
        halves = plain.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        start = _offset_before_shortening(data, error.start)
        raise UnicodeDecodeError("utf-8", data, start, min(start + 1, len(data)), error.reason) from None
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _shortened(found: re.Match[bytes]) -> bytes:
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
        offset += len(found[0]) - len(_shortened(found))
    return offset


def encode_utfm(text: str) -> bytes:
    """Text as Java writes it; any Python text can be written."""
    if text.isascii():
        data = text.encode()
        return data.replace(b"\0", b"\xc0\x80") if "\0" in text else data
    if _BEYOND_UTF8.search(text) is None:
        return text.encode()
    data = _ASTRAL.sub(_halved, text).encode("utf-8", "surrogatepass")
    return data.replace(b"\0", b"\xc0\x80")


def _halved(found: re.Match[str]) -> str:
    """A character beyond U+FFFF as its two surrogates."""
    code = ord(found[0]) - 0x10000
    return chr(0xD800 | code >> 10) + chr(0xDC00 | code & 0x3FF)
