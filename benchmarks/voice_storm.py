"""A storm of members in an encrypted call: 20 people come and go in random order while we play.

Each change is followed by 0.3 to 0.7 s; half of the people learn of commits up to 300 ms late. Counted are our frames
that people could not decrypt who had been there for a second before a change (a newcomer hears us within half a
second); the pacing is what the voice server measured of us.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator

from benchmarks.measure import table
from voxlink.testing import SimulatedMember, VoiceServer
from voxlink.voice import connect

MEMBERS = 20
CHANGES = 200
SETTLED_S = 1.0
GUILD, US, CHANNEL = 1, 1000, 3


async def endless() -> AsyncIterator[bytes]:
    for index in itertools.count():
        yield b"\xfc" + index.to_bytes(4, "big") * 40


async def storm(members: int, changes: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    async with VoiceServer(dave_version=1) as server:
        os.environ["SSL_CERT_FILE"] = str(server.certificate)
        login = server.admit(GUILD, US, CHANNEL)
        async with await connect(
            endpoint=login.endpoint, token=login.token, session_id=login.session_id, user_id=US, guild_id=GUILD,
            channel_id=CHANNEL,
        ) as call:  # fmt: skip
            present: dict[int, SimulatedMember] = {}
            joined_at: dict[int, float] = {}
            clock = asyncio.get_running_loop().time

            def join(user_id: int) -> None:
                joined_at[user_id] = clock()
                present[user_id] = server.seat(GUILD, user_id, CHANNEL)
                present[user_id].commit_delay_s = chance.choice((0.0, chance.uniform(0, 0.3)))

            for user_id in range(1, members // 2 + 1):
                join(user_id)
            await asyncio.sleep(2)
            call.play(endless())
            await asyncio.sleep(1)
            lost: list[int] = []
            for _ in range(changes):
                absent = [user for user in range(1, members + 1) if user not in present]
                before = {user: member for user, member in present.items() if clock() - joined_at[user] > SETTLED_S}
                if len(present) < 3 or (absent and chance.random() < 0.5):
                    join(chance.choice(absent))
                else:
                    gone = chance.choice(list(present))
                    before.pop(gone, None)
                    present.pop(gone).leave()
                counts = {user: member.undecodable.get(US, 0) for user, member in before.items()}
                await asyncio.sleep(chance.uniform(0.3, 0.7))
                lost += [member.undecodable.get(US, 0) - counts[user] for user, member in before.items()]
            pacing = server.listener(GUILD, US).pacing()
            frames = call.stats().frames
            for member in present.values():
                member.leave()
    return [
        str(changes), str(len(lost)), str(sum(lost)), str(max(lost)), f"{pacing.median_ms:.2f}", f"{pacing.p99_ms:.2f}",
        f"{pacing.max_gap_ms:.1f}", f"{pacing.jitter_ms:.2f}", str(frames.underruns),
    ]  # fmt: skip


def main() -> None:
    header = [
        "changes", "x old members", "frames lost", "most in one", "gap p50 ms", "p99", "max", "jitter", "underruns",
    ]  # fmt: skip
    print(table(header, [asyncio.run(storm(MEMBERS, CHANGES, 7))]))


if __name__ == "__main__":
    main()
