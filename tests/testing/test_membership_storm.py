"""Members come and go in a storm while ours speaks: who was there before keeps hearing us, and the pace holds.

The short form runs here; `make storm` runs all 200 changes.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from itertools import cycle, islice

import pytest

from voxlink.testing import SimulatedMember, VoiceServer
from voxlink.voice import Transmitter, VoiceConnection

GUILD, CHANNEL, OURS = 1, 3, 1000
CHANGES = int(os.environ.get("VOXLINK_STORM_CHANGES", "16"))
MOST_MEMBERS = 20
LARGEST_SKEW_S = 0.3
LOST_FRAMES_PER_CHANGE = 2
FRAMES_BETWEEN_CHANGES = 30
DEADLINE_S = 30.0
MUSIC = [b"\xfc" + bytes([number]) * 120 for number in range(250)]


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceServer]:
    async with VoiceServer(dave_version=1) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


async def test_our_frames_stay_readable_for_who_was_there(server: VoiceServer) -> None:
    chance = random.Random(20)
    seats = {user: server.seat(GUILD, user, CHANNEL) for user in range(1, 4)}
    heard = server.listener(GUILD, OURS)
    lost: list[int] = []
    async with Transmitter(realtime=False) as transmitter:
        stream = transmitter.open_stream(lambda report: None)
        connection = VoiceConnection(server.admit(GUILD, OURS, CHANNEL), stream, on_event=lambda event: None)
        await connection.connect()
        await server.wait_settled(CHANNEL, DEADLINE_S)
        assert connection.privacy_code == seats[1].privacy_code is not None
        for change in range(CHANGES):
            stream.queue(list(islice(cycle(MUSIC), change, change + 2 * FRAMES_BETWEEN_CHANGES)))
            for seat in seats.values():
                seat.commit_delay_s = chance.uniform(0.0, LARGEST_SKEW_S)
            before = {user: seat.undecodable.get(OURS, 0) for user, seat in seats.items()}
            present, newcomer = one_change(server, seats, chance)
            await server.wait_settled(CHANNEL, DEADLINE_S)
            await heard.wait_frames(len(heard.frames) + FRAMES_BETWEEN_CHANGES, DEADLINE_S)
            if newcomer is not None:
                assert seats[newcomer].listener(OURS).frames, "a newcomer hears us soon"
            lost.append(max(seats[user].undecodable.get(OURS, 0) - before[user] for user in present))
        await connection.close()
        stream.close()
    pacing = heard.pacing()
    print(f"\n{CHANGES} changes: worst loss {max(lost)} frames, mean {sum(lost) / len(lost):.2f}; {pacing}")
    assert max(lost) <= LOST_FRAMES_PER_CHANGE, lost
    assert heard.faults == []
    assert heard.missing == 0
    assert [seat.errors for seat in seats.values() if seat.errors] == []
    # Ten times a frame: the machine may be busy, but no change of members may hold the sender up.
    assert pacing.p99_ms < 200


def one_change(
    server: VoiceServer, seats: dict[int, SimulatedMember], chance: random.Random
) -> tuple[list[int], int | None]:
    """Let somebody come or go; return who was there before and still is, and who came."""
    absent = [user for user in range(1, MOST_MEMBERS + 1) if user not in seats]
    if absent and (len(seats) < 3 or chance.random() < 0.6):
        present = list(seats)
        newcomer = chance.choice(absent)
        seats[newcomer] = server.seat(GUILD, newcomer, CHANNEL)
        return present, newcomer
    leaver = chance.choice(list(seats))
    seats.pop(leaver).leave()
    return list(seats), None
