"""Three nodes, hundreds of players, ten bad minutes and a bot that restarts twice: every player plays on."""

from __future__ import annotations

import asyncio

import pytest

from client.chaos.oracle import Oracle
from client.chaos.story import RESTARTS, Story
from client.chaos.virtual_time import Deadlock, run_virtually

SHORT_SEEDS = (7, 12, 19, 20, 21, 23, 24, 46, 65, 68, 107, 110)
"""Each has once shown a defect of ours."""
SEEDS = range(1, 4)


def run(seed: int, players: int, length_s: float, caplog: pytest.LogCaptureFixture) -> Story:
    caplog.set_level("CRITICAL", "voxlink")
    story = Story(seed, players, length_s)
    run_virtually(story.tell())
    return story


def check(story: Story) -> None:
    kinds = {entry[2] for entry in story.log if entry[1] == "bot"}
    assert kinds == {*RESTARTS, "started"}, "the bot restarted both ways"
    assert len(story.final) == story.players
    assert Oracle(story).broken() == []


@pytest.mark.parametrize("seed", SHORT_SEEDS)
def test_every_player_outlives_a_bad_day(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    check(run(seed, 30, 600, caplog))


def test_the_same_seed_gives_the_same_log(caplog: pytest.LogCaptureFixture) -> None:
    first, second, other = (run(seed, 10, 300, caplog) for seed in (3, 3, 4))
    assert first.log == second.log
    assert first.log != other.log


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_three_hundred_players_outlive_ten_bad_minutes(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    story = run(seed, 300, 600, caplog)
    check(story)
    assert run(seed, 300, 600, caplog).log == story.log


def test_an_oracle_that_sees_nothing_would_be_no_oracle(caplog: pytest.LogCaptureFixture) -> None:
    story = run(2, 5, 300, caplog)
    guild_id = next(iter(story.order))
    story.final[guild_id]["positions"][0] += 600
    story.final[guild_id]["queue"] = []
    story.log = [entry for entry in story.log if entry[1:4] != ("told", "TrackEndEvent", guild_id)]
    story.tasks_left.append("somebody")
    assert len(Oracle(story).broken()) == 4


def test_time_passes_only_when_nothing_is_ready() -> None:
    seen: list[tuple[str, float]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(3600, lambda: seen.append(("timer", loop.time())))
        for _ in range(100):
            await asyncio.sleep(0)
        seen.append(("ready", loop.time()))
        await asyncio.sleep(7200)
        seen.append(("slept", loop.time()))

    run_virtually(main())
    assert seen == [("ready", 0.0), ("timer", 3600.0), ("slept", 7200.0)]


def test_waiting_for_what_cannot_come_is_an_error() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        run_virtually(main())
