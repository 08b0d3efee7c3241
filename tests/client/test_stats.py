"""Statistics and Lavalink.py's penalty."""

from typing import Any, cast

import pytest

from voxlink.client import Node
from voxlink.client.stats import Stats

NODE = cast("Node", None)


def stats(load: float = 0, playing: int = 0, nulled: int = 0, deficit: int = 0) -> Stats:
    return Stats(
        NODE,
        {
            "playingPlayers": playing,
            "cpu": {"systemLoad": load},
            "frameStats": {"sent": 3000, "nulled": nulled, "deficit": deficit},
        },
    )


@pytest.mark.parametrize(
    ("given", "total"),
    [
        (stats(load=0.1, playing=10), 16.3),
        (stats(load=0.5), 104.7),
        (stats(load=0.5, playing=10), 114.7),
        (stats(load=1.0), 1305),
        (stats(load=1.0, playing=10), 1315),
        (stats(nulled=300), 2030),
        (stats(nulled=1500), 971_000),
        (stats(deficit=-3000), 0),
        (Stats.empty(NODE), 0),
    ],
)
def test_the_penalty_has_lavalink_pys_numbers_and_is_never_negative(given: Stats, total: float) -> None:
    assert given.penalty.total == pytest.approx(total, rel=0.01, abs=0.05)


def test_every_figure_has_its_name() -> None:
    data: dict[str, Any] = {
        "players": 3,
        "playingPlayers": 2,
        "uptime": 9,
        "memory": {"free": 1, "used": 2, "allocated": 3, "reservable": 4},
        "cpu": {"cores": 8, "systemLoad": 0.25, "lavalinkLoad": 0.125},
        "frameStats": {"sent": 5, "nulled": 6, "deficit": 7},
    }
    made = Stats(NODE, data)
    assert (made.players, made.playing_players, made.uptime, made.is_fake) == (3, 2, 9, False)
    assert (made.memory_free, made.memory_used, made.memory_allocated, made.memory_reservable) == (1, 2, 3, 4)
    assert (made.cpu_cores, made.system_load, made.lavalink_load) == (8, 0.25, 0.125)
    assert (made.frames_sent, made.frames_nulled, made.frames_deficit) == (5, 6, 7)


def test_missing_figures_are_zero() -> None:
    assert Stats(NODE, {"frameStats": None}).frames_sent == 0
    assert Stats.empty(NODE).is_fake


def test_each_part_of_the_penalty_is_of_its_own_figure() -> None:
    names = ("player_penalty", "cpu_penalty", "null_frame_penalty", "deficit_frame_penalty")
    for index, given in enumerate((stats(playing=7), stats(load=0.5), stats(nulled=300), stats(deficit=300))):
        parts = [getattr(given.penalty, name) for name in names]
        assert [part > 0 for part in parts] == [part == index for part in range(4)]
        assert given.penalty.total == sum(parts)
    assert stats(playing=7).penalty.player_penalty == 7
