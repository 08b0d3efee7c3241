"""The numbered messages of one voice session, kept until they are acknowledged (voice.md 1.3)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any, TypeVar

__all__ = ["MessageLog"]

Message = TypeVar("Message", str, bytes)
SEQUENCES = 1 << 16
LONGEST_REPLAY = 4096


class MessageLog:
    """Numbers messages from 0 on, wrapping at 16 bits, and gives back those after an acknowledged one.

    Text messages carry `seq` at their top level, binary ones start with it as two big-endian bytes. `first` near the
    end of the range shows how a client takes the wrap.
    """

    def __init__(self, first: int = 0) -> None:
        self._next = first % SEQUENCES
        self._kept: deque[tuple[int, str | bytes]] = deque(maxlen=LONGEST_REPLAY)

    def number_text(self, op: int, data: object) -> str:
        """Number, keep and return a text message."""
        message: Mapping[str, Any] = {"op": op, "d": data, "seq": self._next}
        return self._keep(json.dumps(message))

    def number_binary(self, op: int, body: bytes) -> bytes:
        """Number, keep and return a binary message."""
        return self._keep(self._next.to_bytes(2, "big") + bytes([op]) + body)

    def after(self, acknowledged: int) -> list[str | bytes] | None:
        """Return the messages after `acknowledged` (-1: all of them); None when they are no longer all here."""
        if acknowledged == (self._next - 1) % SEQUENCES or (acknowledged == -1 and not self._kept):
            return []
        if acknowledged == -1:
            whole = len(self._kept) < LONGEST_REPLAY
            return [message for _, message in self._kept] if whole else None
        numbers = [number for number, _ in self._kept]
        if (acknowledged + 1) % SEQUENCES not in numbers:
            return None
        start = numbers.index((acknowledged + 1) % SEQUENCES)
        return [message for _, message in self._kept][start:]

    def has_sent(self, number: int) -> bool:
        """Tell whether a client may acknowledge this number; -1 stands for nothing yet."""
        return number == -1 or any(number == kept for kept, _ in self._kept)

    def _keep(self, message: Message) -> Message:
        self._kept.append((self._next, message))
        self._next = (self._next + 1) % SEQUENCES
        return message
