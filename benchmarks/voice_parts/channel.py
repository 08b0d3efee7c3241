"""A simulated voice server and the people in its channel, in a process of its own, so that they do not slow the sender.

    python -m benchmarks.voice_parts.channel MEMBERS CHANGES SECONDS SEED

Prints a line of JSON with what a client needs to join, and another with what was heard: after CHANGES comings and
goings, or after SECONDS if there are none.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
import sys

from voxlink.testing import SimulatedMember, VoiceServer
from voxlink.testing.pacing import measure_pacing

SETTLED_S = 1.0
"""Who was there for so long counts as somebody who was there before a change."""
LARGEST_SKEW_S = 0.3
WATCH_EVERY_S = 0.01
DEADLINE_S = 60.0
GUILD, US, CHANNEL = 1, 1000, 3


class Crowd:
    """People who come and go; half of them learn of each commit late."""

    def __init__(self, server: VoiceServer, seed: int) -> None:
        self._server = server
        self._chance = random.Random(seed)
        self._joined_at: dict[int, float] = {}
        self.present: dict[int, SimulatedMember] = {}
        self.late_s = 0.0
        """How long this process has held everybody up since the last change: commits come so much later than meant."""
        self.heard = 0
        """Frames of ours that those who were there before a change have decrypted after it."""

    def join(self, user_id: int) -> None:
        self._joined_at[user_id] = asyncio.get_running_loop().time()
        member = self.present[user_id] = self._server.seat(GUILD, user_id, CHANNEL)
        member.commit_delay_s = self._chance.choice((0.0, self._chance.uniform(0, LARGEST_SKEW_S)))

    async def watch(self) -> None:
        """Keep `late_s`, until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + WATCH_EVERY_S
            await asyncio.sleep(WATCH_EVERY_S)
            self.late_s = max(self.late_s, clock() - due)

    async def change(self, members: int) -> list[tuple[int, float]]:
        """Let one come or go; return how many of our frames each of those could not decrypt who was there before, and
        by how many seconds at most each learned of the commit late: what was meant, and what this process added.
        """
        self.late_s = 0.0
        now = asyncio.get_running_loop().time()
        before = {user: seat for user, seat in self.present.items() if now - self._joined_at[user] > SETTLED_S}
        absent = [user for user in range(1, members + 1) if user not in self.present]
        if len(self.present) < 3 or (absent and self._chance.random() < 0.5):
            self.join(self._chance.choice(absent))
        else:
            gone = self._chance.choice(list(self.present))
            before.pop(gone, None)
            self.present.pop(gone).leave()
        counts = {user: seat.undecodable.get(US, 0) for user, seat in before.items()}
        self.heard -= sum(len(seat.listener(US).frames) for seat in before.values())
        await asyncio.sleep(self._chance.uniform(0.3, 0.7))
        self.heard += sum(len(seat.listener(US).frames) for seat in before.values())
        late_s = self.late_s
        return [
            (seat.undecodable.get(US, 0) - counts[user], seat.commit_delay_s + late_s) for user, seat in before.items()
        ]


async def run(members: int, changes: int, seconds: float, seed: int) -> None:
    async with VoiceServer(dave_version=1) as server:
        login = server.admit(GUILD, US, CHANNEL)
        join = {"endpoint": login.endpoint, "token": login.token, "session_id": login.session_id}
        print(json.dumps({**join, "certificate": str(server.certificate)}), flush=True)
        crowd = Crowd(server, seed)
        heard = server.listener(GUILD, US)
        await heard.wait_frames(1, DEADLINE_S)
        for user_id in range(1, members // 2 + 1):
            crowd.join(user_id)
        await server.wait_settled(CHANNEL, DEADLINE_S)
        await heard.wait_frames(len(heard.frames) + 100, DEADLINE_S)
        first = len(heard.frames)
        lost: list[tuple[int, float]] = []
        watch = asyncio.create_task(crowd.watch())
        for _ in range(changes):
            lost += await crowd.change(members)
        await asyncio.sleep(seconds)
        watch.cancel()
        said = {"lost": lost, "heard": crowd.heard, "missing": heard.missing, "faults": heard.faults}
        measured = heard.frames[first:]
        for member in list(crowd.present.values()):
            member.leave()
    gaps = measure_pacing([frame.arrived_at for frame in measured])
    said["silent"] = sum(frame.is_silence for frame in measured)
    print(json.dumps({**said, **dataclasses.asdict(gaps)}), flush=True)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
