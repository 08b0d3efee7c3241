"""The transmitter with a `fromshare` as Windows has it: the bytes name a Unix socket that hands the descriptor over."""

from __future__ import annotations

import socket

from voxlink.voice.transmitter.child import main


def fromshare(data: bytes) -> socket.socket:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as giver:
        giver.connect(data.decode())
        _, numbers, _, _ = socket.recv_fds(giver, 1, 1)
    return socket.socket(fileno=numbers[0])


if __name__ == "__main__":
    setattr(socket, "fromshare", fromshare)  # noqa: B010 (typeshed knows it on Windows only)
    main()
