"""The server's UDP socket: datagrams in with the kernel's time stamps, many at one wake-up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
import time
from collections.abc import Callable

__all__ = ["Address", "UdpSocket"]

Address = tuple[str, int]
OnDatagram = Callable[[bytes, Address, float], None]

RECEIVE_BUFFER_BYTES = 4 << 20
DATAGRAMS_PER_WAKE_UP = 256
LARGEST_DATAGRAM = 2048
_KEEPS_TIME_STAMPS = sys.platform == "linux" and struct.calcsize("l") == 8
# asm-generic/socket.h; the socket module does not name them.
_SO_TIMESTAMPNS = 35
_SO_RXQ_OVFL = 40
_TIMESPEC = struct.Struct("@qq")
_ANCILLARY_BYTES = 128


class UdpSocket:
    """A UDP socket on 127.0.0.1 that hands each datagram to `on_datagram(data, address, arrived_at)`.

    `arrived_at` is in seconds of the monotonic clock, from the kernel's own stamp on Linux, so a busy event loop
    does not spoil it. Starts reading in `start` and stops in `close`, both inside the running event loop.
    """

    def __init__(self, on_datagram: OnDatagram) -> None:
        self._on_datagram = on_datagram
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wall_to_monotonic_s = 0.0
        self.kernel_drops = 0
        """Datagrams that the kernel dropped because we were too slow (Linux)."""

    @property
    def port(self) -> int:
        """The bound port."""
        return self._socket.getsockname()[1]

    def start(self) -> None:
        """Bind to an ephemeral port and start reading."""
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        if _KEEPS_TIME_STAMPS:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
            self._wall_to_monotonic_s = time.monotonic() - time.time()
        self._socket.bind(("127.0.0.1", 0))
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def send(self, data: bytes, address: Address) -> None:
        """Send one datagram; what the network refuses is lost, as datagrams are."""
        with contextlib.suppress(OSError):
            self._socket.sendto(data, address)

    def close(self) -> None:
        """Stop reading and close; harmless when repeated."""
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def _read(self) -> None:
        read, on_datagram = self._socket.recvmsg, self._on_datagram
        for _ in range(DATAGRAMS_PER_WAKE_UP):
            try:
                data, ancillary, _flags, address = read(LARGEST_DATAGRAM, _ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error of an earlier send
            on_datagram(data, address, self._arrival(ancillary))
            if self._socket.fileno() < 0:
                return

    def _arrival(self, ancillary: list[tuple[int, int, bytes]]) -> float:
        arrived_at = 0.0
        for _level, kind, value in ancillary:
            if kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = _TIMESPEC.unpack_from(value)
                arrived_at = seconds + nanoseconds / 1e9 + self._wall_to_monotonic_s
            elif kind == _SO_RXQ_OVFL:
                self.kernel_drops = int.from_bytes(value[:4], sys.byteorder)
        return arrived_at or time.monotonic()
