"""One voice session as the transmitter needs it: socket, key and numbers, with nonce counters leased in ranges."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from socket import socket

from voxlink._util.wrapping import U16, U32
from voxlink.voice.encryption import COUNTERS

LEASE_PACKETS = 65_536
"""How many counters the transmitter may use before it must be told of more."""


@dataclass(slots=True)
class Route:
    """One voice session as the transmitter needs it, and how far its numbers have come.

    `encrypt` is the end-to-end layer: it turns plain Opus frames into as many that may leave, and never raises.
    """

    sock: socket
    mode: str
    key: bytes = field(repr=False)
    ssrc: int
    encrypt: Callable[[Sequence[bytes]], list[bytes]] = field(repr=False)
    on_used_up: Callable[[], None] = field(default=lambda: None, repr=False)
    """Called once when the last counters are in use: the connection needs a new key."""
    sequence: int = field(default_factory=lambda: secrets.randbelow(U16))
    timestamp: int = field(default_factory=lambda: secrets.randbelow(U32))
    timestamp_at: float = field(default_factory=time.perf_counter)
    lease_end: int = 0

    @property
    def is_used_up(self) -> bool:
        """Whether no counter is left for this key: the connection needs a new one."""
        return self.lease_end >= COUNTERS

    def lease(self) -> tuple[int, int]:
        """Reserve the next range of counters, for good: it is recorded before anyone may use it."""
        start = self.lease_end
        self.lease_end = min(COUNTERS, start + LEASE_PACKETS)
        if self.is_used_up and start < COUNTERS:
            self.on_used_up()
        return start, self.lease_end
