"""The part of a remote file that is in memory: what came in one piece, and a little of what was read already."""

from __future__ import annotations


class ByteWindow:
    """Bytes from `begin` to `end` of a file. Grows at the end; what lies far behind the reader is forgotten."""

    def __init__(self, begin: int, *, history: int) -> None:
        self.begin = begin
        self._data = bytearray()
        self._history = history

    @property
    def end(self) -> int:
        """Offset behind the last byte."""
        return self.begin + len(self._data)

    def covers(self, at: int) -> bool:
        """Whether a reader at this offset can be served now, or as soon as the next bytes come."""
        return self.begin <= at <= self.end

    def append(self, data: bytes) -> None:
        """Add the bytes that follow."""
        self._data += data

    def read(self, at: int, count: int) -> bytes:
        """Return up to `count` bytes from `at` on, empty if there are none yet; forget what is long behind them."""
        start = at - self.begin
        if not 0 <= start < len(self._data):
            return b""
        found = bytes(self._data[start : start + count])
        self.forget_before(at + len(found))
        return found

    def forget_before(self, at: int) -> None:
        """Let go of what lies more than the history before a reader at this offset."""
        surplus = min(at - self._history - self.begin, len(self._data))
        if surplus > 0:
            del self._data[:surplus]
            self.begin += surplus
