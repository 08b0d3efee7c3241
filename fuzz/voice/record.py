"""Record sessions with the simulated voice server anew: `python -m fuzz.voice.record` (some ten seconds)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from fuzz.voice.recording import PATH, Received, Recording, save
from voxlink.testing import VoiceServer
from voxlink.voice import Transmitter, VoiceConnection

GUILD, CHANNEL, US, THEM, THIRD = 1, 777, 1, 2, 3
DEADLINE_S = 15.0
KEEPALIVE_S = 5.2
"""One keepalive and its answer."""
MOST_DATAGRAMS = 60
"""Of one session; more say nothing new."""

SPEECH = [b"\xfc" + bytes([number]) * size for number, size in enumerate((3, 20, 60, 90, 127, 160, 250, 400) * 2)]
"""Opus frames as long as they come."""


class Tapped(VoiceConnection):
    """A connection that notes whatever it receives."""

    received: list[Received]

    def text_received(self, text: str) -> None:
        self.received.append(Received("text", text.encode()))
        super().text_received(text)

    def binary_received(self, data: bytes) -> None:
        self.received.append(Received("binary", data))
        super().binary_received(data)

    def datagram_received(self, datagram: bytes) -> None:
        if sum(each.kind == "datagram" for each in self.received) < MOST_DATAGRAMS:
            self.received.append(Received("datagram", datagram))
        super().datagram_received(datagram)

    def socket_lost(self, code: int | None, reason: str) -> None:
        self.received.append(Received("lost", str(1006 if code is None else code).encode()))
        super().socket_lost(code, reason)


async def a_call_of_two(server: VoiceServer, us: Tapped) -> None:
    them = server.seat(GUILD, THEM, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await them.speak(SPEECH)
    server.report_reception()
    them.leave()
    await asyncio.sleep(0.3)


async def members_come_and_go(server: VoiceServer, us: Tapped) -> None:
    them = server.seat(GUILD, THEM, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    third = server.seat(GUILD, THIRD, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await asyncio.gather(them.speak(SPEECH[:8]), third.speak(SPEECH[4:10]))
    them.leave()
    await server.wait_settled(CHANNEL, DEADLINE_S)
    back = server.seat(GUILD, THEM, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await back.speak(SPEECH[:4])


async def we_come_later(server: VoiceServer, us: Tapped) -> None:
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await server.seat(GUILD, 4, CHANNEL).speak(SPEECH[:4])


async def down_and_up(server: VoiceServer, us: Tapped) -> None:
    them = server.seat(GUILD, THEM, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    server.downgrade(CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await them.speak(SPEECH[:6])
    server.upgrade(CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await them.speak(SPEECH[:6])


async def a_cut_and_a_resume(server: VoiceServer, us: Tapped) -> None:
    them = server.seat(GUILD, THEM, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await server.drop(GUILD, US)
    server.seat(GUILD, THIRD, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await them.speak(SPEECH[:6])
    await server.close_session(GUILD, US, 4015)
    await asyncio.sleep(0.5)


async def without_encryption(server: VoiceServer, us: Tapped) -> None:
    them = server.seat(GUILD, THEM, CHANNEL)
    await asyncio.gather(them.speak(SPEECH), asyncio.sleep(KEEPALIVE_S))
    server.report_reception()
    await asyncio.sleep(0.2)


async def nothing_but_garbage(server: VoiceServer, us: Tapped) -> None:
    server.seat(GUILD, THEM, CHANNEL)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    for op in (25, 27, 29, 30):
        server.send_garbage(GUILD, US, op, seed=op)
    await asyncio.sleep(0.5)


Story = Callable[[VoiceServer, Tapped], Awaitable[None]]
STORIES: list[tuple[Story, int]] = [
    (a_call_of_two, 1),
    (members_come_and_go, 1),
    (we_come_later, 1),
    (down_and_up, 1),
    (a_cut_and_a_resume, 1),
    (without_encryption, 0),
    (nothing_but_garbage, 1),
]
"""What happens, and the server's version of end-to-end encryption."""


async def record(story: Story, dave_version: int) -> Recording:
    async with VoiceServer(dave_version=dave_version) as server, Transmitter(realtime=False) as transmitter:
        os.environ["SSL_CERT_FILE"] = str(server.certificate)
        if story is we_come_later:
            server.seat(GUILD, THEM, CHANNEL)
            server.seat(GUILD, THIRD, CHANNEL)
        stream = transmitter.open_stream(lambda report: None)
        us = Tapped(server.admit(GUILD, US, CHANNEL), stream, on_event=lambda event: None)
        us.received = []
        await us.connect()
        us.listen()
        stream.queue(SPEECH)
        await story(server, us)
        await us.close()
        stream.close()
        return Recording(story.__name__, us.received)


async def main() -> None:
    save([await record(story, version) for story, version in STORIES])
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    asyncio.run(main())
