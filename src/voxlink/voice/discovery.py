"""The small datagrams beside RTP: IP discovery, and the keepalive that measures the way to the voice server."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from voxlink.errors import InvalidPacket

DISCOVERY_BYTES = 74
REQUEST = 1
RESPONSE = 2
RETRY_S = 0.5
MAX_TRIES = 10

_DISCOVERY = struct.Struct("!HHI64sH")
"""Kind, length of what follows the first four bytes (70), ssrc, NUL-terminated address, port."""
_KEEPALIVE = struct.Struct("!II")
KEEPALIVE_REQUEST = 0x1337CAFE
KEEPALIVE_REPLY = 0x1337F00D
KEEPALIVE_INTERVAL_S = 5.0


class ExternalAddress(NamedTuple):
    """How the voice server sees our socket."""

    address: str
    port: int


def pack_request(ssrc: int) -> bytes:
    """Return the 74 bytes that ask for our external address."""
    return _DISCOVERY.pack(REQUEST, DISCOVERY_BYTES - 4, ssrc, b"", 0)


def parse_response(datagram: bytes, ssrc: int) -> ExternalAddress:
    """Read the answer to a request of ours. Raises `InvalidPacket` for anything else."""
    if len(datagram) != DISCOVERY_BYTES:
        raise InvalidPacket("IP discovery", f"{len(datagram)} bytes instead of {DISCOVERY_BYTES}")
    kind, length, their_ssrc, address, port = _DISCOVERY.unpack(datagram)
    if kind != RESPONSE or length != DISCOVERY_BYTES - 4:
        raise InvalidPacket("IP discovery", f"kind {kind}, length {length}")
    if their_ssrc != ssrc:
        raise InvalidPacket("IP discovery", f"for ssrc {their_ssrc}, not {ssrc}")
    try:
        text = address.split(b"\0", 1)[0].decode("ascii")
        ipaddress.ip_address(text)
    except ValueError as error:  # UnicodeDecodeError included
        raise InvalidPacket("IP discovery", str(error)) from None
    if port == 0:
        raise InvalidPacket("IP discovery", "port 0")
    return ExternalAddress(text, port)


class Keepalive:
    """Keeps the way through routers open and measures it: one datagram every five seconds, echoed by the server."""

    def __init__(self, now: float) -> None:
        self.ping_s: float | None = None
        """The last round trip, None before the first answer."""
        self._count = 0
        self._sent_at = now
        self._due = now + KEEPALIVE_INTERVAL_S

    def next_deadline(self) -> float:
        """When to call `tick`."""
        return self._due

    def tick(self, now: float) -> bytes | None:
        """Return the datagram that is due, if one is."""
        if now < self._due:
            return None
        self._count += 1
        self._sent_at = now
        self._due = now + KEEPALIVE_INTERVAL_S
        return pack_keepalive(self._count)

    def take(self, datagram: bytes, now: float) -> bool:
        """Take a datagram if it answers a keepalive; say whether it did."""
        counter = parse_keepalive_reply(datagram)
        if counter is not None and counter == self._count:
            self.ping_s = now - self._sent_at
        return counter is not None


def pack_keepalive(counter: int) -> bytes:
    """Return a keepalive; the server echoes its counter."""
    return _KEEPALIVE.pack(KEEPALIVE_REQUEST, counter & 0xFFFF_FFFF)


def parse_keepalive_reply(datagram: bytes) -> int | None:
    """Return the counter of a keepalive reply, None for any other datagram."""
    if len(datagram) != _KEEPALIVE.size:
        return None
    magic, counter = _KEEPALIVE.unpack(datagram)
    return counter if magic == KEEPALIVE_REPLY else None
