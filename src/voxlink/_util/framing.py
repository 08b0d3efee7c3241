"""Messages on a pipe between two of our processes: a 4-byte length and that many bytes of MessagePack."""

from __future__ import annotations

import struct
from typing import TypeVar

import msgspec

from voxlink.errors import InvalidPipeMessage

T = TypeVar("T")

LENGTH = struct.Struct("<I")
_NO_LENGTH = bytes(LENGTH.size)
_encoder = msgspec.msgpack.Encoder()


def add(packed: bytearray, message: msgspec.Struct, limit: int) -> None:
    """Append the bytes of a message; nothing, and `InvalidPipeMessage`, if its body is longer than `limit`."""
    start = len(packed)
    packed += _NO_LENGTH
    _encoder.encode_into(message, packed, -1)
    size = len(packed) - start - LENGTH.size
    if size > limit:
        del packed[start:]
        raise _too_long(size, limit)
    LENGTH.pack_into(packed, start, size)


def pack(message: msgspec.Struct, limit: int) -> bytes:
    """Return the bytes of one message; see `add`."""
    packed = bytearray()
    add(packed, message, limit)
    return bytes(packed)


def read(decoder: msgspec.msgpack.Decoder[T], body: bytes | memoryview) -> T:
    """Read a body. Raises `InvalidPipeMessage`, also for text that is no UTF-8 or for what is nested too deep."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidPipeMessage(str(error)) from None


class Splitter:
    """Cuts a byte stream into message bodies of at most `limit` bytes, however the bytes arrive."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes | memoryview) -> list[memoryview]:
        """Return each complete body, as a view of `data` where it lies there: parse it before that memory changes.

        Raises `InvalidPipeMessage` for a length beyond the limit.
        """
        view = memoryview(self._rest + data if self._rest else data)
        bodies: list[memoryview] = []
        start = 0
        while len(view) - start >= LENGTH.size:
            end = start + LENGTH.size + size_of(view[start:], self._limit)
            if len(view) < end:
                break
            bodies.append(view[start + LENGTH.size : end])
            start = end
        self._rest = bytes(view[start:])
        return bodies


def size_of(head: bytes | memoryview, limit: int) -> int:
    """Read how long the body behind a length is. Raises `InvalidPipeMessage` if it is longer than `limit`."""
    (size,) = LENGTH.unpack_from(head)
    if size > limit:
        raise _too_long(size, limit)
    return size


def _too_long(size: int, limit: int) -> InvalidPipeMessage:
    return InvalidPipeMessage(f"message of {size} bytes; the limit is {limit}")
