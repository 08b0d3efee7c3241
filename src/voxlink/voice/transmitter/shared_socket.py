"""A socket on its way to another process as bytes: what Windows has in place of descriptors beside a message."""

from __future__ import annotations

import socket
from typing import Any

from voxlink.errors import InvalidPipeMessage


def share(sock: socket.socket, pid: int) -> bytes:
    """Return what `from_share` in the process `pid` makes a duplicate of. Raises `OSError` if the system refuses."""
    untyped: Any = sock  # typeshed knows `share` on Windows only
    return untyped.share(pid)


def from_share(data: bytes) -> socket.socket:
    """Return the duplicate. Raises `InvalidPipeMessage` for bytes that are no socket, or on a system without it."""
    untyped: Any = socket
    try:
        return untyped.fromshare(data)
    except (AttributeError, OSError, ValueError) as error:
        raise InvalidPipeMessage(f"OpenStream without a usable socket: {error}") from None
