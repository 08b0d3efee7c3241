"""What must be true after a story, whatever happened in it; each broken promise is one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from client.chaos.story import Story

CLOSE_S = 0.5
"""How far a position may be from what continuous play would give."""
RECONNECT_S = 45.0
"""The longest wait between two attempts to reach a node (30 s, spread by 30 %), with the requests after it."""


@dataclass(frozen=True)
class Start:
    """A track begins to sound on a machine, at `position_s`."""

    at: float
    machine: str
    title: str
    position_s: float


class Oracle:
    """Reads a story's log once and answers `broken()`."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.starts: dict[int, list[Start]] = {guild: [] for guild in story.order}
        self.ends: dict[int, list[str]] = {guild: [] for guild in story.order}
        self.announced: dict[int, list[tuple[float, float]]] = {guild: [] for guild in story.order}
        self.adopted: dict[int, list[float]] = {guild: [] for guild in story.order}
        self.losses: dict[str, list[float]] = {}
        self.troubles: list[tuple[float, float, str]] = []
        self.bot_away: list[tuple[float, float]] = []
        self._read()

    def _read(self) -> None:  # noqa: C901 - one case for each kind of line
        down: dict[str, float] = {}
        left = 0.0
        for at, kind, *what in self.story.log:
            match kind, what:
                case "start", [guild, machine, title, position]:
                    self.starts[guild].append(Start(at, machine, title, position / 1000))
                case "told", ["TrackEndEvent", guild, title, _, "finished"]:
                    self.ends[guild].append(title)
                case "told", ["PlayerRestoredEvent", guild, _, _, outage, False]:
                    self.announced[guild].append((at, outage / 1000))
                case "told", ["PlayerMigratedEvent", guild, _, _, outage]:
                    self.announced[guild].append((at, outage / 1000))
                case "told", ["NodeDisconnectedEvent", _, _, machine]:
                    self.losses.setdefault(machine, []).append(at)
                case "told", ["PlayerRestoredEvent", guild, _, _, _, True]:
                    self.adopted[guild].append(at)
                case "trouble", [machine, *_]:
                    down[machine] = at
                case "machine", [machine, "up"]:
                    self.troubles.append((down.pop(machine), at + RECONNECT_S, machine))
                case "bot", ["started"]:
                    self.bot_away.append((left, at))
                case "bot", [_]:
                    left = at
                case "looked", []:
                    return  # what ends while the bot closes for good is told, and nothing follows it
                case _:
                    pass

    def broken(self) -> list[str]:
        """Every promise that was broken."""
        found = [f"a task is left: {name}" for name in self.story.tasks_left]
        for guild_id, titles in self.story.order.items():
            words = [*self._end_state(guild_id, titles), *self._order(guild_id, titles), *self._sound(guild_id)]
            found += [f"guild {guild_id}: {sentence}" for sentence in words]
        return found

    def _end_state(self, guild_id: int, titles: list[str]) -> list[str]:
        """One node, the right one, the right track and position, queue, volume and filters."""
        final = self.story.final[guild_id]
        number = (guild_id >> 22) - 1
        if final["on"] != [final["node"]]:
            return [f"it is on {final['on']}, and the bot thinks on {final['node']}"]
        found: list[str] = []
        if final["current"] not in titles or final["tracks"] != [final["current"]]:
            return [f"{final['tracks']} plays, and the bot thinks {final['current']}"]
        if abs(final["positions"][0] - final["position"]) > CLOSE_S * 1000:
            found.append(f"it is at {final['positions'][0]} ms, and the bot thinks at {final['position']} ms")
        if final["queue"] != titles[titles.index(final["current"]) + 1 :]:
            found.append(f"after {final['current']} the queue is {final['queue']}")
        if final["requesters"] not in ([number], []):
            found.append(f"the requesters are {final['requesters']}")
        if final["volumes"] != [50 + number % 100]:
            found.append(f"the volume is {final['volumes']}")
        speed = 1.0 + number % 7 / 10
        wanted: Any = {"timescale": {"speed": speed, "pitch": 1.0, "rate": 1.0}}
        if final["filters"] != [wanted]:
            found.append(f"the filters are {final['filters']}")
        return found

    def _order(self, guild_id: int, titles: list[str]) -> list[str]:
        """Tracks sound in the queue's order, and each end is told once and in order."""
        found: list[str] = []
        sounded: list[str] = []
        for start in self.starts[guild_id]:
            if not sounded or sounded[-1] != start.title:
                sounded.append(start.title)
        if sounded != titles[: len(sounded)]:
            found.append(f"the tracks sounded in the order {sounded}")
        if self.ends[guild_id] != sounded[:-1]:
            found.append(f"ends were told of {self.ends[guild_id]}, and the tracks were {sounded}")
        return found

    def _sound(self, guild_id: int) -> list[str]:
        """From start to start: a track goes on where it was when it was lost; the next follows at once."""
        starts = self.starts[guild_id]
        found: list[str] = []
        for before, after in pairwise(starts):
            if before.title == after.title:
                found += self._goes_on(guild_id, before, after)
            else:
                end = before.at + self.story.lengths_ms[before.title] / 1000 - before.position_s
                gap = after.at - end
                if gap < -CLOSE_S or (gap > CLOSE_S and not self._is_excused(before, after, end)):
                    found.append(f"{gap:.3f} s between {before} and {after}")
        return found

    def _goes_on(self, guild_id: int, before: Start, after: Start) -> list[str]:
        """The position of a restored track, and the outage that was announced with it."""
        lost, by_restart = self._lost_at(guild_id, before, after)
        length_s = self.story.lengths_ms[before.title] / 1000
        wanted = min(before.position_s + lost - before.at, length_s)
        found: list[str] = []
        if abs(after.position_s - wanted) > CLOSE_S:
            found.append(f"{before} was lost at {lost} and went on as {after}, but {wanted:.3f} s would be right")
        told = [outage for at, outage in self.announced[guild_id] if after.at - CLOSE_S <= at <= after.at + 1]
        if any(at <= gone <= at + CLOSE_S for gone, _ in self.bot_away for at in (before.at, after.at)):
            return found  # the bot ended before it could keep that the track began, or tell that it went on
        if not told:
            found.append(f"nobody was told of the outage before {after}")
        elif not by_restart and abs(told[0] - (after.at - lost)) > CLOSE_S:
            found.append(f"an outage of {told[0]} s was announced, but it was {after.at - lost:.3f} s before {after}")
        return found

    def _lost_at(self, guild_id: int, before: Start, after: Start) -> tuple[float, bool]:
        """When the bot lost the machine, or itself: the first loss after the last time that it found the player."""
        lost: tuple[float, bool] | None = None
        marks = [(at, True, False) for at in self.losses.get(before.machine, [])]
        marks += [(gone, True, True) for gone, _ in self.bot_away]
        marks += [(at, False, False) for at in self.adopted[guild_id]]
        for at, is_loss, by_restart in sorted(marks):
            if before.at <= at <= after.at:
                lost = (lost or (at, by_restart)) if is_loss else None
        return lost or (after.at, False)

    def _is_excused(self, before: Start, after: Start, end: float) -> bool:
        """Whether a node of the two, or the bot, was in trouble from the end of the one to the start of the other."""
        names = {before.machine, after.machine}
        away = any(gone - CLOSE_S <= after.at and back + RECONNECT_S >= end for gone, back in self.bot_away)
        bad = any(
            name in names and since - CLOSE_S <= after.at and until >= end for since, until, name in self.troubles
        )
        return away or bad
