"""Members come and go in a storm while ours speaks: who was there before keeps hearing us, and the pace holds.

`make long` runs all 200 changes.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from itertools import cycle, islice

import pytest

from voxlink.testing import SimulatedMember, VoiceServer
from voxlink.voice import StreamReport, Transmitter, VoiceConnection

GUILD, CHANNEL, OURS = 1, 3, 1000
MOST_MEMBERS = 20
LARGEST_SKEW_S = 0.3
LOST_FRAMES_PER_CHANGE = 2
FRAMES_BETWEEN_CHANGES = 30
QUEUE_FRAMES = 50
DEADLINE_S = 30.0
MUSIC = [b"\xfc" + bytes([number]) * 120 for number in range(250)]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceServer]:
    async with VoiceServer(dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


class Music:
    """A stream that never runs dry: about a second of frames ahead of what was sent."""

    def __init__(self, transmitter: Transmitter) -> None:
        self.frames = cycle(MUSIC)
        self.stream = transmitter.open_stream(self.feed)

    def feed(self, report: StreamReport) -> None:
        self.stream.queue(list(islice(self.frames, max(0, QUEUE_FRAMES - report.queued))))


@pytest.mark.parametrize("changes", [16, pytest.param(200, marks=pytest.mark.long)])
async def test_our_frames_stay_readable_for_who_was_there(server: VoiceServer, changes: int) -> None:
    chance = random.Random(20)
    seats = {user: server.seat(GUILD, user, CHANNEL) for user in range(1, 4)}
    heard = server.listener(GUILD, OURS)
    async with Transmitter(realtime=False) as transmitter:
        stream = Music(transmitter).stream
        stream.queue(MUSIC[:QUEUE_FRAMES])
        connection = VoiceConnection(server.admit(GUILD, OURS, CHANNEL), stream, on_event=lambda event: None)
        await connection.connect()
        try:
            await server.wait_settled(CHANNEL, DEADLINE_S)
            lost = [await one_change(server, seats, chance) for _ in range(changes)]
            assert connection.privacy_code == next(iter(seats.values())).privacy_code is not None
        finally:
            await connection.close()
            stream.close()
    pacing = heard.pacing()
    print(f"\n{changes} changes: worst loss {max(lost)} frames, mean {sum(lost) / len(lost):.2f}; {pacing}")
    assert max(lost) <= LOST_FRAMES_PER_CHANGE, lost
    assert heard.faults == []
    assert heard.missing <= stream.counts.skipped
    assert [seat.errors for seat in seats.values() if seat.errors] == []
    # Ten times a frame: the machine may be busy, but no change of members may hold the sender up.
    assert pacing.p99_ms < 200


async def one_change(server: VoiceServer, seats: dict[int, SimulatedMember], chance: random.Random) -> int:
    """Let somebody come or go; return the most frames of ours that anybody who was and is there could not read."""
    heard = server.listener(GUILD, OURS)
    for seat in seats.values():
        seat.commit_delay_s = chance.uniform(0.0, LARGEST_SKEW_S)
    before = {user: seat.undecodable.get(OURS, 0) for user, seat in seats.items()}
    newcomer = come_or_go(server, seats, chance)
    await server.wait_settled(CHANNEL, DEADLINE_S)
    await heard.wait_frames(len(heard.frames) + FRAMES_BETWEEN_CHANGES, DEADLINE_S)
    if newcomer is not None:
        assert seats[newcomer].listener(OURS).frames, "a newcomer hears us soon"
    return max(seat.undecodable.get(OURS, 0) - before[user] for user, seat in seats.items() if user in before)


def come_or_go(server: VoiceServer, seats: dict[int, SimulatedMember], chance: random.Random) -> int | None:
    """Seat somebody or let somebody leave; return who came."""
    absent = [user for user in range(1, MOST_MEMBERS + 1) if user not in seats]
    if absent and (len(seats) < 3 or chance.random() < 0.6):
        newcomer = chance.choice(absent)
        seats[newcomer] = server.seat(GUILD, newcomer, CHANNEL)
        return newcomer
    seats.pop(chance.choice(list(seats))).leave()
    return None
