"""Datagrams come in with their time, many at once, and the socket lets go when closed."""

from __future__ import annotations

import asyncio
import socket
import time

from voxlink.testing.udp_socket import DATAGRAMS_PER_WAKE_UP, UdpSocket


async def test_reads_datagrams_with_the_time_they_arrived() -> None:
    done = asyncio.Event()
    got: list[tuple[bytes, float]] = []
    wanted = DATAGRAMS_PER_WAKE_UP + 10

    def take(data: bytes, address: tuple[str, int], arrived_at: float) -> None:
        got.append((data, arrived_at))
        if len(got) == wanted:
            done.set()

    receiver = UdpSocket(take)
    receiver.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", receiver.port))
        before = time.monotonic()
        for number in range(wanted):
            sender.send(b"%d" % number)
        sent = time.monotonic()
        async with asyncio.timeout(5):
            await done.wait()
    receiver.close()
    receiver.close()
    assert [data for data, _ in got] == [b"%d" % number for number in range(wanted)]
    times = [arrived_at for _, arrived_at in got]
    assert times == sorted(times)
    # The kernel's clock and the monotonic one are read a moment apart.
    assert before - 0.01 < times[0] <= times[-1] < sent + 0.01
    assert receiver.kernel_drops == 0


async def test_what_cannot_be_sent_is_lost() -> None:
    sender = UdpSocket(lambda *_: None)
    sender.start()
    sender.send(bytes(70_000), ("127.0.0.1", 9))
    sender.close()
