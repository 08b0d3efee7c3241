"""The vocabulary of trouble: what goes wrong between Discord and the bot, and how often. Pure; seeded."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from voxlink.testing.discord.state import Json

__all__ = ["Dispatch", "RestTrouble", "Trouble"]


@dataclass(slots=True, frozen=True)
class Dispatch:
    """A gateway event on its way to a bot, `delay_s` from now."""

    name: str
    data: Json
    delay_s: float = 0.0


@dataclass(slots=True)
class _Spell:
    """One thing that goes wrong with an event, a number of times."""

    name: str
    times: int
    apply: Callable[[Dispatch], list[Dispatch]]


@dataclass(slots=True)
class RestTrouble:
    """One thing that goes wrong with REST requests: an answer in place of the right one."""

    method: str
    path: str
    status: int
    times: int
    retry_after_s: float = 0.0
    is_global: bool = False


@dataclass(slots=True)
class Trouble:
    """What shall go wrong. Each verb adds one thing; without any, Discord behaves.

    Events are named as on the wire (`VOICE_SERVER_UPDATE`); `times` says for how many of them from now on.
    """

    seed: int = 0
    server_update_first: bool = False
    """Whether a join is answered by the voice server update before the voice state update."""
    withhold_heartbeat_acks: bool = False
    """Whether the gateway stops answering heartbeats, as a dead connection does."""
    _spells: list[_Spell] = field(default_factory=list[_Spell])
    _rest: list[RestTrouble] = field(default_factory=list[RestTrouble])
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def lose(self, name: str, *, times: int = 1) -> None:
        """The next events of this name never arrive."""
        self._spells.append(_Spell(name, times, lambda _: []))

    def repeat(self, name: str, *, times: int = 1) -> None:
        """The next events of this name arrive twice."""
        self._spells.append(_Spell(name, times, lambda one: [one, one]))

    def delay(self, name: str, delay_s: float, *, times: int = 1) -> None:
        """The next events of this name come later; what follows overtakes them."""
        self._spells.append(_Spell(name, times, lambda one: [Dispatch(one.name, one.data, one.delay_s + delay_s)]))

    def jitter(self, name: str, up_to_s: float, *, times: int = 1) -> None:
        """The next events of this name come up to so much later, as the seed decides."""
        drawn = [self._random.uniform(0.0, up_to_s) for _ in range(times)]
        self._spells.append(_Spell(name, times, lambda one: [Dispatch(one.name, one.data, one.delay_s + drawn.pop())]))

    def null_endpoint(self, *, then_after_s: float | None = 0.05, times: int = 1) -> None:
        """The next voice server updates come with `endpoint: null` first; the right one follows, or never (None)."""

        def two(one: Dispatch) -> list[Dispatch]:
            null = Dispatch(one.name, {**one.data, "endpoint": None}, one.delay_s)
            if then_after_s is None:
                return [null]
            return [null, Dispatch(one.name, one.data, one.delay_s + then_after_s)]

        self._spells.append(_Spell("VOICE_SERVER_UPDATE", times, two))

    def fail(self, method: str, path: str, *, status: int = 502, times: int = 1) -> None:
        """The next requests whose path holds `path` are answered with a server error."""
        self._rest.append(RestTrouble(method, path, status, times))

    def rate_limit(
        self, method: str, path: str, *, retry_after_s: float = 0.05, times: int = 1, is_global: bool = False
    ) -> None:
        """The next requests whose path holds `path` are answered with 429."""
        self._rest.append(RestTrouble(method, path, 429, times, retry_after_s, is_global))

    def on_dispatch(self, one: Dispatch) -> list[Dispatch]:
        """What becomes of an event."""
        for spell in self._spells:
            if spell.name == one.name:
                spell.times -= 1
                self._spells = [s for s in self._spells if s.times > 0]
                return spell.apply(one)
        return [one]

    def on_request(self, method: str, path: str) -> RestTrouble | None:
        """The trouble that a request runs into."""
        for trouble in self._rest:
            if trouble.method == method and trouble.path in path:
                trouble.times -= 1
                self._rest = [t for t in self._rest if t.times > 0]
                return trouble
        return None

    def clear(self) -> None:
        """Discord behaves again."""
        self._spells.clear()
        self._rest.clear()
        self.server_update_first = self.withhold_heartbeat_acks = False
